// Lua in Chromium: ours beside wasmoon, in the same page, in turns; and ours with preemption on beside off.
import { readFileSync } from 'node:fs';

import { root } from '../cli/paths.ts';
import { withBrowser, type Measure } from './browser.ts';
import type { KernelTask } from './page/task.ts';
import { median, type Report, type Row } from './report.ts';

/** Each is a script in bench/kernels, with the goal of DESIGN.md: times as fast as wasmoon. */
const kernels: Readonly<Record<string, number>> = {
  fib: 1,
  loop: 1,
  tables: 1,
  strings: 1,
  pcall: 1,
  error: 1.4,
  coroutines: 1.6,
  closures: 1,
  gc: 1,
  sort: 1,
};

const ROUNDS = 7;
/** What preemption may cost: 5 %. */
const PREEMPTION_COST = 1.05;

/** Medians of two ways to run each kernel, one after the other in every round, each by turns the first. */
async function compare(
  measure: Measure,
  onProgress: (what: string) => void,
  waysOf: (source: string) => readonly [KernelTask, KernelTask],
): Promise<readonly (readonly [name: string, first: number, second: number])[]> {
  const medians: (readonly [string, number, number])[] = [];
  for (const name of Object.keys(kernels)) {
    onProgress(name);
    const ways = waysOf(readFileSync(`${root}/bench/kernels/${name}.lua`, 'utf8'));
    const times: readonly [number[], number[]] = [[], []];
    for (let round = -1; round < ROUNDS; round += 1) {
      for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const ms = await measure(ways[side]);
        if (round >= 0) times[side].push(ms); // the round before the first only warms up
      }
    }
    medians.push([name, median(times[0]), median(times[1])]);
  }
  return medians;
}

function chromium(userAgent: string): string {
  return `Chromium ${/Chrome\/([\d.]+)/.exec(userAgent)?.[1] ?? '?'}`;
}

/** `./moonwire bench lua`. */
export async function benchLua(onProgress: (what: string) => void): Promise<Report> {
  return await withBrowser(async (measure, browser) => {
    const medians = await compare(measure, onProgress, (source) => [
      { contender: 'moonwire', source, preemption: true },
      { contender: 'wasmoon', source, preemption: true },
    ]);
    const rows = medians.map(([name, ours, peer]): Row => {
      const ratio = peer / ours;
      const goal = kernels[name] ?? 1;
      return {
        name,
        figures: { 'moonwire ms': ours, 'wasmoon ms': peer },
        ratio,
        goal: `at least ${goal.toFixed(1)}x`,
        isMet: ratio >= goal,
      };
    });
    return {
      name: 'lua',
      title: `Lua in ${chromium(browser)}, each task in a fresh Lua, medians of ${String(ROUNDS)}`,
      columns: ['moonwire ms', 'wasmoon ms'],
      rows,
      notes: ['ratio: how many times as fast as wasmoon 1.16.0'],
    };
  });
}

/** `./moonwire bench preemption`. */
export async function benchPreemption(onProgress: (what: string) => void): Promise<Report> {
  return await withBrowser(async (measure, browser) => {
    const medians = await compare(measure, onProgress, (source) => [
      { contender: 'moonwire', source, preemption: true },
      { contender: 'moonwire', source, preemption: false },
    ]);
    const rows = medians.map(([name, on, off]): Row => {
      const cost = on / off;
      return {
        name,
        figures: { 'on ms': on, 'off ms': off },
        ratio: off / on,
        goal: 'at most 5 % slower',
        isMet: cost <= PREEMPTION_COST,
      };
    });
    return {
      name: 'preemption',
      title: `Preemption on against off, ${chromium(browser)}, medians of ${String(ROUNDS)}`,
      columns: ['on ms', 'off ms'],
      rows,
      notes: ['ratio: the speed with preemption, as a share of the speed without'],
    };
  });
}
