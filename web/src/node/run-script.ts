// One run of `./moonwire lua`: a machine, the main script with its companions, the terminal, the disk.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';

import { CompanionOutput } from './companion-output.ts';
import { Folders } from './folders.ts';
import { FILE_BYTES, FILE_SYSTEM_BYTES, WRITE_BACK_INTERVAL_MS } from './limits.ts';
import type { RunOptions } from './options.ts';
import { lua51NameMissing } from '../lua51.ts';
import type { Pid } from '../protocol.ts';
import { makeWallClock, steadyMicros } from '../worker/clock.ts';
import { Machine, type MachineHost, type MachineModule } from '../worker/machine.ts';
import { Pump, type Scheduler } from '../worker/pump.ts';
import { type OpenSocket, Uplink } from '../worker/uplink.ts';

const PROJECT = '/project/';

/** The terminal, as Node's process has it. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** The script cannot be started; the message is for people. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

function given(script: RunOptions['script']): string {
  return 'file' in script ? script.file : '(command line)';
}

const nodeScheduler: Scheduler = {
  soon: (run) => void setImmediate(run),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  now: steadyMicros,
};

export class ScriptRun {
  readonly #terminal: Terminal;
  readonly #machine: Machine;
  readonly #pump: Pump;
  readonly #uplink: Uplink;
  readonly #folders = new Folders();
  readonly #companions = new Map<Pid, CompanionOutput>();
  #finish: (status: number) => void = () => undefined;
  /** The status of the whole run. */
  readonly ended = new Promise<number>((finish) => (this.#finish = finish));

  #main: Pid = 0;
  #isOver = false;
  #stopStatus: number | null = null;
  #heldInput: Uint8Array | null = null;
  #hasStartedInput = false;
  #hasChangedFiles = false;
  #hasNewTunnelState = false;
  #hasHinted = false;
  #hasHintedAtChuck = false;
  #toldAboutTunnel = '';
  #lastWriteBack = 0;
  // A machine that waits for a connection inside itself has nothing that keeps Node from ending.
  readonly #keepAlive = setInterval(() => undefined, 0x7fffffff);

  constructor(
    module: MachineModule,
    openSocket: OpenSocket,
    terminal: Terminal,
    memoryBytes: number | null,
  ) {
    this.#terminal = terminal;
    this.#uplink = new Uplink(openSocket, {
      onOpen: (pipe, protocol) => this.#feed((machine) => machine.uplinkOpened(pipe, protocol)),
      onMessage: (pipe, bytes) => this.#feed((machine) => void machine.uplinkMessage(pipe, bytes)),
      onDrained: (pipe) => this.#feed((machine) => machine.uplinkDrained(pipe)),
      onClosed: (pipe, code, reason) =>
        this.#feed((machine) => machine.uplinkClosed(pipe, code, reason)),
    });
    this.#machine = new Machine(module, this.#makeHost(), {
      fileSystemBytes: FILE_SYSTEM_BYTES,
      fileBytes: FILE_BYTES,
      ...(memoryBytes === null ? {} : { processMemoryBytes: memoryBytes }),
    });
    this.#pump = new Pump(nodeScheduler, {
      run: (budget) => this.#machine.run(budget),
      onTurn: () => this.#afterTurn(),
      onFailure: (error) => this.#fail(error),
    });
  }

  /** Starts the companions, then the main script. @throws {StartError} */
  start(options: RunOptions, tunnel: string | null): void {
    try {
      this.#start(options, tunnel);
    } catch (error) {
      this.#end(1);
      throw error;
    }
  }

  /** Ends the main script, and with it the run, with this status. One that catches SIGINT may end itself the first time. */
  interrupt(status: number): void {
    if (this.#isOver) return;
    this.#stopStatus = status;
    this.#feed((machine) => machine.stop(this.#main));
  }

  /** Ends it whatever it catches. */
  stop(status: number): void {
    this.interrupt(status);
    this.interrupt(status);
  }

  /** Ends at once: nobody reads what we print. */
  abandon(status: number): void {
    this.#end(status);
  }

  #start(options: RunOptions, tunnel: string | null): void {
    const { script, args, dialect, lua51, debug } = options;
    if (dialect === 'luat') {
      this.#machine.actOnModule({ do: 'profile', profile: options.module });
    }
    this.#hasHinted = lua51;
    this.#hasHintedAtChuck = dialect === 'chuck';
    const file = 'file' in script && script.file !== '-' ? resolve(script.file) : null;
    if (file !== null && !existsSync(file)) throw new StartError(`cannot open ${given(script)}`);
    const project = file === null ? process.cwd() : dirname(file);
    this.#folders.mount(PROJECT, project, 'writable');
    const libraryFolders = options.libraries.map((folder, index) =>
      this.#mountLibrary(folder, index),
    );
    if (tunnel !== null) this.#machine.setTunnel(tunnel);

    // There is one module in a machine; what stands beside it are ordinary servers.
    const beside = dialect === 'luat' ? 'luasocket' : dialect;
    for (const companion of options.companions) {
      const path = this.#mountCompanion(resolve(companion), project);
      const pid = this.#spawn({ path, args: [], dialect: beside, libraryFolders, lua51, debug });
      const name = basename(companion).replace(/\.lua$/, '');
      this.#companions.set(
        pid,
        new CompanionOutput(name, (line) => void this.#terminal.stderr.write(line)),
      );
      this.#machine.endInput(pid);
    }

    const path = file === null ? this.#putScript(script) : basename(file);
    this.#main = this.#spawn({ path, args, dialect, libraryFolders, lua51, debug });
    this.#pump.wake();
  }

  #spawn(options: Parameters<Machine['spawn']>[0]): Pid {
    const spawned = this.#machine.spawn(options);
    if ('refused' in spawned) throw new StartError(spawned.refused);
    return spawned.pid;
  }

  #mountLibrary(folder: string, index: number): string {
    const real = resolve(folder);
    if (!statSync(real, { throwIfNoEntry: false })?.isDirectory()) {
      throw new StartError(`--lib ${folder}: no such folder`);
    }
    const inside = `/lib/extra-${index + 1}`;
    this.#folders.mount(`${inside}/`, real, 'read-only');
    return inside;
  }

  // A companion from the project's folder is the project's file; another one is shown beside it.
  #mountCompanion(file: string, project: string): string {
    if (!existsSync(file)) throw new StartError(`cannot open ${relative('', file)}`);
    const inProject = relative(project, file);
    if (!inProject.startsWith('..')) return inProject.split(sep).join('/');
    const prefix = `/companion-${this.#companions.size + 1}/`;
    this.#folders.mount(prefix, dirname(file), 'read-only');
    return prefix + basename(file);
  }

  // A script that is no file: typed on the command line, or read from standard input.
  #putScript(script: RunOptions['script']): string {
    const [path, content] =
      'code' in script ? [given(script), script.code] : ['stdin', readFileSync(0)];
    const why = this.#machine.putFile(PROJECT + path, content, 'read-only');
    if (why !== null) throw new StartError(`${path}: ${why}`);
    return path;
  }

  #makeHost(): MachineHost {
    return {
      wallClock: makeWallClock(),
      steadyClock: steadyMicros,
      entropy: (into) => void crypto.getRandomValues(into),
      write: (pid, stream, bytes) => this.#print(pid, stream === 1 ? 'stdout' : 'stderr', bytes),
      exited: (pid, status, reason) => {
        this.#companions.get(pid)?.end();
        this.#companions.delete(pid);
        if (pid !== this.#main) return;
        this.#terminal.stdin.pause();
        this.#exitStatus = reason === 'stopped' ? (this.#stopStatus ?? status) : status;
      },
      reading: (pid, waits) => {
        if (pid === this.#main && waits) this.#wantsInput = true;
      },
      doorsChanged: () => undefined,
      tunnelChanged: () => void (this.#hasNewTunnelState = true),
      filesChanged: () => void (this.#hasChangedFiles = true),
      findFile: (path) => this.#folders.find(path),
      uplink: this.#uplink,
    };
  }

  #exitStatus: number | null = null;
  #wantsInput = false;

  #feed(news: (machine: Machine) => void): void {
    if (this.#isOver) return;
    try {
      news(this.#machine);
      this.#pump.wake();
    } catch (error) {
      this.#fail(error);
    }
  }

  // Bytes count as shown when the terminal has taken them; until then the process may have to wait.
  #print(pid: Pid, stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const companion = this.#companions.get(pid);
    const copy = Buffer.from(bytes);
    const acknowledge = (): void =>
      this.#feed((machine) => machine.acknowledgeOutput(pid, copy.length));
    if (companion) {
      companion.add(copy);
      setImmediate(acknowledge);
    } else {
      this.#terminal[stream].write(copy, acknowledge);
    }
    if (stream === 'stderr') {
      if (!this.#hasHinted) this.#hintAtLua51(copy);
      if (!this.#hasHintedAtChuck) this.#hintAtChuck(copy);
    }
  }

  #hintAtLua51(error: Buffer): void {
    const name = lua51NameMissing(error.toString());
    if (name === null) return;
    this.#hasHinted = true;
    this.#terminal.stderr.write(
      `moonwire: ${name} is a name of Lua 5.1 that 5.4 has no more: --lua51 brings it back\n`,
    );
  }

  #hintAtChuck(error: Buffer): void {
    if (!/module '(?:chuck|distri\.[\w.]+)' not found/.test(error.toString())) return;
    this.#hasHintedAtChuck = true;
    this.#terminal.stderr.write('moonwire: this is a program for chuck: --dialect chuck\n');
  }

  #afterTurn(): void {
    if (this.#hasNewTunnelState) this.#tellTunnelFailure();
    if (this.#hasChangedFiles && performance.now() - this.#lastWriteBack > WRITE_BACK_INTERVAL_MS) {
      this.#writeBack();
    }
    if (this.#exitStatus !== null) this.#end(this.#exitStatus);
    else this.#feedInput();
  }

  // A script only sees that the network is unreachable; people want to know why, once.
  #tellTunnelFailure(): void {
    this.#hasNewTunnelState = false;
    const state = this.#machine.tunnelState();
    if (state.phase === 'open') this.#toldAboutTunnel = '';
    if (state.phase !== 'waiting' && state.phase !== 'blocked') return;
    if (state.why === this.#toldAboutTunnel) return;
    this.#toldAboutTunnel = state.why;
    this.#terminal.stderr.write(`moonwire: no way to the network: ${state.why}\n`);
  }

  // Standard input is read only when the script waits for it, so that what the script leaves stays for others.
  #feedInput(): void {
    if (this.#heldInput) {
      if (!this.#machine.type(this.#main, this.#heldInput)) return;
      this.#heldInput = null;
      this.#pump.wake();
    }
    if (!this.#wantsInput) return;
    this.#wantsInput = false;
    if (!this.#hasStartedInput) this.#startInput();
    else this.#terminal.stdin.resume();
  }

  #startInput(): void {
    this.#hasStartedInput = true;
    const { stdin } = this.#terminal;
    stdin.on('data', (chunk: Uint8Array) => {
      stdin.pause();
      this.#feed((machine) => {
        if (!machine.type(this.#main, chunk)) this.#heldInput = chunk;
      });
    });
    const end = (): void => this.#feed((machine) => machine.endInput(this.#main));
    stdin.on('end', end);
    stdin.on('error', end);
  }

  #writeBack(): void {
    this.#hasChangedFiles = false;
    this.#lastWriteBack = performance.now();
    for (const path of this.#machine.takeChangedFiles()) {
      const why = this.#folders.write(path, this.#machine.readFile(path));
      if (why !== null) this.#terminal.stderr.write(`moonwire: ${why}\n`);
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#terminal.stderr.write(`moonwire: the machine crashed: ${why}\n`);
    this.#end(70); // EX_SOFTWARE of sysexits.h
  }

  #end(status: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#keepAlive);
    this.#pump.stop();
    this.#uplink.dispose();
    for (const companion of this.#companions.values()) companion.end();
    if (this.#machine.crash === null && this.#hasChangedFiles) this.#writeBack();
    this.#finish(status);
  }
}
