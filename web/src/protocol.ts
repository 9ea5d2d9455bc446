// Every message between the page and the worker. Types only; both sides import it.
// The page asks (PageMessage), the worker tells (WorkerMessage); an ask that wants an answer carries a `request` number
// and the answer repeats it.

/** Which API a process sees: its root on package.path and its preloaded modules. */
export type Dialect = 'luasocket' | 'luat' | 'chuck';

/** The number of a process inside the machine, from 1 on; never used twice in one machine. */
export type Pid = number;

/** How a process ended. `status` is what `os.exit` gave, 0 after a normal end, 1 after an error, 143 after Stop. */
export type ExitReason = 'finished' | 'error' | 'exit' | 'stopped';

/** Where the tunnel stands. `blocked` is final until asked again: the proxy refused us and said why. */
export type TunnelState =
  | { readonly phase: 'off' }
  | { readonly phase: 'connecting'; readonly url: string }
  | {
      readonly phase: 'open';
      readonly url: string;
      readonly version: 1 | 2;
      readonly sockets: boolean;
    }
  | {
      readonly phase: 'waiting';
      readonly url: string;
      readonly why: string;
      readonly retryInMs: number;
    }
  | { readonly phase: 'blocked'; readonly url: string; readonly why: string };

/** One socket somebody can connect to. `published` is the real address at the proxy, when there is one. */
export interface Listener {
  readonly pid: Pid;
  readonly kind: 'tcp' | 'udp' | 'unix';
  readonly address: string;
  readonly port: number;
  readonly published: string | null;
}

/** One thing that crossed the network. Times are milliseconds since the machine began. */
export interface WireRecord {
  readonly serial: number;
  readonly timeMs: number;
  readonly pid: Pid;
  readonly kind: 'connect' | 'accept' | 'data' | 'fin' | 'rst' | 'datagram' | 'resolve';
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly line: number;
}

/** What is left in the machine; all zero after the last process ended. */
export interface Census {
  readonly processes: number;
  readonly sockets: number;
  readonly timers: number;
  readonly parked: number;
  readonly memoryBytes: number;
}

/** What the page sends to the worker. */
export type PageMessage =
  // Starts the machine. `wasmUrl` and `glueUrl` are absolute; comes once, first.
  | { readonly kind: 'boot'; readonly wasmUrl: string; readonly glueUrl: string }
  // Replaces the project's files: paths relative to the project folder, '/' between parts.
  | { readonly kind: 'put-files'; readonly files: Readonly<Record<string, string | Uint8Array>> }
  | { readonly kind: 'read-file'; readonly request: number; readonly path: string }
  // Starts a process. Answered by `started` or `refused`.
  | {
      readonly kind: 'run';
      readonly request: number;
      readonly path: string;
      readonly args: readonly string[];
      readonly dialect: Dialect;
    }
  // Ends a process for good, whatever it is doing.
  | { readonly kind: 'stop'; readonly pid: Pid }
  | { readonly kind: 'stdin'; readonly pid: Pid; readonly text: string }
  | { readonly kind: 'stdin-end'; readonly pid: Pid }
  // The console has taken this much output (the sum of `bytes` of `output`); a process too far ahead waits for it.
  | { readonly kind: 'shown'; readonly pid: Pid; readonly bytes: number }
  // Compiles without running. Answered by `checked`.
  | {
      readonly kind: 'check';
      readonly request: number;
      readonly path: string;
      readonly text: string;
    }
  // null closes the tunnel. The url is ws://, wss:// (Wisp) or websockify://.
  | { readonly kind: 'tunnel'; readonly url: string | null }
  // Whether wire records are wanted.
  | { readonly kind: 'watch-wire'; readonly on: boolean }
  | { readonly kind: 'census'; readonly request: number };

/** What the worker sends to the page. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly luaVersion: string }
  // The machine cannot go on (out of memory, failed to load). The page offers to start a new one.
  | { readonly kind: 'crashed'; readonly message: string }
  | { readonly kind: 'started'; readonly request: number; readonly pid: Pid }
  | { readonly kind: 'refused'; readonly request: number; readonly message: string }
  // Output since the last message; `bytes` is what the page gives back in `shown` once it has dealt with the text;
  // `dropped` counts bytes cut out of this text because one turn printed too much.
  | {
      readonly kind: 'output';
      readonly pid: Pid;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
      readonly bytes: number;
      readonly dropped: number;
    }
  // The process began or ceased to wait for a typed line.
  | { readonly kind: 'reading'; readonly pid: Pid; readonly waits: boolean }
  | {
      readonly kind: 'exited';
      readonly pid: Pid;
      readonly status: number;
      readonly reason: ExitReason;
    }
  // line is 1-based, null when the file compiles.
  | {
      readonly kind: 'checked';
      readonly request: number;
      readonly line: number | null;
      readonly message: string;
    }
  | { readonly kind: 'file'; readonly request: number; readonly bytes: Uint8Array | null }
  // A script wrote or removed project files (bytes null: removed).
  | { readonly kind: 'files-changed'; readonly files: Readonly<Record<string, Uint8Array | null>> }
  | { readonly kind: 'listeners'; readonly listeners: readonly Listener[] }
  | { readonly kind: 'tunnel'; readonly state: TunnelState }
  | { readonly kind: 'wire'; readonly records: readonly WireRecord[]; readonly lost: number }
  | { readonly kind: 'census'; readonly request: number; readonly census: Census };
