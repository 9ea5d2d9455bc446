// The folder map in README.md names every folder down to the second level, and no folder that is not there.
import { readText, repositoryFiles } from '../../cli/repository.ts';
import { report } from './support/findings.ts';

/** Levels of folders that the map must name. */
const DEPTH = 2;

function mapped(readme: string): Set<string> {
  const block = /<!-- folder map -->\s*```\w*\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const folders = new Set<string>();
  const parents: string[] = [];
  for (const line of block.split('\n')) {
    const [, indent, names] = /^( *)((?:[.\w-]+\/ ?)+)/.exec(line) ?? [];
    if (indent === undefined || names === undefined) continue;
    const level = indent.length / 2;
    for (const name of names.trim().split(' ')) {
      parents.length = level;
      parents.push(name.replace(/\/$/, ''));
      folders.add(parents.join('/'));
    }
  }
  return folders;
}

const map = mapped(readText('README.md'));
const files = await repositoryFiles();
const folders = new Set<string>();
for (const file of files) {
  const parts = file.split('/').slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth += 1)
    folders.add(parts.slice(0, depth).join('/'));
}
report([
  ...[...map].filter((folder) => !folders.has(folder)).map((folder) => `README names ${folder}/`),
  ...[...folders]
    .filter((folder) => folder.split('/').length <= DEPTH && !map.has(folder))
    .map((folder) => `README's map lacks ${folder}/`),
]);
