// `./moonwire proxy`: runs the proxy alone, with the built page when there is one.
import { existsSync } from 'node:fs';

import { buildParts } from './build.ts';
import { page, proxyBinary } from './paths.ts';
import { become } from './process.ts';

export async function runProxy(args: readonly string[]): Promise<never> {
  if (!existsSync(proxyBinary)) await buildParts(['proxy']);
  const saysPage = args.some((arg) => arg === '--page' || arg.startsWith('--page='));
  const withPage = !saysPage && existsSync(`${page}/index.html`);
  return await become(proxyBinary, [...args, ...(withPage ? ['--page', page] : [])]);
}
