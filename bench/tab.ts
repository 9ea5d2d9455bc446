// The tunnel from a tab: a Lua script in Chromium and JavaScript by hand, through the same proxy to the same far end.
import { readFileSync } from 'node:fs';

import { root } from '../cli/paths.ts';
import { withBrowser } from './browser.ts';
import { startMoonwireProxy, startPeers } from './programs.ts';
import { median, type Report } from './report.ts';

const ROUNDS = 5;
const ROUND_TRIPS = 3000;
/** DESIGN.md section 7. */
const GOAL = 1.3;
const MICROS = 1000;

/** `./moonwire bench tab`. */
export async function benchTab(onProgress: (what: string) => void): Promise<Report> {
  const ports = await startPeers();
  try {
    return await withBrowser(async (measure, _browser, origin) => {
      const proxy = await startMoonwireProxy(origin);
      const url = `ws://127.0.0.1:${String(proxy.port)}/wisp/`;
      const source = readFileSync(`${root}/bench/scripts/echo_batches_client.lua`, 'utf8');
      const times = { 'lua-echo': [] as number[], 'javascript-echo': [] as number[] };
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          onProgress(`round ${String(round + 1)} of ${String(ROUNDS)}`);
          for (const contender of ['lua-echo', 'javascript-echo'] as const) {
            const task = { contender, url, port: ports.echo, roundTrips: ROUND_TRIPS, source };
            times[contender].push(await measure(task));
          }
        }
      } finally {
        await proxy.end();
      }
      const lua = median(times['lua-echo']) * MICROS;
      const javascript = median(times['javascript-echo']) * MICROS;
      return {
        name: 'tab',
        title: `The tunnel's echo from Chromium, medians of ${String(ROUNDS)}`,
        columns: ['Lua', 'JavaScript'],
        rows: [
          {
            name: 'echo p50 us',
            figures: { Lua: lua, JavaScript: javascript },
            ratio: javascript / lua,
            goal: `${String(GOAL)} x JavaScript at most`,
            isMet: lua <= GOAL * javascript,
          },
        ],
        notes: ['medians of the mean of 20 round trips: the clock of a page has steps of 100 us'],
      };
    });
  } finally {
    await ports.end();
  }
}
