// The page's end of the wire: records of what crossed the network, while somebody watches. Not watching costs nothing.

import { BoundedList, type Numbered } from './module/bounded-list.ts';
import { readable } from './module/bytes.ts';
import { limits } from './limits.ts';
import type { Workbench } from './workbench.ts';
import type { WireRecord } from '../protocol.ts';

export type WireEntry = Omit<WireRecord, 'serial'>;

export interface WireFilter {
  readonly kind: WireRecord['kind'] | null;
  /** Looked for in addresses, file and text, whatever its case; '' is everything. */
  readonly search: string;
}

export function passesWire(filter: WireFilter, entry: WireEntry, owner: string): boolean {
  if (filter.kind !== null && entry.kind !== filter.kind) return false;
  if (filter.search === '') return true;
  const wanted = filter.search.toLowerCase();
  const plain = `${owner} ${entry.file}:${entry.line} ${entry.from} ${entry.to}`.toLowerCase();
  return plain.includes(wanted) || readable(entry.bytes).toLowerCase().includes(wanted);
}

export class WireLog {
  readonly #workbench: Workbench;
  readonly #listeners = new Set<() => void>();
  readonly #release: (() => void)[];
  readonly #records = new BoundedList<WireEntry>(
    { count: limits.wireRecords, weight: limits.wireBytes },
    (entry) => entry.bytes.length,
  );
  #isOn = false;
  #generation: number;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    this.#generation = workbench.generation;
    this.#release = [
      workbench.onNews((news) => {
        if (news.kind !== 'wire' || !this.#isOn) return;
        this.#records.add(news.records, news.lost);
        this.#tell();
      }),
      workbench.onChange(() => {
        // A new machine was not told to watch.
        if (workbench.generation === this.#generation) return;
        this.#generation = workbench.generation;
        if (this.#isOn) workbench.watchWire(true);
      }),
    ];
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get entries(): readonly (WireEntry & Numbered)[] {
    return this.#records.entries;
  }

  get lost(): number {
    return this.#records.lost;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(on: boolean): void {
    if (on === this.#isOn) return;
    this.#isOn = on;
    this.#workbench.watchWire(on);
    this.#tell();
  }

  clear(): void {
    this.#records.clear();
    this.#tell();
  }

  dispose(): void {
    if (this.#isOn) this.#workbench.watchWire(false);
    for (const release of this.#release) release();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
