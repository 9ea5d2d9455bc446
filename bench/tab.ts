// The tunnel from a tab: a Lua script in Chromium and JavaScript by hand, through the same proxy to the same far end.
import { readFileSync } from 'node:fs';

import { root } from '../cli/paths.ts';
import { withBrowser } from './browser.ts';
import type { EchoTask } from './page/task.ts';
import { startFarEnds, startMoonwireProxy } from './programs.ts';
import { median, type Report, type Row } from './report.ts';

const ROUNDS = 5;
const ROUND_TRIPS = 3000;
/** DESIGN.md section 7. */
const GOAL = 1.3;
/** What a busy stream beside it may do to the round trips of a quiet one, against the same without it. */
const BESIDE_GOAL = 3;
const MICROS = 1000;
/** Means of so many trips: the clock of a page has steps of 100 us. */
const BATCH = 20;

type Times = Record<'lua' | 'javascript' | 'alone' | 'stopped' | 'flowing', number[]>;

/** `./moonwire bench tab`. */
export async function benchTab(onProgress: (what: string) => void): Promise<Report> {
  const ends = await startFarEnds();
  const times: Times = { lua: [], javascript: [], alone: [], stopped: [], flowing: [] };
  try {
    await withBrowser(async (measure, _browser, origin) => {
      const proxy = await startMoonwireProxy(origin);
      const echo = {
        url: `ws://127.0.0.1:${String(proxy.port)}/wisp/`,
        port: ends.echo,
        roundTrips: ROUND_TRIPS,
        source: script('echo_batches_client'),
      };
      const median = { ...echo, batch: BATCH, quantile: 0.5 };
      const p99 = { ...echo, contender: 'lua-echo', batch: 1, quantile: 0.99 } as const;
      const beside = (how: string): NonNullable<EchoTask['beside']> => ({
        source: script('download_beside'),
        args: ['proxy.internal', String(ends.source), how],
      });
      const tasks: Readonly<Record<keyof Times, EchoTask>> = {
        lua: { ...median, contender: 'lua-echo' },
        javascript: { ...median, contender: 'javascript-echo' },
        alone: p99,
        stopped: { ...p99, beside: beside('stopped') },
        flowing: { ...p99, beside: beside('flowing') },
      };
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          for (const [name, task] of Object.entries(tasks)) {
            onProgress(`round ${String(round + 1)} of ${String(ROUNDS)}: ${name}`);
            times[name as keyof Times].push((await measure(task)) * MICROS);
          }
        }
      } finally {
        await proxy.end();
      }
    });
    return report(times);
  } finally {
    await ends.end();
  }
}

function script(name: string): string {
  return readFileSync(`${root}/bench/scripts/${name}.lua`, 'utf8');
}

function report(times: Times): Report {
  const { javascript, alone } = {
    javascript: median(times.javascript),
    alone: median(times.alone),
  };
  const row = (name: string, all: number[], peer: number, goal: readonly [number, string]): Row => {
    const lua = median(all);
    const [most, than] = goal;
    return {
      name,
      figures: { Lua: lua, against: peer },
      ratio: peer / lua,
      goal: `${String(most)} x ${than} at most`,
      isMet: lua <= most * peer,
    };
  };
  return {
    name: 'tab',
    title: `The tunnel's echo from Chromium, medians of ${String(ROUNDS)}`,
    columns: ['Lua', 'against'],
    rows: [
      row('echo p50 us', times.lua, javascript, [GOAL, 'JavaScript by hand']),
      row('p99 us, a reader stopped beside it', times.stopped, alone, [BESIDE_GOAL, 'alone']),
      row('p99 us, a download beside it', times.flowing, alone, [BESIDE_GOAL, 'alone']),
    ],
    notes: [
      `p50: of the mean of ${String(BATCH)} round trips, since the clock of a page has steps of 100 us.`,
      'beside it: another process of the same machine, on the same tunnel, from a source that never pauses.',
    ],
  };
}
