// A list that forgets its oldest entries: by count, and by the weight of what it holds. What went is counted.

export interface Numbered {
  readonly serial: number;
}

export interface BoundedListLimits {
  readonly count: number;
  /** The sum of what `weigh` says of each entry. */
  readonly weight: number;
}

/** Entries keep a serial number of the list's own, from 1 on, that is never used again. */
export class BoundedList<Entry> {
  readonly #limits: BoundedListLimits;
  readonly #weigh: (entry: Entry) => number;
  #entries: (Entry & Numbered)[] = [];
  #weight = 0;
  #nextSerial = 1;
  #lost = 0;
  #version = 0;

  constructor(limits: BoundedListLimits, weigh: (entry: Entry) => number = () => 0) {
    this.#limits = limits;
    this.#weigh = weigh;
  }

  /** Oldest first. The array is replaced, never changed, when entries go. */
  get entries(): readonly (Entry & Numbered)[] {
    return this.#entries;
  }

  get last(): (Entry & Numbered) | undefined {
    return this.#entries.at(-1);
  }

  /** How many entries went, or never came because somebody before us had no room. */
  get lost(): number {
    return this.#lost;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  add(entries: readonly Entry[], lostBefore = 0): void {
    if (entries.length === 0 && lostBefore === 0) return;
    this.#version++;
    this.#lost += lostBefore;
    for (const entry of entries) {
      this.#entries.push({ ...entry, serial: this.#nextSerial++ });
      this.#weight += this.#weigh(entry);
    }
    this.#trim();
  }

  /** Puts another entry in the place of the last one. */
  replaceLast(entry: Entry): void {
    const last = this.#entries.pop();
    if (!last) return;
    this.#version++;
    this.#weight += this.#weigh(entry) - this.#weigh(last);
    this.#entries.push({ ...entry, serial: last.serial });
    this.#trim();
  }

  clear(): void {
    this.#version++;
    this.#entries = [];
    this.#weight = 0;
    this.#lost = 0;
  }

  #trim(): void {
    let gone = Math.max(0, this.#entries.length - this.#limits.count);
    for (let at = 0; at < gone; at++) this.#weight -= this.#weigh(this.#entries[at] as Entry);
    while (this.#weight > this.#limits.weight && gone < this.#entries.length - 1)
      this.#weight -= this.#weigh(this.#entries[gone++] as Entry);
    if (gone === 0) return;
    this.#entries = this.#entries.slice(gone);
    this.#lost += gone;
  }
}
