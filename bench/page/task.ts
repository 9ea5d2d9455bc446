// What the measuring page and its workers are asked, and what they answer.

/** Lua, run once in a fresh machine or engine; the answer is how long it took. */
export interface KernelTask {
  readonly contender: 'moonwire' | 'wasmoon';
  readonly source: string;
  readonly preemption: boolean;
}

/** Round trips of one line through a proxy, from Lua or from JavaScript; the answer is the quantile asked for of the means
 * of batches. */
export interface EchoTask {
  readonly contender: 'lua-echo' | 'javascript-echo';
  readonly batch: number;
  /** 0.5 is the median. */
  readonly quantile: number;
  /** The proxy's Wisp address. */
  readonly url: string;
  /** The far end: a port of the proxy's own machine. */
  readonly port: number;
  readonly roundTrips: number;
  /** The script that does it in Lua. */
  readonly source: string;
  /** In Lua alone: another process, which has to say "ready" first. */
  readonly beside?: { readonly source: string; readonly args: readonly string[] };
}

export type Task = KernelTask | EchoTask;

export type Answer = { readonly ms: number } | { readonly error: string };
