// `./moonwire lua` before the machine was built: builds it, then runs the script as the quick way in ./moonwire does.
import { buildParts } from './build.ts';
import { luaRunner } from './paths.ts';
import { become } from './process.ts';

export async function runLua(args: readonly string[]): Promise<never> {
  await buildParts(['wasm', 'node']);
  return await become(process.execPath, [luaRunner, ...args]);
}
