// The command line of `./moonwire lua`: options, then FILE, then what belongs to the script.
import { parseArgs } from 'node:util';

import type { Dialect, ModuleProfile } from '../protocol.ts';

export const USAGE = `Usage: ./moonwire lua [OPTIONS] FILE [ARGS...]

Runs FILE as \`lua FILE ARGS...\` would, in Moonwire's machine: real LuaSocket calls, over loopback inside the machine or,
with --proxy, over the network. FILE's folder is the project: what is in it can be read, required and written. A dash as FILE
reads the script from standard input.

  --with FILE      start FILE first, as another process of the same machine; what it prints comes on standard error behind
                   "[name] ". The run ends when the main script ends. May be given several times.
  --proxy URL      reach the world by this proxy: its page (http://127.0.0.1:8080/), or a Wisp address (ws://HOST/PATH/)
  --lib DIR        put DIR on package.path. May be given several times.
  --dialect NAME   luasocket (default), luat or chuck. Beside a luat script, those of --with are luasocket processes.
  --module NAME    what a luat script runs on: air202 (default) or air724u
  --lua51          as Lua 5.1: its names (module, setfenv, unpack, loadstring, table.getn and others), and 10 / 2 is 5
  --socket-debug   set socket._DEBUG, so that send and receive also tell how long they took
  --timeout S      end the run after S seconds, with status 124
  --memory MIB     what one process may use (default 64)
  -e CODE          run CODE instead of a file
  -v, --version    print Lua's version
  -h, --help       print this

Without a proxy there are hosts to try clients on: http.lab:80 (/ lists its paths), echo.lab:7, discard.lab:9, daytime.lab:13,
silent.lab:80, refuse.lab, reset.lab:7, trickle.lab:7.

Ends with the main script's status: 0 after a normal end, 1 after an error, what os.exit gave, 130 after Ctrl-C.
`;

/** What to run, once the command line made sense. */
export interface RunOptions {
  readonly script: { readonly file: string } | { readonly code: string };
  readonly args: readonly string[];
  readonly companions: readonly string[];
  readonly libraries: readonly string[];
  readonly proxy: string | null;
  readonly dialect: Dialect;
  readonly module: ModuleProfile;
  readonly lua51: boolean;
  readonly debug: boolean;
  readonly timeoutMs: number | null;
  readonly memoryBytes: number | null;
}

export type Command =
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

/** The command line makes no sense; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const options = {
  with: { type: 'string', multiple: true },
  proxy: { type: 'string' },
  lib: { type: 'string', multiple: true },
  dialect: { type: 'string' },
  module: { type: 'string' },
  lua51: { type: 'boolean' },
  'socket-debug': { type: 'boolean' },
  timeout: { type: 'string' },
  memory: { type: 'string' },
  execute: { type: 'string', short: 'e' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

// Where our own options end: at the first word that is neither an option nor an option's value.
function countOwnWords(argv: readonly string[]): number {
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find((token) => token.kind !== 'option');
  return first?.index ?? argv.length;
}

function parseOwn(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positiveNumber(text: string | undefined, option: string): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${option} wants a number above 0, not '${text}'`);
  return value;
}

function dialectNamed(name: string): Dialect {
  if (name === 'luasocket' || name === 'luat' || name === 'chuck') return name;
  throw new UsageError(`there is no dialect '${name}': luasocket, luat, chuck`);
}

function moduleNamed(name: string): ModuleProfile {
  if (name === 'air202' || name === 'air724u') return name;
  throw new UsageError(`there is no module '${name}': air202, air724u`);
}

/** Reads the words after `./moonwire lua`. @throws {UsageError} */
export function parseCommand(argv: readonly string[]): Command {
  const own = countOwnWords(argv);
  const values = parseOwn(argv.slice(0, own));
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const rest = argv.slice(argv[own] === '--' ? own + 1 : own);
  const timeout = positiveNumber(values.timeout, 'timeout');
  const memory = positiveNumber(values.memory, 'memory');
  const common = {
    companions: values.with ?? [],
    libraries: values.lib ?? [],
    proxy: values.proxy ?? null,
    dialect: dialectNamed(values.dialect ?? 'luasocket'),
    module: moduleNamed(values.module ?? 'air202'),
    lua51: values.lua51 ?? false,
    debug: values['socket-debug'] ?? false,
    timeoutMs: timeout === null ? null : timeout * 1000,
    memoryBytes: memory === null ? null : memory * 1024 * 1024,
  };
  if (values.execute !== undefined) {
    return { kind: 'run', options: { script: { code: values.execute }, args: rest, ...common } };
  }
  const [file, ...args] = rest;
  if (file === undefined) throw new UsageError('no FILE to run');
  return { kind: 'run', options: { script: { file }, args, ...common } };
}
