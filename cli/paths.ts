// Where things are in this checkout.
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
export const build = `${root}/build`;
export const logs = `${build}/logs`;
export const stamps = `${build}/stamps`;
export const results = `${build}/results`;
export const page = `${root}/dist`;
export const proxyBinary = `${build}/native/proxy/moonwire-proxy`;
/** The load generator of `./moonwire bench proxy`. */
export const loadBinary = `${build}/native/bench/moonwire-load`;
/** The machine for Node: what `./moonwire lua` runs. */
export const luaRunner = `${build}/node/lua.mjs`;

/** The path of a tool that npm brought, to be run by the Node that runs us. */
export function npmTool(path: string): string {
  return `${root}/node_modules/${path}`;
}
