// What a companion process printed, as whole lines behind its name.
import { COMPANION_LINE_BYTES } from './limits.ts';

const NEWLINE = 0x0a;

export class CompanionOutput {
  readonly #label: Buffer;
  readonly #show: (line: Buffer) => void;
  #begun: Buffer = Buffer.alloc(0);

  constructor(name: string, show: (line: Buffer) => void) {
    this.#label = Buffer.from(`[${name}] `);
    this.#show = show;
  }

  /** Shows the lines that are whole now; the bytes are copied. */
  add(bytes: Uint8Array): void {
    let rest = Buffer.concat([this.#begun, bytes]);
    for (;;) {
      const newline = rest.indexOf(NEWLINE);
      const end = newline >= 0 ? newline : rest.length > COMPANION_LINE_BYTES ? rest.length : -1;
      if (end < 0) break;
      this.#showLine(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    this.#begun = rest;
  }

  /** Shows what has no newline. */
  end(): void {
    if (this.#begun.length > 0) this.#showLine(this.#begun);
    this.#begun = Buffer.alloc(0);
  }

  #showLine(line: Buffer): void {
    this.#show(Buffer.concat([this.#label, line, Buffer.of(NEWLINE)]));
  }
}
