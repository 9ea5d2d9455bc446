// Every shell script stops at its first mistake, and can be run.
import { statSync } from 'node:fs';

import { root } from '../../cli/paths.ts';
import { readText, shellScripts } from '../../cli/repository.ts';
import { report } from './support/findings.ts';

const EXECUTABLE = 0o111;

const findings: string[] = [];
for (const file of await shellScripts()) {
  const firstCommand = readText(file)
    .split('\n')
    .find((line) => line !== '' && !line.startsWith('#'));
  if (firstCommand !== 'set -euo pipefail') {
    findings.push(`${file}: begins without set -euo pipefail`);
  }
  if ((statSync(`${root}/${file}`).mode & EXECUTABLE) === 0)
    findings.push(`${file}: not executable`);
}
report(findings);
