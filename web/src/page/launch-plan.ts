// What "Run project" starts, and in which order. An example says so in its header; for one's own files it is worked out:
// servers first, files that others `require` not at all.

import { dialectOfFile } from './dialect.ts';
import { isLua, type Project } from './projects.ts';
import type { Dialect } from '../protocol.ts';

const serverName = /(^|[^a-z])(server|serve|srv|listener|broker|host)([^a-z]|$)|服务/i;
const requires = /\brequire\s*\(?\s*(?:"([^"\n]+)"|'([^'\n]+)'|\[\[([^\]\n]+)\]\])/g;

/** The project files that `text` loads with `require`. */
function required(text: string): string[] {
  return [...text.matchAll(requires)].flatMap((found) => {
    const name = (found[1] ?? found[2] ?? found[3] ?? '').replaceAll('.', '/');
    return [`${name}.lua`, `${name}/init.lua`];
  });
}

/** The texts of a file and of the project's files that it loads, and that those load. */
export function withModules(project: Project, path: string): readonly string[] {
  const contents = new Map(project.files.map((file) => [file.path, file.content]));
  const seen = new Set([path]);
  const texts: string[] = [];
  for (const one of seen) {
    const text = contents.get(one);
    if (typeof text !== 'string') continue;
    texts.push(text);
    for (const loaded of required(text)) if (contents.has(loaded)) seen.add(loaded);
  }
  return texts;
}

const isBlank = (content: string | Uint8Array): boolean =>
  typeof content === 'string' ? content.trim() === '' : content.length === 0;

/** Paths to start, in order; a path may come twice. */
export function launchPlan(
  project: Project,
  shipped: readonly string[],
  dialect: Dialect = 'luasocket',
): readonly string[] {
  const present = new Set(project.files.map((file) => file.path));
  const asShipped = shipped.filter((path) => present.has(path));
  if (asShipped.length > 0) return oneModule(project, asShipped, dialect);
  // A module has one Lua machine, and it begins with main.lua.
  if (dialect === 'luat' && present.has('main.lua')) {
    const others = [...present].filter(
      (path) => isLua(path) && dialectOfFile(project, path, dialect) !== 'luat',
    );
    return ['main.lua', ...others];
  }
  const runnable = project.files.filter((file) => isLua(file.path) && !isBlank(file.content));
  const loaded = new Set(
    runnable.flatMap((file) => (typeof file.content === 'string' ? required(file.content) : [])),
  );
  const mains = runnable.map((file) => file.path).filter((path) => !loaded.has(path));
  const chosen = mains.length > 0 ? mains : runnable.map((file) => file.path);
  const ordered = [
    ...chosen.filter((path) => serverName.test(path)),
    ...chosen.filter((path) => !serverName.test(path)),
  ];
  return oneModule(project, ordered, dialect);
}

// Of what would run on the module only the first does; the others have machines of their own.
function oneModule(project: Project, plan: readonly string[], dialect: Dialect): readonly string[] {
  const onModule = plan.filter((path) => dialectOfFile(project, path, dialect) === 'luat');
  return plan.filter((path) => !onModule.includes(path) || path === onModule[0]);
}

/** The plan in words: `server.lua, then client.lua ×2`. */
export function describePlan(plan: readonly string[], then: string): string {
  const groups: { path: string; count: number }[] = [];
  for (const path of plan) {
    const last = groups[groups.length - 1];
    if (last?.path === path) last.count++;
    else groups.push({ path, count: 1 });
  }
  return groups.map(({ path, count }) => (count > 1 ? `${path} ×${count}` : path)).join(then);
}

/** Splits a line of arguments as a shell would: spaces part, quotes and backslashes keep together. */
export function splitArguments(line: string): readonly string[] {
  const found: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (quote !== null) {
      if (character === quote) quote = null;
      else if (character === '\\' && quote === '"' && at + 1 < line.length)
        word = (word ?? '') + (line[++at] ?? '');
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word = word ?? '';
    } else if (character === '\\' && at + 1 < line.length) word = (word ?? '') + (line[++at] ?? '');
    else if (/\s/.test(character)) {
      if (word !== null) found.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (word !== null) found.push(word);
  return found;
}
