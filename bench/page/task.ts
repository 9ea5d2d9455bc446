// What a worker of the measuring page is asked, and what it answers.

export interface Task {
  /** Lua, run once in a fresh machine or engine. */
  readonly source: string;
  readonly preemption: boolean;
}

export type Answer = { readonly ms: number } | { readonly error: string };
