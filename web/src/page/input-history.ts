// The lines typed into one console's input, walked with the arrow keys; the unfinished line is kept while walking.

import { limits } from './limits.ts';

export class InputHistory {
  #lines: string[] = [];
  #at = 0;
  #draft = '';

  add(line: string): void {
    if (line !== '' && line !== this.#lines[this.#lines.length - 1]) this.#lines.push(line);
    if (this.#lines.length > limits.historyLines) this.#lines.shift();
    this.#at = this.#lines.length;
    this.#draft = '';
  }

  /** The line before; null at the oldest. */
  older(present: string): string | null {
    if (this.#at === 0) return null;
    if (this.#at === this.#lines.length) this.#draft = present;
    this.#at--;
    return this.#lines[this.#at] ?? null;
  }

  /** The line after, at the end what was being typed; null when already there. */
  newer(): string | null {
    if (this.#at >= this.#lines.length) return null;
    this.#at++;
    return this.#lines[this.#at] ?? this.#draft;
  }
}
