// Knows what is up to date by content: a stamp holds the hash of a step's inputs, and is written when the step succeeded.
import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';

import { root, stamps } from './paths.ts';

/** The files under `patterns` (globs from the root), sorted; folders of build results are left out. */
export function filesOf(patterns: readonly string[]): string[] {
  const files = patterns.flatMap((pattern) =>
    globSync(pattern, { cwd: root, exclude: ['**/node_modules', 'tests/e2e/results/**'] }),
  );
  return [...new Set(files)].filter((file) => statSync(`${root}/${file}`).isFile()).sort();
}

/** The hash of the files' names and contents. */
export function hashOf(patterns: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of filesOf(patterns)) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(`${root}/${file}`))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Does `work` unless its stamp says that it was done with these very inputs. Returns whether it worked. */
export async function unlessUpToDate(
  name: string,
  inputs: readonly string[],
  work: () => Promise<void>,
): Promise<boolean> {
  const stamp = `${stamps}/${name}`;
  const wanted = hashOf(inputs);
  const found = await readFile(stamp, 'utf8').catch(() => '');
  if (found === wanted) return false;
  await work();
  await mkdir(stamps, { recursive: true });
  await writeFile(stamp, wanted);
  return true;
}
