// Each file of ours opens with a line or two that tell what it is for.
import { existsSync } from 'node:fs';

import { root } from '../../cli/paths.ts';
import { readText, repositoryFiles } from '../../cli/repository.ts';
import { report } from './support/findings.ts';

const opening: readonly (readonly [RegExp, RegExp])[] = [
  [/\.(cpp|h)$/, /^\/\/ \S/],
  [/\.(ts|js|mjs)$/, /^(#!.*\n)?(\/\/ \S|\/\*\*?\s)/],
  [/\.lua$/, /^(#!.*\n)?--/],
  [/(^|\/)CMakeLists\.txt$|\.cmake$/, /^# \S/],
  [/(^moonwire$|^scripts\/[a-z-]+$|^\.ci\/)/, /^#!\/usr\/bin\/env bash\n# \S/],
];

const findings: string[] = [];
for (const file of await repositoryFiles()) {
  const rule = opening.find(([name]) => name.test(file));
  if (rule === undefined || file.startsWith('tests/data/')) continue;
  // A test's name says what it tests.
  if (/(_test\.cpp|\.test\.ts)$/.test(file)) continue;
  // What a .cpp is for stands in its header, when it has one.
  if (file.endsWith('.cpp') && existsSync(`${root}/${file.replace(/cpp$/, 'h')}`)) continue;
  const text = readText(file);
  if (text !== '' && !rule[1].test(text))
    findings.push(`${file}: does not open with what it is for`);
}
report(findings);
