// chuck's packet server with a hundred clients in one machine, beside native LuaSocket and select doing the same.
import { spawn } from 'node:child_process';

import { root } from '../cli/paths.ts';
import { run } from '../cli/process.ts';
import { freePort } from './programs.ts';
import { median, type Report } from './report.ts';

const SECONDS = 6;
const TIMEOUT_MS = 60_000;
const scripts = `${root}/bench/scripts`;

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

async function native(): Promise<Figures> {
  const port = String(await freePort());
  const server = run('lua5.4', [`${scripts}/select_server.lua`, port, String(SECONDS)], {
    timeoutMs: TIMEOUT_MS,
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const clients = spawn('lua5.4', [`${scripts}/select_clients.lua`, port], { stdio: 'ignore' });
  try {
    return figures((await server).output);
  } finally {
    clients.kill('SIGKILL');
  }
}

/** `./moonwire bench chuck`. */
export async function benchChuck(onProgress: (what: string) => void): Promise<Report> {
  onProgress('in the machine');
  const ours = await inMachine();
  onProgress('native');
  const theirs = await native();
  return {
    name: 'chuck',
    title: `Packet echo with 100 clients, median of ${String(SECONDS - 1)} seconds`,
    columns: ['moonwire', 'native LuaSocket'],
    rows: [
      {
        name: 'packets/s',
        figures: { moonwire: ours.packets, 'native LuaSocket': theirs.packets },
        ratio: ours.packets / theirs.packets,
      },
      { name: 'tables written and read/s', figures: { moonwire: ours.codec } },
    ],
    notes: ['moonwire: server and clients in one machine in Node; native: two processes, select'],
  };
}
