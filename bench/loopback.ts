// Echo between two processes: in one machine over its loopback, beside native Lua and LuaSocket over the kernel's.
import { spawn } from 'node:child_process';

import { root } from '../cli/paths.ts';
import { run } from '../cli/process.ts';
import { freePort } from './programs.ts';
import { median, type Report } from './report.ts';

const ROUNDS = 5;
const ROUND_TRIPS = 20_000;
const TIMEOUT_MS = 120_000;
const server = `${root}/bench/scripts/echo_server.lua`;
const client = `${root}/bench/scripts/echo_client.lua`;

/** What echo_client.lua printed. */
function figures(output: string): { readonly perSecond: number; readonly p50: number } {
  const [perSecond, p50] = output.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  if (perSecond === undefined || p50 === undefined || Number.isNaN(perSecond)) {
    throw new Error(`the echo client failed:\n${output}`);
  }
  return { perSecond, p50 };
}

async function inMachine(): Promise<string> {
  const args = ['lua', '--with', server, client, '127.0.0.1', '7', String(ROUND_TRIPS)];
  return (await run(`${root}/moonwire`, args, { timeoutMs: TIMEOUT_MS })).output;
}

async function native(): Promise<string> {
  const port = String(await freePort());
  const serving = spawn('lua5.4', [server, port], { stdio: 'ignore' });
  try {
    const args = [client, '127.0.0.1', port, String(ROUND_TRIPS)];
    return (await run('lua5.4', args, { timeoutMs: TIMEOUT_MS })).output;
  } finally {
    serving.kill('SIGKILL');
  }
}

/** `./moonwire bench loopback`. */
export async function benchLoopback(onProgress: (what: string) => void): Promise<Report> {
  const ours: ReturnType<typeof figures>[] = [];
  const theirs: ReturnType<typeof figures>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    onProgress(`round ${String(round + 1)} of ${String(ROUNDS)}`);
    ours.push(figures(await inMachine()));
    theirs.push(figures(await native()));
  }
  const perSecond = [ours, theirs].map((side) => median(side.map((one) => one.perSecond)));
  const p50 = [ours, theirs].map((side) => median(side.map((one) => one.p50)));
  const [rateOurs = Number.NaN, rateTheirs = Number.NaN] = perSecond;
  const [p50Ours = Number.NaN, p50Theirs = Number.NaN] = p50;
  return {
    name: 'loopback',
    title: `Echo of 64 bytes between two processes, ${String(ROUND_TRIPS)} round trips, medians of ${String(ROUNDS)}`,
    columns: ['moonwire', 'native LuaSocket'],
    rows: [
      {
        name: 'round trips/s',
        figures: { moonwire: rateOurs, 'native LuaSocket': rateTheirs },
        ratio: rateOurs / rateTheirs,
        goal: 'at least 1.0x',
        isMet: rateOurs >= rateTheirs,
      },
      {
        name: 'p50 us',
        figures: { moonwire: p50Ours, 'native LuaSocket': p50Theirs },
        ratio: p50Theirs / p50Ours,
      },
    ],
    notes: [
      'moonwire: the machine in Node; native: lua5.4 and lua-socket, two processes of the kernel',
    ],
  };
}
