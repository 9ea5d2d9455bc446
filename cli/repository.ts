// The files of the repository: tracked ones, and new ones that git does not ignore.
import { existsSync, readFileSync } from 'node:fs';

import { Failure } from './failure.ts';
import { root } from './paths.ts';
import { run } from './process.ts';

/** Paths from the root, sorted, that match git's own patterns ('*.cpp', 'wasm/*'); none: all. */
export async function repositoryFiles(...patterns: readonly string[]): Promise<string[]> {
  const listed = await run('git', [
    ...['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    ...['--', ...patterns],
  ]);
  if (listed.status !== 0) throw new Failure(`git cannot list the files:\n${listed.output}`);
  const files = listed.output
    .split('\0')
    .filter((file) => file !== '' && existsSync(`${root}/${file}`));
  return [...new Set(files)].sort();
}

export function readText(file: string): string {
  return readFileSync(`${root}/${file}`, 'utf8');
}

/** Files that bash runs, told by their first line. */
export async function shellScripts(): Promise<string[]> {
  const files = await repositoryFiles('moonwire', 'scripts', '.ci', '*.sh', 'bench', 'tests');
  return files.filter((file) => /^#!.*\bbash\b/.test(readText(file).slice(0, 64)));
}
