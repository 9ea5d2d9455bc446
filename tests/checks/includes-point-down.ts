// Includes point one way: edge -> bindings -> kernel -> net -> wisp <- proxy, never the other way; beside it
// bindings -> module -> net and modem. Emscripten stays in edge, Boost in proxy, Lua above net; wisp and modem know
// the standard library only.
import { readText, repositoryFiles } from '../../cli/repository.ts';
import { report } from './support/findings.ts';

/** From the top down: a folder may include itself and what stands after it. */
const order = ['edge', 'bindings', 'kernel', 'net', 'wisp'];

function mayInclude(from: string, to: string): boolean {
  if (from === 'proxy') return to === 'proxy' || to === 'wisp';
  if (from === 'modem') return to === 'modem';
  if (to === 'modem') return ['edge', 'bindings', 'module'].includes(from);
  if (from === 'module') return ['module', 'net'].includes(to);
  if (to === 'module') return from === 'edge' || from === 'bindings';
  if (from === 'lua' || to === 'lua') return to === 'lua' && !['net', 'wisp'].includes(from);
  return order.includes(to) && order.indexOf(to) >= order.indexOf(from);
}

/** Why a folder may not include a header in angle brackets, or null when it may. */
function systemObjection(from: string, header: string): string | null {
  if (header.startsWith('emscripten') && from !== 'edge') return 'Emscripten belongs to wasm/edge';
  if (header.startsWith('boost/') && from !== 'proxy') return 'Boost belongs to proxy';
  if (
    /^(lua|lauxlib|lualib)/.test(header) &&
    ['net', 'wisp', 'modem', 'module', 'proxy'].includes(from)
  ) {
    return `${from} does not know Lua`;
  }
  if ((from === 'wisp' || from === 'modem') && /[/.]/.test(header)) {
    return `${from} knows the standard library only`;
  }
  return null;
}

function objection(from: string, bracket: string, header: string): string | null {
  if (bracket === '<') return systemObjection(from, header);
  if (/^(lua|lauxlib|lualib)\w*\.(h|hpp)$/.test(header)) return systemObjection(from, header);
  if (!header.includes('/')) return null; // a neighbour in the same folder
  const folder = header.split('/')[0] ?? '';
  if (folder === '..') return 'includes start at the layer, not at ..';
  return mayInclude(from, folder) ? null : `${from} may not include ${folder}`;
}

const findings: string[] = [];
for (const file of await repositoryFiles('wasm/*.h', 'wasm/*.cpp', 'proxy/*.h', 'proxy/*.cpp')) {
  const from = file.startsWith('proxy/') ? 'proxy' : (file.split('/')[1] ?? '');
  readText(file)
    .split('\n')
    .forEach((line, index) => {
      const [, bracket, header] = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(line) ?? [];
      if (bracket === undefined || header === undefined) return;
      const why = objection(from, bracket, header);
      if (why !== null) findings.push(`${file}:${String(index + 1)}: ${header}: ${why}`);
    });
}
report(findings);
