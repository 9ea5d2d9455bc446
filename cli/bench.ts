// `./moonwire bench`: runs the measurements, prints their tables, writes them as JSON if asked to.
import { writeFile } from 'node:fs/promises';

import { benchChuck } from '../bench/chuck.ts';
import { benchLoopback } from '../bench/loopback.ts';
import { benchLua, benchPreemption } from '../bench/lua.ts';
import { benchProxy } from '../bench/proxy.ts';
import { format, type Report } from '../bench/report.ts';
import { benchTab } from '../bench/tab.ts';
import { benchTunnel } from '../bench/tunnel.ts';
import { buildParts, type Part } from './build.ts';
import { Failure } from './failure.ts';
import { step } from './progress.ts';

interface Bench {
  readonly parts: readonly Part[];
  readonly run: (onProgress: (what: string) => void) => Promise<Report>;
}

const benches: Readonly<Record<string, Bench>> = {
  lua: { parts: ['wasm'], run: benchLua },
  preemption: { parts: ['wasm'], run: benchPreemption },
  loopback: { parts: ['wasm', 'node'], run: benchLoopback },
  chuck: { parts: ['wasm', 'node'], run: benchChuck },
  tunnel: { parts: ['wasm', 'node', 'proxy'], run: benchTunnel },
  tab: { parts: ['wasm', 'proxy', 'load'], run: benchTab },
  proxy: { parts: ['proxy', 'load'], run: benchProxy },
};

export const allBenches = Object.keys(benches);

/** Runs the named measurements, or all of them, one after the other. */
export async function runBenches(
  names: readonly string[],
  json: string | undefined,
): Promise<void> {
  for (const name of names) {
    if (!allBenches.includes(name)) {
      throw new Failure(`no measurement called '${name}'; there are ${allBenches.join(', ')}`);
    }
  }
  const reports: Report[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (names.length > 0 && !names.includes(name)) continue;
    await buildParts(bench.parts);
    const report = await step(`bench ${name}`, bench.run);
    reports.push(report);
    process.stdout.write(`\n${format(report)}`);
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(reports, null, 2)}\n`);
}
