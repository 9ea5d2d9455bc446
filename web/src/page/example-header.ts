// The head comment of an example: the one place where its title, what to watch for and whether it needs the proxy stand.
// The menu, the consoles' pane and the e2e tests read it. Form, one field a line, before any code:
//
//   -- Title: Echo server and two clients
//   -- 标题: 回声服务器与两个客户端
//   -- Watch: what to look at, in one line
//   -- 看点: 同样的一行
//   -- Proxy: no | optional | needed
//   -- Run: server.lua, client.lua, client.lua      (only where a project starts more than its one file)
//   -- Module: air202 | air724u                     (openLuat only: what stands on the bench)

import type { ModuleProfile } from '../protocol.ts';

/** Whether an example reaches beyond the tab. */
export type ProxyNeed = 'no' | 'optional' | 'needed';

export interface ExampleHeader {
  readonly title: { readonly en: string; readonly zh: string };
  readonly watch: { readonly en: string; readonly zh: string };
  readonly proxy: ProxyNeed;
  /** What "Run project" starts, in order; empty when the header does not say. */
  readonly run: readonly string[];
  /** The module it is written for; null when any will do. */
  readonly module: ModuleProfile | null;
}

const field = /^--\s*(Title|标题|Watch|看点|Proxy|Run|Module)\s*[:：]\s*(.*?)\s*$/;

/** Reads the header of a file; null when a field that must be there is missing or wrong. */
export function readExampleHeader(text: string): ExampleHeader | null {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('--')) break;
    const [, name, value] = field.exec(line) ?? [];
    if (name !== undefined && value) found.set(name, value);
  }
  const [title, titleZh] = [found.get('Title'), found.get('标题')];
  const [watch, watchZh] = [found.get('Watch'), found.get('看点')];
  const proxy = found.get('Proxy');
  if (!title || !titleZh || !watch || !watchZh) return null;
  if (proxy !== 'no' && proxy !== 'optional' && proxy !== 'needed') return null;
  const run = (found.get('Run') ?? '').split(',').flatMap((name) => name.trim() || []);
  const wanted = found.get('Module');
  const module = wanted === 'air202' || wanted === 'air724u' ? wanted : null;
  return {
    title: { en: title, zh: titleZh },
    watch: { en: watch, zh: watchZh },
    proxy,
    run,
    module,
  };
}
