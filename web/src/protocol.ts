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

// --- The module: one per machine; the luat process is what runs on it. Times are milliseconds unless they say otherwise.

/** Which cellular module is simulated: Air202 (2G, sockets by AT commands) or Air724U (4G, sockets by socketcore). */
export type ModuleProfile = 'air202' | 'air724u';

export type SimState = 'ready' | 'pin' | 'absent';

/** What a hand does to the module on the bench. */
export type ModuleAction =
  // Before it is switched on; ignored while it is on.
  | { readonly do: 'profile'; readonly profile: ModuleProfile }
  // While on: MSG_KEYPAD for the script. While off it does nothing: what switches the module on is `run` with dialect luat,
  // which the page sends when the key was held for 1.5 s.
  | { readonly do: 'power-key'; readonly down: boolean }
  // The reset line: the same pid goes on with a fresh Lua state and a modem that starts anew.
  | { readonly do: 'reset' }
  | { readonly do: 'sim'; readonly sim: SimState }
  | { readonly do: 'enter-pin'; readonly pin: string }
  // 0..31, 99 unknown.
  | { readonly do: 'signal'; readonly csq: number }
  // Whether the operator takes us: registration is lost, or comes back.
  | { readonly do: 'network'; readonly available: boolean }
  | { readonly do: 'drop-pdp' }
  // Drives an input, 'P0_6'.
  | { readonly do: 'pin'; readonly pin: string; readonly level: 0 | 1 }
  | { readonly do: 'adc'; readonly channel: number; readonly millivolts: number }
  | { readonly do: 'battery'; readonly millivolts: number }
  // What arrives at a UART's receive line.
  | { readonly do: 'uart'; readonly port: 1 | 2 | 3; readonly bytes: Uint8Array }
  // How long the modem takes to answer a command, and what the radio adds to everything that goes through it.
  | { readonly do: 'latency'; readonly atMs: number; readonly networkMs: number };

export interface ModulePin {
  readonly name: string;
  readonly direction: 'in' | 'out' | 'interrupt';
  readonly level: 0 | 1;
  readonly pull: 'up' | 'down' | 'none';
}

export interface ModuleSocket {
  readonly id: string;
  readonly protocol: 'tcp' | 'udp' | 'ssl';
  readonly peer: string;
  readonly state: 'connecting' | 'open' | 'closed';
  readonly sent: number;
  readonly received: number;
  readonly unread: number;
}

export interface ModuleWatchdog {
  readonly kind: 'external' | 'firmware';
  readonly armed: boolean;
  readonly fedMsAgo: number | null;
  readonly resets: number;
}

/** All that can be seen of the module from outside. */
export interface ModuleState {
  /** The process on it; null while it is off. */
  readonly pid: Pid | null;
  readonly profile: ModuleProfile;
  readonly power: 'off' | 'on';
  /** rtos.poweron_reason(): 0 key, 2 alarm, 3 restart, 6 exception, 8 watchdog; null while off. */
  readonly powerOnReason: number | null;
  readonly coreVersion: string;
  readonly imei: string;
  readonly iccid: string;
  readonly imsi: string;
  readonly operator: string;
  /** `puk`: too many wrong PINs; `dead`: too many wrong PUKs. */
  readonly sim: SimState | 'puk' | 'dead';
  readonly pinTriesLeft: number;
  readonly registration: 'off' | 'searching' | 'registered' | 'denied';
  readonly accessTechnology: '2G' | '4G' | null;
  readonly lac: string;
  readonly cell: string;
  readonly csq: number;
  readonly flyMode: boolean;
  readonly attached: boolean;
  readonly address: string | null;
  /** Where the profile's boards have their lamps, by default. */
  readonly netLampPin: string | null;
  readonly lteLampPin: string | null;
  /** Only those that the script has set up, or somebody drives. */
  readonly pins: readonly ModulePin[];
  readonly adc: readonly { readonly channel: number; readonly millivolts: number }[];
  readonly batteryMillivolts: number;
  readonly uarts: readonly {
    readonly port: number;
    readonly open: boolean;
    readonly baud: number;
  }[];
  readonly sockets: readonly ModuleSocket[];
  readonly watchdog: readonly ModuleWatchdog[];
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  /** Milliseconds since it was switched on. */
  readonly tickMs: number;
  /** The module's own clock, which scripts and the network set. */
  readonly unixSeconds: number;
}

/** One line, or piece of raw data, between the script's side and the modem. Bytes that are no text are \xHH. */
export interface AtRecord {
  readonly serial: number;
  readonly timeMs: number;
  readonly direction: 'to-modem' | 'from-modem';
  readonly text: string;
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
      // The names of Lua 5.1 besides; socket._DEBUG. Both are off when left out.
      readonly lua51?: boolean;
      readonly debug?: boolean;
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
  // Takes back what is published at this address of the proxy; inside the machine it stays open.
  | {
      readonly kind: 'shut-door';
      readonly socket: 'tcp' | 'udp';
      readonly published: string;
    }
  // Whether wire records are wanted.
  | { readonly kind: 'watch-wire'; readonly on: boolean }
  | { readonly kind: 'census'; readonly request: number }
  | { readonly kind: 'module'; readonly action: ModuleAction };

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
  | { readonly kind: 'census'; readonly request: number; readonly census: Census }
  // The module as it is now: after each change, but at most 30 times a second, and once a second while it is on. The first
  // one comes after the first action, or when a luat process starts.
  | { readonly kind: 'module'; readonly state: ModuleState }
  // What the script wrote to a UART.
  | {
      readonly kind: 'module-uart';
      readonly port: 1 | 2 | 3;
      readonly bytes: Uint8Array;
      readonly lost: number;
    }
  // What the modem was told and said; `lost` counts records that were dropped because nobody took them in time.
  | { readonly kind: 'module-at'; readonly records: readonly AtRecord[]; readonly lost: number };
