// `./moonwire lua`: runs a Lua script in the machine, in the terminal.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { loadMachine } from './load-machine.ts';
import { parseCommand, type RunOptions, USAGE, UsageError } from './options.ts';
import { tunnelAddress } from './proxy-address.ts';
import { ScriptRun, StartError } from './run-script.ts';
import type { OpenSocket } from '../worker/uplink.ts';

/** How a shell names a death by SIGPIPE: what `lua` would have died of. */
const BROKEN_PIPE = 141;
const TIMED_OUT = 124;
const MISUSED = 2;

// The bundle is build/node/lua.mjs, the machine is build/wasm/edge/.
const MACHINE_FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../wasm/edge');

/** WebSockets of the ws package, loaded only when there is a tunnel. */
async function loadWebSockets(): Promise<OpenSocket> {
  const { WebSocket } = await import('ws');
  return (url, protocols) => new WebSocket(url, protocols, { perMessageDeflate: false });
}

const noWebSockets: OpenSocket = () => {
  throw new Error('there is no proxy');
};

async function run(options: RunOptions): Promise<number> {
  const module = loadMachine(MACHINE_FOLDER);
  const tunnel = options.proxy === null ? null : await tunnelAddress(options.proxy);
  const openSocket = tunnel === null ? noWebSockets : await loadWebSockets();
  const script = new ScriptRun(await module, openSocket, process, options.memoryBytes);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => script.abandon(BROKEN_PIPE));
  }
  process.on('SIGINT', () => script.interrupt(128 + 2));
  process.on('SIGTERM', () => script.stop(128 + 15));
  process.on('SIGHUP', () => script.stop(128 + 1));
  if (options.timeoutMs !== null) setTimeout(() => script.stop(TIMED_OUT), options.timeoutMs);
  script.start(options, tunnel);
  return await script.ended;
}

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  switch (command.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'version': {
      const { luaVersion } = await loadMachine(MACHINE_FOLDER);
      process.stdout.write(
        `${luaVersion}  Copyright (C) 1994-2022 Lua.org, PUC-Rio (in Moonwire)\n`,
      );
      return 0;
    }
    case 'run':
      return await run(command.options);
  }
}

// Ends when the terminal has all: a pipe may still have to take bytes.
function leave(status: number): void {
  process.exitCode = status;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}

try {
  leave(await main());
} catch (error) {
  const isKnown = error instanceof UsageError || error instanceof StartError;
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`moonwire lua: ${why}\n`);
  if (error instanceof UsageError) process.stderr.write(`Try './moonwire lua --help'.\n`);
  if (!isKnown && process.env['MOONWIRE_DEBUG']) console.error(error);
  leave(error instanceof UsageError ? MISUSED : 1);
}
