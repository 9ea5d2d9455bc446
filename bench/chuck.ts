// chuck's packet server with a hundred clients in one machine, beside native LuaSocket and select doing the same, and
// beside the original where a built copy is named.
import { spawn } from 'node:child_process';

import { root } from '../cli/paths.ts';
import { run } from '../cli/process.ts';
import { freePort } from './programs.ts';
import { median, type Report, type Row } from './report.ts';

const SECONDS = 6;
const TIMEOUT_MS = 60_000;
const START_MS = 500;
const scripts = `${root}/bench/scripts`;
const ORIGINAL = 'original (C)';

interface Figures {
  readonly packets: number;
  readonly codec: number;
}

/** What the servers print: a number a second, of which the first is the start's, and the codec's rate. */
function figures(output: string): Figures {
  const lines = output.trim().split('\n');
  const packets = lines.map(Number).filter((rate) => !Number.isNaN(rate));
  if (packets.length < SECONDS) throw new Error(`the packet server failed:\n${output}`);
  const codec = Number(/^codec\s+(\d+)/m.exec(output)?.[1]);
  return { packets: median(packets.slice(1)), codec };
}

async function inMachine(): Promise<Figures> {
  const clients = ['--with', `${scripts}/packet_clients.lua`];
  const server = [`${scripts}/packet_server.lua`, '8010', String(SECONDS)];
  const args = ['lua', '--dialect', 'chuck', ...clients, ...server];
  return figures((await run(`${root}/moonwire`, args, { timeoutMs: TIMEOUT_MS })).output);
}

/** Server and clients as two native processes. */
async function native(lua: string, server: string, client: string, cwd = root): Promise<Figures> {
  const port = String(await freePort());
  const ended = run(lua, [`${scripts}/${server}`, port, String(SECONDS)], {
    timeoutMs: TIMEOUT_MS,
    cwd,
  });
  await new Promise((resolve) => setTimeout(resolve, START_MS));
  const clients = spawn(lua, [`${scripts}/${client}`, port], { stdio: 'ignore', cwd });
  try {
    return figures((await ended).output);
  } finally {
    clients.kill('SIGKILL');
  }
}

/**
 * The folder of an original that somebody has built: chuck.so and the Lua 5.3 that came with it (lua_lib/chuck/README.md
 * tells how). Undefined: none is named.
 */
function originalFolder(): string | undefined {
  return process.env['MOONWIRE_CHUCK_ORIGINAL'];
}

/** `./moonwire bench chuck`. */
export async function benchChuck(onProgress: (what: string) => void): Promise<Report> {
  onProgress('in the machine');
  const ours = await inMachine();
  onProgress('native');
  const theirs = await native('lua5.4', 'select_server.lua', 'select_clients.lua');
  const folder = originalFolder();
  let original: Figures | undefined;
  if (folder !== undefined) {
    onProgress('the original');
    const lua = `${folder}/deps/lua-5.3.0/src/lua`;
    original = await native(lua, 'packet_server.lua', 'packet_clients.lua', folder);
  }
  const packets: Record<string, number> = {
    moonwire: ours.packets,
    'native LuaSocket': theirs.packets,
  };
  const codec: Row = { name: 'tables written and read/s', figures: { moonwire: ours.codec } };
  if (original !== undefined) packets[ORIGINAL] = original.packets;
  return {
    name: 'chuck',
    title: `Packet echo with 100 clients, median of ${String(SECONDS - 1)} seconds`,
    columns: ['moonwire', 'native LuaSocket', ...(original === undefined ? [] : [ORIGINAL])],
    rows: [
      {
        name: 'packets/s',
        figures: packets,
        ratio: ours.packets / Math.max(theirs.packets, original?.packets ?? 0),
      },
      original === undefined
        ? codec
        : {
            ...codec,
            figures: { ...codec.figures, [ORIGINAL]: original.codec },
            ratio: ours.codec / original.codec,
          },
    ],
    notes: [
      'moonwire: server and clients in one machine in Node; native: two processes, select',
      original === undefined
        ? 'the original, too, where MOONWIRE_CHUCK_ORIGINAL names a built copy'
        : 'original: two processes, epoll, upstream’s Lua 5.3; the ratio is to the better of the peers',
    ],
  };
}
