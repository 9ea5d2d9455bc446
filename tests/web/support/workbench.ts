// A workbench on the scripted machine, a manual clock and a memory store: nothing sleeps, everything can be asked.

import { makeCatalog, type Example } from '../../../web/src/page/example-catalog.ts';
import { MemoryStore } from '../../../web/src/page/file-store.ts';
import {
  MachineClient,
  type MachineKind,
  type WorkerLike,
} from '../../../web/src/page/machine-client.ts';
import { Workbench } from '../../../web/src/page/workbench.ts';
import type { PageMessage, WorkerMessage } from '../../../web/src/protocol.ts';
import { FakeMachine } from './fake-worker.ts';

const header = (title: string, run: string): string =>
  [
    `-- Title: ${title}`,
    '-- 标题: 题',
    '-- Watch: w',
    '-- 看点: 看',
    '-- Proxy: no',
    `-- Run: ${run}`,
    '',
  ].join('\n');

export const exampleSources = {
  'luasocket/echo/server.lua': header('Echo', 'server.lua, client.lua'),
  'luasocket/echo/client.lua': 'print()',
  'luasocket/flood.lua': header('Flood', 'flood.lua'),
};

/** A worker whose messages the test can read, hold back and forge. */
export class FakeWorker implements WorkerLike {
  onmessage: ((event: MessageEvent<WorkerMessage>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly sent: PageMessage[] = [];
  isTerminated = false;
  /** Kinds that the machine does not get to see. */
  readonly deafTo = new Set<PageMessage['kind']>();
  readonly #machine = new FakeMachine((message) => this.tell(message));

  postMessage(message: PageMessage): void {
    this.sent.push(message);
    if (this.isTerminated || this.deafTo.has(message.kind)) return;
    queueMicrotask(() => this.#machine.handle(message));
  }

  tell(message: WorkerMessage): void {
    if (!this.isTerminated) this.onmessage?.({ data: message } as MessageEvent<WorkerMessage>);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  kinds(kind: PageMessage['kind']): PageMessage[] {
    return this.sent.filter((message) => message.kind === kind);
  }
}

/** Time that moves only when told to. */
export class ManualClock {
  time = 1000;
  #timers: { due: number; run: () => void }[] = [];

  after = (spanMs: number, run: () => void): (() => void) => {
    const timer = { due: this.time + spanMs, run };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  get waiting(): number {
    return this.#timers.length;
  }

  async advance(spanMs: number): Promise<void> {
    const end = this.time + spanMs;
    for (;;) {
      const next = this.#timers
        .filter((timer) => timer.due <= end)
        .sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.due);
      next.run();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets all promises that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

export interface Bench {
  readonly workbench: Workbench;
  readonly workers: FakeWorker[];
  /** Which machine each worker was made for. */
  readonly machines: readonly MachineKind[];
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  /** What moonwire.json answers; null: nothing answers. */
  offer: Response | null | (() => Response);
  /** Runs the animation frames that were asked for. */
  readonly frame: () => void;
}

export function makeBench(
  examples: readonly Example[] = makeCatalog(exampleSources),
  firstMachine: MachineKind = 'all',
  isConfined = false,
): Bench {
  const machines: MachineKind[] = [];
  const workers: FakeWorker[] = [];
  const clock = new ManualClock();
  const store = new MemoryStore();
  let frames: (() => void)[] = [];
  const bench: Bench = {
    workers,
    machines,
    clock,
    store,
    offer: new Response('', { status: 404 }),
    frame: () => {
      const due = frames;
      frames = [];
      for (const run of due) run();
    },
    workbench: new Workbench({
      examples,
      store,
      firstMachine,
      makeClient: (kind) => {
        machines.push(kind);
        const worker = new FakeWorker();
        workers.push(worker);
        return new MachineClient(worker, { wasmUrl: 'http://x/m.wasm', glueUrl: 'http://x/m.js' });
      },
      fetchFile: () => {
        const offer = typeof bench.offer === 'function' ? bench.offer() : bench.offer?.clone();
        return offer ? Promise.resolve(offer) : Promise.reject(new TypeError('network'));
      },
      page: 'http://127.0.0.1:8080/',
      isConfined,
      now: () => clock.time,
      after: clock.after,
      nextFrame: (run) => frames.push(run),
    }),
  };
  return bench;
}
