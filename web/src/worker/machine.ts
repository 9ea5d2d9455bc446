// The machine (wasm) as typed calls. The worker and the Node runner share it; what the calls mean is in wasm/kernel/machine.h.
import type {
  Dialect,
  ExitReason,
  Listener,
  ModuleAction,
  ModuleState,
  Pid,
  TunnelState,
} from '../protocol.ts';

/** 1: standard output, 2: standard error. */
export type OutputStream = 1 | 2;

/** What the tunnel asks of its host: WebSockets, numbered by the machine. Nothing may call back inside these calls. */
export interface UplinkHost {
  open(pipe: number, url: string, protocols: string): void;
  /** `message` is a view of the machine's memory, good during the call. */
  send(pipe: number, message: Uint8Array<ArrayBuffer>): void;
  /** Whether fewer than `limit` bytes are unsent. After a no, `drained` tells of a yes. */
  hasRoom(pipe: number, limit: number): boolean;
  close(pipe: number): void;
}

/** A file or folder that comes into the machine when a script asks for it. */
export type HostFile =
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly isReadOnly: boolean };

/** All that the machine asks of the world. The calls come from inside the machine: they take notes and return. */
export interface MachineHost {
  /** Microseconds since the Unix epoch. */
  wallClock(): number;
  /** Microseconds on a clock that never goes back. */
  steadyClock(): number;
  entropy(into: Uint8Array<ArrayBuffer>): void;
  /** `bytes` is a view of the machine's memory, good during the call. */
  write(pid: Pid, stream: OutputStream, bytes: Uint8Array<ArrayBuffer>): void;
  exited(pid: Pid, status: number, reason: ExitReason): void;
  reading(pid: Pid, waits: boolean): void;
  doorsChanged(): void;
  tunnelChanged(): void;
  filesChanged(): void;
  /** The module's state, what it wrote to a UART, or its AT trace. */
  moduleChanged?(): void;
  /** What stands at a path that the machine's own files lack. Hosts without a disk leave it out. */
  findFile?(path: string): HostFile | null;
  readonly uplink: UplinkHost | null;
}

/** Bounds other than the product's (wasm/kernel/limits.h), and preemption off to measure what it costs. */
export interface MachineOptions {
  readonly preemption?: boolean;
  readonly processMemoryBytes?: number;
  readonly machineMemoryBytes?: number;
  readonly processes?: number;
  readonly outputBurstBytes?: number;
  readonly fileSystemBytes?: number;
  readonly fileBytes?: number;
}

export interface SpawnOptions {
  readonly path: string;
  readonly args?: readonly string[];
  readonly dialect?: Dialect;
  /** Folders in the machine, put before the dialect's own on package.path. */
  readonly libraryFolders?: readonly string[];
  /** The names of Lua 5.1 besides: module, setfenv, unpack and others. */
  readonly lua51?: boolean;
  /** socket._DEBUG: a stream's send and receive tell how long they took, too. */
  readonly debug?: boolean;
}

/** What one turn left. `nextDeadline` is in microseconds on the steady clock, Infinity if there is none. */
export interface Turn {
  readonly hasMore: boolean;
  readonly nextDeadline: number;
}

export interface CompileError {
  readonly line: number;
  readonly message: string;
}

/** What is open in the machine; all zero but `memoryBytes` after the last process ended. */
export interface MachineCensus {
  readonly processes: number;
  readonly sockets: number;
  readonly timers: number;
  readonly parked: number;
  readonly memoryBytes: number;
  readonly lookups: number;
  readonly tunnelStreams: number;
  readonly bufferedBytes: number;
}

/** A wire record with the machine's own time (microseconds, steady clock). */
export interface MachineWireRecord {
  readonly serial: number;
  readonly time: number;
  readonly pid: Pid;
  readonly kind: 'connect' | 'accept' | 'data' | 'fin' | 'rst' | 'datagram' | 'resolve';
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly file: string;
  readonly line: number;
}

/** What a script wrote to one of the module's UARTs, and how many bytes before it were dropped. */
export interface UartOutput {
  readonly port: 1 | 2 | 3;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lost: number;
}

/** One line on uart.ATC with the machine's own time (microseconds, steady clock). */
export interface MachineAtRecord {
  readonly serial: number;
  readonly time: number;
  readonly direction: 'to-modem' | 'from-modem';
  readonly text: string;
}

interface NativeTunnelStatus {
  readonly phase: TunnelState['phase'];
  readonly url: string;
  readonly version: number;
  readonly sockets: boolean;
  readonly why: string;
  readonly retryAt: number;
}

// The Embind class of wasm/edge/embind.cpp. Bytes go in by way of inbox().
interface NativeMachine {
  inbox(size: number): Uint8Array<ArrayBuffer> | null;
  spawn(options: Required<SpawnOptions>): number;
  refusal(): string;
  stop(pid: Pid): void;
  type(pid: Pid): boolean;
  endInput(pid: Pid): void;
  acknowledgeOutput(pid: Pid, bytes: number): void;
  run(budget: number): boolean;
  nextDeadline(): number;
  check(chunkName: string): CompileError | null;
  putFile(path: string, readOnly: boolean): string;
  readFile(path: string): Uint8Array<ArrayBuffer> | null;
  removeFile(path: string): void;
  listFiles(folder: string): string[];
  takeChangedFiles(): string[];
  uplinkOpened(pipe: number, protocol: string): void;
  uplinkMessage(pipe: number): void;
  uplinkDrained(pipe: number): void;
  uplinkClosed(pipe: number, code: number, reason: string): void;
  setTunnel(url: string): void;
  tunnelStatus(): NativeTunnelStatus;
  doors(): Listener[];
  shutDoor(kind: string, published: string): boolean;
  watchWire(on: boolean): void;
  takeWire(): { records: MachineWireRecord[]; lost: number };
  census(): MachineCensus;
  moduleAct(what: string, text: string, first: number, second: number): boolean;
  moduleState(): string;
  takeModuleUart(port: number): UartOutput | null;
  takeModuleAt(): string;
  delete(): void;
}

/** The loaded module: one wasm instance. */
export interface MachineModule {
  readonly luaVersion: string;
  readonly Machine: new (host: number, options: MachineOptions) => NativeMachine;
  hosts?: MachineHost[];
}

/** What machine.js gives: a function that loads the wasm from an address or from bytes. */
export type CreateMachine = (settings: {
  readonly wasmBinary?: Uint8Array;
  readonly locateFile?: (name: string) => string;
  readonly print?: (line: string) => void;
  readonly printErr?: (line: string) => void;
}) => Promise<MachineModule>;

/** The machine failed inside (a trap, no memory, a bug of ours): it cannot go on, whoever owns it starts another. */
export class MachineCrash extends Error {
  override readonly name = 'MachineCrash';
}

const encoder = new TextEncoder();

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? encoder.encode(text) : text;
}

// A C++ exception that nobody caught arrives as an object without words; here it can only be the allocator's.
function describeCrash(error: unknown): string {
  if (error instanceof RangeError) return 'the stack overflowed';
  if (error instanceof Error) return error.message;
  return 'out of memory';
}

export class Machine {
  readonly luaVersion: string;
  readonly #native: NativeMachine;
  readonly #host: MachineHost;
  #crash: MachineCrash | null = null;

  constructor(module: MachineModule, host: MachineHost, options: MachineOptions = {}) {
    const hosts = (module.hosts ??= []);
    const index = hosts.push(host) - 1;
    this.luaVersion = module.luaVersion;
    this.#host = host;
    this.#native = new module.Machine(index, options);
  }

  /** Why the machine cannot go on, or null. */
  get crash(): MachineCrash | null {
    return this.#crash;
  }

  // Every call into the wasm goes through here: whatever is thrown inside ends the machine.
  #call<T>(inside: (native: NativeMachine) => T): T {
    if (this.#crash) throw this.#crash;
    try {
      return inside(this.#native);
    } catch (error) {
      this.#crash = new MachineCrash(describeCrash(error), { cause: error });
      throw this.#crash;
    }
  }

  // Puts bytes where the next call finds them. False: more than the machine takes at once.
  #fillInbox(native: NativeMachine, bytes: Uint8Array): boolean {
    const inbox = native.inbox(bytes.length);
    inbox?.set(bytes);
    return inbox !== null;
  }

  /** @returns the pid, or why there is no new process. */
  spawn(options: SpawnOptions): { readonly pid: Pid } | { readonly refused: string } {
    return this.#call((native) => {
      const { path, args = [], dialect = 'luasocket', libraryFolders = [] } = options;
      const { lua51 = false, debug = false } = options;
      const pid = native.spawn({ path, args, dialect, libraryFolders, lua51, debug });
      return pid === 0 ? { refused: native.refusal() } : { pid };
    });
  }

  stop(pid: Pid): void {
    this.#call((native) => native.stop(pid));
  }

  /** @returns false when there is no such process or its input is full: nothing was taken. */
  type(pid: Pid, text: string | Uint8Array): boolean {
    return this.#call((native) => this.#fillInbox(native, bytesOf(text)) && native.type(pid));
  }

  endInput(pid: Pid): void {
    this.#call((native) => native.endInput(pid));
  }

  acknowledgeOutput(pid: Pid, bytes: number): void {
    this.#call((native) => native.acknowledgeOutput(pid, bytes));
  }

  /** Runs what can run, for about `budget` microseconds at most. */
  run(budget: number): Turn {
    return this.#call((native) => {
      const hasMore = native.run(budget);
      return { hasMore, nextDeadline: native.nextDeadline() };
    });
  }

  /** Compiles without running. */
  check(chunkName: string, source: string | Uint8Array): CompileError | null {
    return this.#call((native) => {
      if (!this.#fillInbox(native, bytesOf(source)))
        return { line: 1, message: 'file is too large' };
      return native.check(chunkName);
    });
  }

  /** @returns null, or C's words for why not. */
  putFile(
    path: string,
    content: string | Uint8Array,
    mode: 'read-only' | 'writable',
  ): string | null {
    return this.#call((native) => {
      if (!this.#fillInbox(native, bytesOf(content))) return 'File too large';
      return native.putFile(path, mode === 'read-only') || null;
    });
  }

  /** @returns a copy of the file's bytes, or null. */
  readFile(path: string): Uint8Array<ArrayBuffer> | null {
    return this.#call((native) => native.readFile(path)?.slice() ?? null);
  }

  removeFile(path: string): void {
    this.#call((native) => native.removeFile(path));
  }

  /** Full paths below a folder, sorted. */
  listFiles(folder: string): string[] {
    return this.#call((native) => native.listFiles(folder));
  }

  /** Full paths of project files that scripts wrote or removed since the last call. */
  takeChangedFiles(): string[] {
    return this.#call((native) => native.takeChangedFiles());
  }

  uplinkOpened(pipe: number, protocol: string): void {
    this.#call((native) => native.uplinkOpened(pipe, protocol));
  }

  /** @returns false when the message is longer than the machine takes. */
  uplinkMessage(pipe: number, message: Uint8Array): boolean {
    return this.#call((native) => {
      const fits = this.#fillInbox(native, message);
      if (fits) native.uplinkMessage(pipe);
      return fits;
    });
  }

  uplinkDrained(pipe: number): void {
    this.#call((native) => native.uplinkDrained(pipe));
  }

  uplinkClosed(pipe: number, code: number, reason: string): void {
    this.#call((native) => native.uplinkClosed(pipe, code, reason));
  }

  /** null closes the tunnel. */
  setTunnel(url: string | null): void {
    this.#call((native) => native.setTunnel(url ?? ''));
  }

  /** Takes back what is published at this address; false when nothing is. */
  shutDoor(kind: 'tcp' | 'udp', published: string): boolean {
    return this.#call((native) => native.shutDoor(kind, published));
  }

  tunnelState(): TunnelState {
    return this.#call((native) => {
      const { phase, url, version, sockets, why, retryAt } = native.tunnelStatus();
      switch (phase) {
        case 'off':
          return { phase };
        case 'connecting':
          return { phase, url };
        case 'open':
          return { phase, url, version: version === 2 ? 2 : 1, sockets };
        case 'waiting': {
          const wait = Math.ceil((retryAt - this.#host.steadyClock()) / 1000);
          return { phase, url, why, retryInMs: Math.max(0, wait) };
        }
        case 'blocked':
          return { phase, url, why };
      }
    });
  }

  listeners(): Listener[] {
    return this.#call((native) => native.doors());
  }

  watchWire(on: boolean): void {
    this.#call((native) => native.watchWire(on));
  }

  takeWire(): { readonly records: readonly MachineWireRecord[]; readonly lost: number } {
    return this.#call((native) => native.takeWire());
  }

  census(): MachineCensus {
    return this.#call((native) => native.census());
  }

  /** Does to the module what a hand would. @returns false when it cannot be done now. */
  actOnModule(action: ModuleAction): boolean {
    return this.#call((native) => {
      const act = (text = '', first = 0, second = 0): boolean =>
        native.moduleAct(action.do, text, first, second);
      switch (action.do) {
        case 'profile':
          return act(action.profile);
        case 'power-key':
          return act('', Number(action.down));
        case 'reset':
        case 'drop-pdp':
          return act();
        case 'sim':
          return act(action.sim);
        case 'enter-pin':
          return act(action.pin);
        case 'signal':
          return act('', action.csq);
        case 'network':
          return act('', Number(action.available));
        case 'pin':
          return act(action.pin, action.level);
        case 'adc':
          return act('', action.channel, action.millivolts);
        case 'battery':
          return act('', action.millivolts);
        case 'uart':
          return this.#fillInbox(native, action.bytes) && act('', action.port);
        case 'latency':
          return act('', action.atMs * 1000, action.networkMs * 1000);
      }
    });
  }

  moduleState(): ModuleState {
    return this.#call((native) => JSON.parse(native.moduleState()) as ModuleState);
  }

  /** What scripts wrote to the module's UARTs since the last call. */
  takeModuleUart(): UartOutput[] {
    return this.#call((native) =>
      [1, 2, 3].flatMap((port) => {
        const output = native.takeModuleUart(port);
        return output ? [output] : [];
      }),
    );
  }

  takeModuleAt(): { readonly records: readonly MachineAtRecord[]; readonly lost: number } {
    return this.#call(
      (native) => JSON.parse(native.takeModuleAt()) as { records: MachineAtRecord[]; lost: number },
    );
  }

  /** Frees the machine inside the instance. */
  dispose(): void {
    if (!this.#crash) this.#native.delete();
  }
}
