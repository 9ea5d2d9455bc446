// Puts a server's address into a script: where the tutorial's `testip, testport` stand, else where a connect names one.

import type { Project } from '../projects.ts';

export interface PutAddress {
  readonly path: string;
  readonly text: string;
  /** 1-based line of the change. */
  readonly line: number;
}

const named =
  /\b(test_?ip\s*,\s*test_?port\s*=\s*)(["'])[^"'\n]*\2(\s*,\s*)(?:(["'])[^"'\n]*\4|\d+)/i;
const apart = [
  /\b(test_?(?:ip|host|addr)\s*=\s*)(["'])[^"'\n]*\2/i,
  /\b(test_?port\s*=\s*)(?:(["'])[^"'\n]*\2|\d+)/i,
];
const dialled = /(:connect\s*\(\s*)(["'])[^"'\n]*\2(\s*,\s*)(?:(["'])[^"'\n]*\4|\d+)/;

function inText(text: string, host: string, port: number): { text: string; at: number } | null {
  for (const form of [named, dialled]) {
    const found = form.exec(text);
    if (!found) continue;
    const [whole, head = '', , between = ''] = found;
    const changed = `${head}"${host}"${between}"${String(port)}"`;
    return {
      text: text.slice(0, found.index) + changed + text.slice(found.index + whole.length),
      at: found.index,
    };
  }
  const [hostForm, portForm] = apart;
  const found = hostForm?.exec(text);
  if (!found || !portForm?.test(text)) return null;
  const changed = text
    .replace(hostForm as RegExp, (_, head: string) => `${head}"${host}"`)
    .replace(portForm, (_, head: string) => `${head}"${String(port)}"`);
  return { text: changed, at: found.index };
}

// The tutorial's own pair anywhere counts before a connect somewhere.
const hasNamed = (text: string): boolean => named.test(text) || apart[0]?.test(text) === true;

/** The file that names the test server, with the new address in it; null when none does. */
export function putTestAddress(project: Project, host: string, port: number): PutAddress | null {
  const texts = project.files.flatMap(({ path, content }) =>
    typeof content === 'string' && path.endsWith('.lua') ? [{ path, content }] : [],
  );
  const ordered = [...texts].sort(
    (a, b) => Number(hasNamed(b.content)) - Number(hasNamed(a.content)),
  );
  for (const { path, content } of ordered) {
    const changed = inText(content, host, port);
    if (changed)
      return { path, text: changed.text, line: content.slice(0, changed.at).split('\n').length };
  }
  return null;
}
