// `./moonwire test`: builds what the layers need and runs them; counts every test. A layer that crashed or ran nothing
// counts as a failure.
import { buildParts } from './build.ts';
import { Failure } from './failure.ts';
import type { Counts } from './counts.ts';
import { layers, type Layer } from './layers.ts';
import { say } from './progress.ts';

export const allLayers = layers.map((layer) => layer.name);

interface Result {
  readonly layer: Layer;
  readonly counts: Counts;
  readonly seconds: number;
}

/** Failed tests named at the end of each layer; its log has the rest. */
const FAILURES_SHOWN = 30;

async function runLayer(layer: Layer): Promise<Result> {
  const began = performance.now();
  let counts: Counts;
  try {
    await buildParts(layer.parts);
    counts = await layer.run();
  } catch (error) {
    const why = error instanceof Failure ? error.message : String((error as Error).stack ?? error);
    counts = { passed: 0, failed: 1, skipped: 0, failures: [`${layer.name} did not run: ${why}`] };
  }
  if (counts.passed + counts.failed === 0) {
    counts = { ...counts, failed: 1, failures: [`${layer.name} ran no test`] };
  }
  const seconds = (performance.now() - began) / 1000;
  for (const failure of counts.failures.slice(0, FAILURES_SHOWN)) say(failure);
  if (counts.failures.length > FAILURES_SHOWN) {
    say(`... and ${String(counts.failures.length - FAILURES_SHOWN)} more`);
  }
  say(row({ layer, counts, seconds }));
  return { layer, counts, seconds };
}

function row({ layer, counts, seconds }: Result): string {
  const mark = counts.failed === 0 ? '✓' : '✗';
  const numbers = `${String(counts.passed).padStart(5)} passed, ${String(counts.failed)} failed`;
  const skipped = counts.skipped === 0 ? '' : `, ${String(counts.skipped)} skipped`;
  return `${mark} ${layer.name.padEnd(8)} ${numbers}${skipped}  ${seconds.toFixed(1)} s`;
}

/** Quiet layers run while others still build; those that measure time wait until the machine is theirs. */
async function runInOrder(chosen: readonly Layer[]): Promise<Result[]> {
  const early = chosen.filter((layer) => layer.when === 'early');
  const late = chosen.filter((layer) => layer.when === 'late');
  const results: Result[] = [];
  const beside = (async () => {
    for (const layer of early) results.push(await runLayer(layer));
  })();
  // Building for the later layers is what the early ones run beside; a failure is told by the layer itself.
  const parts = [...new Set(late.flatMap((layer) => layer.parts))];
  for (const part of parts) await buildParts([part]).catch(() => undefined);
  await beside;
  for (const layer of late) results.push(await runLayer(layer));
  return results;
}

/** Returns the exit status: 0 when everything passed. */
export async function runTests(names: readonly string[]): Promise<number> {
  for (const name of names) {
    if (!allLayers.includes(name)) {
      throw new Failure(`no layer called '${name}'; there are ${allLayers.join(', ')}`);
    }
  }
  const chosen = layers.filter((layer) => names.length === 0 || names.includes(layer.name));
  const results = await runInOrder(chosen);
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    results.reduce((total, { counts }) => total + counts[key], 0);
  const lines = chosen
    .flatMap((layer) => results.filter((result) => result.layer === layer))
    .map(row);
  const skipped = sum('skipped') === 0 ? '' : `, ${String(sum('skipped'))} skipped`;
  process.stdout.write(`\n${lines.join('\n')}\n`);
  process.stdout.write(
    `${String(sum('passed'))} passed, ${String(sum('failed'))} failed${skipped}\n`,
  );
  return sum('failed') === 0 ? 0 : 1;
}
