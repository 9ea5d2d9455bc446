// Every example says in its head what it is called, what to watch for and whether it needs the proxy, in both languages. A
// folder is one project: one of its files says it.
import { readExampleHeader } from '../../web/src/page/example-header.ts';
import { readText, repositoryFiles } from '../../cli/repository.ts';
import { report } from './support/findings.ts';

/** examples/DIALECT/NAME.lua or examples/DIALECT/PROJECT/FILE.lua: both are NAME or PROJECT's own. */
const PROJECT_DEPTH = 3;

const projects = new Map<string, string[]>();
for (const file of await repositoryFiles('examples/*.lua')) {
  const project = file.split('/').slice(0, PROJECT_DEPTH).join('/');
  projects.set(project, [...(projects.get(project) ?? []), file]);
}

const findings: string[] = [];
for (const [project, files] of projects) {
  const headers = files.flatMap((file) => readExampleHeader(readText(file)) ?? []);
  if (headers.length !== 1) {
    findings.push(
      `${project}: ${String(headers.length)} of its files have an example's head, not 1`,
    );
  }
  const names = files.map((file) => file.slice(project.length + 1));
  for (const name of headers.flatMap(({ run }) => run)) {
    if (!names.includes(name))
      findings.push(`${project}: its head runs ${name}, which is not there`);
  }
}
if (projects.size === 0) findings.push('there is no example');
report(findings);
