// What the measuring page and its workers are asked, and what they answer.

export interface Task {
  readonly contender: 'moonwire' | 'wasmoon';
  /** Lua, run once in a fresh machine or engine. */
  readonly source: string;
  readonly preemption: boolean;
}

export type Answer = { readonly ms: number } | { readonly error: string };
