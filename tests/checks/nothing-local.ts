// Nothing of one developer's machine or registry stands in the repository.
import { readText, repositoryFiles } from '../../cli/repository.ts';
import { report } from './support/findings.ts';

/** Folders that exist on somebody's machine only. `/tmp` and `/usr` exist on every one. */
const localPath = /(?<![\w.~-])\/(?:work|root|home\/[a-z]|Users)\/[\w.-]+/;
const textFile = /\.(cpp|h|ts|js|mjs|json|lua|md|txt|cmake|css|html|svg|yml)$|(^|\/)[^.]+$/;

const findings: string[] = [];
for (const file of await repositoryFiles()) {
  if (!textFile.test(file)) continue;
  const text = readText(file);
  if (file.endsWith('package-lock.json')) {
    const resolved = text.match(/"resolved": "https?:/g)?.length ?? 0;
    if (resolved > 0) findings.push(`${file}: names a registry in ${String(resolved)} places`);
    continue;
  }
  text.split('\n').forEach((line, index) => {
    const found = localPath.exec(line);
    if (found !== null) findings.push(`${file}:${String(index + 1)}: ${found[0]}`);
  });
}
report(findings);
