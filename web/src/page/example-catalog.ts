// Turns the files under examples/ into projects: a folder is a project, a single file is one too. The lead file, whose
// header speaks for the project, is the one that has a `Run` field or the only one with a header.

import { dialects } from './dialect.ts';
import { readExampleHeader, type ExampleHeader } from './example-header.ts';
import type { Dialect } from '../protocol.ts';

/** One entry of the menu. `id` is what `?example=` takes. */
export interface Example {
  readonly id: string;
  readonly dialect: Dialect;
  readonly header: ExampleHeader;
  readonly files: Readonly<Record<string, string>>;
}

// The order of the menu: a newcomer's way through; what is not named comes after, by name.
const order = ['echo', 'chat', 'local-get', 'version', 'raw-get', 'http-request'];

/** `sources` maps paths such as `luasocket/echo/server.lua` to their text. */
export function makeCatalog(sources: Readonly<Record<string, string>>): readonly Example[] {
  const projects = new Map<
    string,
    { dialect: Dialect; name: string; files: Map<string, string> }
  >();
  for (const path of Object.keys(sources).sort()) {
    const [dialectName = '', ...rest] = path.split('/');
    const dialect = dialects.find((known) => known === dialectName);
    const first = rest[0];
    if (!dialect || first === undefined) continue;
    const name = rest.length === 1 ? first.replace(/\.lua$/, '') : first;
    const inside = rest.length === 1 ? first : rest.slice(1).join('/');
    const key = `${dialect}/${name}`;
    const project = projects.get(key) ?? { dialect, name, files: new Map<string, string>() };
    project.files.set(inside, sources[path] ?? '');
    projects.set(key, project);
  }
  const examples: Example[] = [];
  for (const { dialect, name, files } of projects.values()) {
    const headers = [...files].flatMap(([path, text]) => {
      const header = readExampleHeader(text);
      return header ? [{ path, header }] : [];
    });
    const lead = headers.find(({ header }) => header.run.length > 0) ?? headers[0];
    if (!lead) continue;
    const run = lead.header.run.length > 0 ? lead.header.run : [lead.path];
    // What runs first stands first in the tabs.
    const paths = [...new Set([...run.filter((path) => files.has(path)), ...files.keys()])];
    examples.push({
      id: dialect === 'luasocket' ? name : `${dialect}-${name}`,
      dialect,
      header: { ...lead.header, run },
      files: Object.fromEntries(paths.map((path) => [path, files.get(path) ?? ''])),
    });
  }
  const rank = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
  return examples.sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id));
}
