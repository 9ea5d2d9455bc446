// Which API a project's scripts see: what the person chose, else what the example says; and what pasted code looks like.

import type { Example } from './example-catalog.ts';
import { fileOf, type Project } from './projects.ts';
import type { MachineKind } from './machine-client.ts';
import type { Dialect } from '../protocol.ts';

export const dialects: readonly Dialect[] = ['luasocket', 'luat', 'chuck'];

export const isDialect = (value: unknown): value is Dialect =>
  dialects.some((dialect) => dialect === value);

/** Which machine has a project's dialect. Companions of other dialects are luasocket's. */
export const machineFor = (dialect: Dialect): MachineKind =>
  dialect === 'luasocket' ? 'luasocket' : 'all';

export const dialectOf = (project: Project, example: Example | null): Dialect =>
  project.dialect ?? example?.dialect ?? 'luasocket';

const said = /^--\s*Dialect\s*[:：]\s*(\w+)\s*$/m;

/**
 * What one file of a project runs as: what its head comment says (`-- Dialect: luasocket`), so that a server in the tab
 * can stand beside the module's scripts; else what the project is.
 */
export function dialectOfFile(project: Project, path: string, present: Dialect): Dialect {
  const content = fileOf(project, path)?.content;
  if (typeof content !== 'string') return present;
  const head = /^(?:--[^\n]*\n?)*/.exec(content)?.[0] ?? '';
  const word = said.exec(head)?.[1];
  return isDialect(word) ? word : present;
}

// The three marks of a LuaTask project. `require"sys"` alone says little, and PROJECT is a word anybody may use.
const marks = [
  /^\s*module\s*\(\s*\.\.\.\s*,\s*package\.seeall\s*\)/m,
  /\brequire\s*\(?\s*["'](?:sys|net|netLed|ril|log)["']/,
  /^\s*PROJECT\s*=\s*["']/m,
];
const marksNeeded = 2;

const asksForChuck = /^(?:(?!--).)*\brequire\s*\(?\s*["'](?:chuck|distri\.[\w.]+)["']/m;

/** Whether a file that would run without chuck's libraries asks for them. */
export function looksLikeChuck(project: Project): boolean {
  return project.files.some(
    ({ path, content }) =>
      typeof content === 'string' &&
      asksForChuck.test(content) &&
      dialectOfFile(project, path, 'luasocket') === 'luasocket',
  );
}

/** Whether the files look like an openLuat project: a main.lua, and two of its marks anywhere. */
export function looksLikeLuat(project: Project): boolean {
  if (!fileOf(project, 'main.lua')) return false;
  const texts = project.files.flatMap(({ content }) =>
    typeof content === 'string' ? [content] : [],
  );
  const found = marks.filter((mark) => texts.some((text) => mark.test(text)));
  return found.length >= marksNeeded;
}
