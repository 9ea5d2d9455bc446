// Lua's own words for a file that does not compile, and the line where a person has to look.

import type { CheckAnswer } from './machine-client.ts';

export interface CompileError {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** The error in an answer; null when the file compiles. The message loses its `name:line:`, which is shown elsewhere. */
export function readCompileError(answer: CheckAnswer): CompileError | null {
  if (answer.line === null) return null;
  const message = answer.message.replace(/^.*?:\d+: /, '');
  // A goto without its label is found at the end of the block; the mistake is where the goto stands.
  const elsewhere = /^no visible label .* at line (\d+)$/.exec(message)?.[1];
  return { line: elsewhere === undefined ? answer.line : Number(elsewhere), message };
}
