// Reads a lamp: from the moments a pin changes, how long it is lit and dark, and which of netLed's patterns that is.

/** What the net lamp tells; the table of netLed. */
export type LampMeaning =
  'off' | 'steady' | 'sim-fault' | 'searching' | 'registered' | 'attached' | 'connected' | 'other';

export interface LampPattern {
  readonly meaning: LampMeaning;
  /** Milliseconds lit and dark; null while it does not blink. */
  readonly onMs: number | null;
  readonly offMs: number | null;
}

const table: readonly { meaning: LampMeaning; onMs: number; offMs: number }[] = [
  { meaning: 'sim-fault', onMs: 300, offMs: 5700 },
  { meaning: 'searching', onMs: 300, offMs: 3700 },
  { meaning: 'registered', onMs: 300, offMs: 1700 },
  { meaning: 'attached', onMs: 300, offMs: 700 },
  { meaning: 'connected', onMs: 100, offMs: 100 },
];

// States come at most 30 times a second, so a moment is known to about this.
const jitterMs = 60;
const spread = 0.2;
// Dark or lit for longer than the slowest pattern holds: it does not blink.
const stillMs = 6500;

// Turns that fit no pattern before the lamp is said to blink in another: between two patterns one turn is of neither.
const strangeTurns = 4;

const near = (measured: number, wanted: number): boolean =>
  Math.abs(measured - wanted) <= jitterMs + wanted * spread;

/** Follows one pin. Times are the module's own, in milliseconds, and never run backwards. */
export class LampWatch {
  #level: 0 | 1 = 0;
  #since: number | null = null;
  #onMs: number | null = null;
  #offMs: number | null = null;
  #meaning: LampMeaning | null = null;
  #strange = 0;

  /** The pin's level at a moment. */
  sample(level: 0 | 1, timeMs: number): void {
    if (this.#since === null || timeMs < this.#since) {
      this.reset();
      this.#level = level;
      this.#since = timeMs;
      return;
    }
    if (level === this.#level) {
      if (timeMs - this.#since > stillMs) this.#stopBlinking();
      return;
    }
    const span = timeMs - this.#since;
    if (this.#level === 1) this.#onMs = span;
    else this.#offMs = span <= stillMs ? span : null;
    this.#level = level;
    this.#since = timeMs;
    this.#compare();
  }

  reset(): void {
    this.#level = 0;
    this.#since = null;
    this.#stopBlinking();
  }

  get isLit(): boolean {
    return this.#level === 1;
  }

  get pattern(): LampPattern {
    const [onMs, offMs] = [this.#onMs, this.#offMs];
    if (onMs === null || offMs === null)
      return { meaning: this.#level === 1 && onMs === null ? 'steady' : 'off', onMs, offMs };
    return { meaning: this.#meaning ?? 'other', onMs, offMs };
  }

  // Which pattern the last turns are of.
  #compare(): void {
    const [onMs, offMs] = [this.#onMs, this.#offMs];
    if (onMs === null || offMs === null) return;
    const found = table.find((row) => near(onMs, row.onMs) && near(offMs, row.offMs));
    if (found) {
      this.#meaning = found.meaning;
      this.#strange = 0;
    } else if (++this.#strange >= strangeTurns) this.#meaning = 'other';
  }

  #stopBlinking(): void {
    this.#onMs = this.#offMs = null;
    this.#meaning = null;
    this.#strange = 0;
  }
}
