// `./moonwire bench`: runs the measurements, prints their tables, writes them as JSON if asked to.
import { writeFile } from 'node:fs/promises';

import { benchLoopback } from '../bench/loopback.ts';
import { benchLua, benchPreemption } from '../bench/lua.ts';
import { benchProxy } from '../bench/proxy.ts';
import { format, type Report } from '../bench/report.ts';
import { benchTunnel } from '../bench/tunnel.ts';
import { buildParts } from './build.ts';
import { Failure } from './failure.ts';
import { step } from './progress.ts';

type Bench = (onProgress: (what: string) => void) => Promise<Report>;

const benches: Readonly<Record<string, Bench>> = {
  lua: benchLua,
  preemption: benchPreemption,
  loopback: benchLoopback,
  tunnel: benchTunnel,
  proxy: benchProxy,
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
  await buildParts(['wasm', 'proxy']);
  const reports: Report[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const report = await step(`bench ${name}`, bench);
    reports.push(report);
    process.stdout.write(`\n${format(report)}`);
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(reports, null, 2)}\n`);
}
