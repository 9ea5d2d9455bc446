// Serves the page: its messages become calls of the machine, the machine's news become messages. Knows neither the worker's
// globals nor how the wasm is loaded, so that it runs in tests too.
import { makeWallClock, steadyMicros } from './clock.ts';
import { MODULE_INTERVAL_MS, MODULE_REFRESH_MS, WIRE_INTERVAL_MS } from './limits.ts';
import { Machine, type MachineHost, type MachineModule, type MachineOptions } from './machine.ts';
import { OutputBatch } from './output.ts';
import { Pump, type Scheduler } from './pump.ts';
import { type OpenSocket, Uplink } from './uplink.ts';
import type { PageMessage, Pid, WorkerMessage } from '../protocol.ts';

/** Where a machine keeps the project's files. */
const PROJECT = '/project/';

export interface MachineServerOptions {
  readonly module: MachineModule;
  readonly post: (message: WorkerMessage) => void;
  readonly scheduler: Scheduler;
  readonly openSocket: OpenSocket;
  readonly machine?: MachineOptions;
}

/** A message for a machine that runs; `boot` comes before there is one. */
export type MachineMessage = Exclude<PageMessage, { kind: 'boot' }>;

export class MachineServer {
  readonly #post: (message: WorkerMessage) => void;
  readonly #scheduler: Scheduler;
  readonly #machine: Machine;
  readonly #pump: Pump;
  readonly #uplink: Uplink;
  readonly #output = new OutputBatch();
  readonly #began: number;

  // What the turn brought, until it is over.
  #exits: Extract<WorkerMessage, { kind: 'exited' }>[] = [];
  #readers = new Map<Pid, boolean>();
  #hasNewDoors = false;
  #hasNewTunnelState = false;
  #hasNewFiles = false;

  #isWatchingWire = false;
  #wireTimer: (() => void) | null = null;
  #hasNewModule = false;
  #moduleTimer: (() => void) | null = null;
  #moduleRefresh: (() => void) | null = null;
  #isDown = false;

  constructor(options: MachineServerOptions) {
    this.#post = options.post;
    this.#scheduler = options.scheduler;
    this.#began = options.scheduler.now();
    this.#uplink = new Uplink(options.openSocket, {
      onOpen: (pipe, protocol) => this.#feed(() => this.#machine.uplinkOpened(pipe, protocol)),
      onMessage: (pipe, message) => this.#feed(() => this.#handlePipeMessage(pipe, message)),
      onDrained: (pipe) => this.#feed(() => this.#machine.uplinkDrained(pipe)),
      onClosed: (pipe, code, reason) =>
        this.#feed(() => this.#machine.uplinkClosed(pipe, code, reason)),
    });
    this.#machine = new Machine(options.module, this.#makeHost(), options.machine);
    this.#pump = new Pump(options.scheduler, {
      run: (budget) => this.#machine.run(budget),
      onTurn: () => this.#tell(),
      onFailure: (error) => this.#fail(error),
    });
    this.#post({ kind: 'ready', luaVersion: this.#machine.luaVersion });
  }

  /** Does what the page asks. */
  handle(message: MachineMessage): void {
    if (this.#isDown) return;
    try {
      this.#obey(message);
      this.#tell();
      this.#pump.wake();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Closes the tunnel and frees the machine. */
  dispose(): void {
    this.#shut();
    this.#machine.dispose();
  }

  #makeHost(): MachineHost {
    return {
      wallClock: makeWallClock(),
      steadyClock: steadyMicros,
      entropy: (into) => void crypto.getRandomValues(into),
      write: (pid, stream, bytes) => this.#output.add(pid, stream, bytes),
      exited: (pid, status, reason) => {
        this.#output.end(pid);
        this.#readers.delete(pid);
        this.#exits.push({ kind: 'exited', pid, status, reason });
      },
      reading: (pid, waits) => void this.#readers.set(pid, waits),
      doorsChanged: () => void (this.#hasNewDoors = true),
      tunnelChanged: () => void (this.#hasNewTunnelState = true),
      filesChanged: () => void (this.#hasNewFiles = true),
      moduleChanged: () => void (this.#hasNewModule = true),
      uplink: this.#uplink,
    };
  }

  #obey(message: MachineMessage): void {
    const machine = this.#machine;
    switch (message.kind) {
      case 'put-files': {
        this.#putFiles(message.files);
        return;
      }
      case 'read-file': {
        const bytes = machine.readFile(PROJECT + message.path);
        this.#post({ kind: 'file', request: message.request, bytes });
        return;
      }
      case 'run': {
        const { request } = message;
        const spawned = machine.spawn(message);
        if ('pid' in spawned) this.#post({ kind: 'started', request, pid: spawned.pid });
        else this.#post({ kind: 'refused', request, message: spawned.refused });
        return;
      }
      case 'stop': {
        machine.stop(message.pid);
        return;
      }
      case 'stdin': {
        this.#type(message.pid, message.text);
        return;
      }
      case 'stdin-end': {
        machine.endInput(message.pid);
        return;
      }
      case 'shown': {
        machine.acknowledgeOutput(message.pid, message.bytes);
        return;
      }
      case 'check': {
        const error = machine.check(message.path, message.text);
        const { line, message: text } = error ?? { line: null, message: '' };
        this.#post({ kind: 'checked', request: message.request, line, message: text });
        return;
      }
      case 'tunnel': {
        machine.setTunnel(message.url);
        return;
      }
      case 'shut-door': {
        machine.shutDoor(message.socket, message.published);
        return;
      }
      case 'watch-wire': {
        this.#isWatchingWire = message.on;
        machine.watchWire(message.on);
        return;
      }
      case 'census': {
        const { processes, sockets, timers, parked, memoryBytes } = machine.census();
        const census = { processes, sockets, timers, parked, memoryBytes };
        this.#post({ kind: 'census', request: message.request, census });
        return;
      }
      case 'module': {
        machine.actOnModule(message.action);
        this.#hasNewModule = true;
        return;
      }
    }
  }

  // What a script wrote before this moment is told first, so that the page's files do not undo it unseen.
  #putFiles(files: Readonly<Record<string, string | Uint8Array>>): void {
    this.#tellFiles();
    for (const path of this.#machine.listFiles(PROJECT)) {
      if (!Object.hasOwn(files, path.slice(PROJECT.length))) this.#machine.removeFile(path);
    }
    const refused: string[] = [];
    for (const [path, content] of Object.entries(files)) {
      const why = this.#machine.putFile(PROJECT + path, content, 'writable');
      if (why !== null) refused.push(`${path}: ${why}`);
    }
    this.#machine.takeChangedFiles(); // the page knows these
    this.#hasNewFiles = false;
    if (refused.length > 0) console.warn(`files the machine did not take: ${refused.join(', ')}`);
  }

  #type(pid: Pid, text: string): void {
    if (this.#machine.type(pid, text)) return;
    const why = 'moonwire: the last input was not taken: too much of it is unread\n';
    this.#output.add(pid, 2, new TextEncoder().encode(why));
  }

  #handlePipeMessage(pipe: number, message: Uint8Array): void {
    if (this.#machine.uplinkMessage(pipe, message)) return;
    this.#uplink.close(pipe);
    this.#machine.uplinkClosed(pipe, 1009, 'message too big');
  }

  // News from the uplink: into the machine, and on without a detour (a tunnel's round trip counts every hop).
  #feed(news: () => void): void {
    if (this.#isDown) return;
    try {
      news();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#pump.wakeNow();
  }

  // Passes on what the machine brought since the last time: output first, then what happened.
  #tell(): void {
    for (const message of this.#output.take()) this.#post(message);
    for (const [pid, waits] of this.#readers) this.#post({ kind: 'reading', pid, waits });
    this.#readers.clear();
    this.#tellFiles();
    for (const message of this.#exits) this.#post(message);
    this.#exits = [];
    if (this.#hasNewDoors) {
      this.#hasNewDoors = false;
      this.#post({ kind: 'listeners', listeners: this.#machine.listeners() });
    }
    if (this.#hasNewTunnelState) {
      this.#hasNewTunnelState = false;
      this.#post({ kind: 'tunnel', state: this.#machine.tunnelState() });
    }
    if (this.#isWatchingWire) {
      this.#wireTimer ??= this.#scheduler.after(WIRE_INTERVAL_MS, () => this.#tellWire());
    }
    if (this.#hasNewModule) {
      this.#moduleTimer ??= this.#scheduler.after(MODULE_INTERVAL_MS, () => this.#tellModule());
    }
  }

  #tellFiles(): void {
    if (!this.#hasNewFiles) return;
    this.#hasNewFiles = false;
    const files: Record<string, Uint8Array | null> = {};
    let any = false;
    for (const path of this.#machine.takeChangedFiles()) {
      if (!path.startsWith(PROJECT)) continue;
      files[path.slice(PROJECT.length)] = this.#machine.readFile(path);
      any = true;
    }
    if (any) this.#post({ kind: 'files-changed', files });
  }

  #tellWire(): void {
    this.#wireTimer = null;
    if (this.#isDown) return;
    try {
      const { records, lost } = this.#machine.takeWire();
      if (records.length === 0 && lost === 0) return;
      const told = records.map(({ time, ...record }) => ({
        ...record,
        timeMs: (time - this.#began) / 1000,
      }));
      this.#post({ kind: 'wire', records: told, lost });
    } catch (error) {
      this.#fail(error);
    }
  }

  #tellModule(): void {
    this.#moduleTimer = null;
    this.#moduleRefresh?.();
    this.#moduleRefresh = null;
    if (this.#isDown) return;
    try {
      this.#hasNewModule = false;
      for (const { port, bytes, lost } of this.#machine.takeModuleUart()) {
        this.#post({ kind: 'module-uart', port, bytes, lost });
      }
      const { records, lost } = this.#machine.takeModuleAt();
      if (records.length > 0 || lost > 0) {
        const told = records.map(({ time, ...record }) => ({
          ...record,
          timeMs: (time - this.#began) / 1000,
        }));
        this.#post({ kind: 'module-at', records: told, lost });
      }
      const state = this.#machine.moduleState();
      this.#post({ kind: 'module', state });
      if (state.power === 'off') return;
      this.#moduleRefresh = this.#scheduler.after(MODULE_REFRESH_MS, () => this.#tellModule());
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isDown) return;
    this.#shut();
    for (const message of this.#output.take()) this.#post(message);
    this.#post({
      kind: 'crashed',
      message: error instanceof Error ? error.message : String(error),
    });
  }

  #shut(): void {
    this.#isDown = true;
    this.#pump.stop();
    this.#wireTimer?.();
    this.#moduleTimer?.();
    this.#moduleRefresh?.();
    this.#uplink.dispose();
  }
}
