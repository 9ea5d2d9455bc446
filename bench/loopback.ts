// Two processes that talk: in one machine over its loopback, beside native Lua and LuaSocket over the kernel's. Then select
// over many sockets, and what idle ones cost.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { loadMachine } from '../web/src/node/load-machine.ts';
import { makeWallClock, steadyMicros } from '../web/src/worker/clock.ts';
import { Machine, type MachineHost } from '../web/src/worker/machine.ts';
import { build, root } from '../cli/paths.ts';
import { run } from '../cli/process.ts';
import { freePort } from './programs.ts';
import { median, type Report, type Row } from './report.ts';

const ROUNDS = 5;
const ROUND_TRIPS = 20_000;
const MEBIBYTES = 256;
const SELECTED = 1000;
const SELECTS = 2000;
const IDLE = 10_000;
const IDLE_MIB_MAX = 64;
const TIMEOUT_MS = 120_000;

const script = (name: string): string => `${root}/bench/scripts/${name}.lua`;

/** The numbers in the last line that a script printed. */
function figures(output: string): readonly number[] {
  const numbers = output.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  if (numbers.length === 0 || numbers.some(Number.isNaN))
    throw new Error(`a script failed:\n${output}`);
  return numbers;
}

/** What is measured: a client that prints figures, perhaps with a server beside it. */
interface Task {
  readonly client: string;
  readonly server: string | null;
  readonly args: readonly number[];
}

const port = (task: Task, number: number): string[] =>
  task.server === null ? [] : ['127.0.0.1', String(number)];

async function inMachine(task: Task): Promise<readonly number[]> {
  const beside = task.server === null ? [] : ['--with', script(task.server)];
  const args = ['lua', ...beside, script(task.client), ...port(task, 7), ...task.args.map(String)];
  return figures((await run(`${root}/moonwire`, args, { timeoutMs: TIMEOUT_MS })).output);
}

async function native(task: Task): Promise<readonly number[]> {
  const number = task.server === null ? 0 : await freePort();
  const serving =
    task.server === null
      ? null
      : spawn('lua5.4', [script(task.server), String(number)], { stdio: 'ignore' });
  try {
    const args = [script(task.client), ...port(task, number), ...task.args.map(String)];
    return figures((await run('lua5.4', args, { timeoutMs: TIMEOUT_MS })).output);
  } finally {
    serving?.kill('SIGKILL');
  }
}

const columns = ['moonwire', 'native LuaSocket'] as const;

/** A row: the medians of one of a task's figures on both sides, taken in turn. */
function compare(
  name: string,
  sides: readonly (readonly (readonly number[])[])[],
  { figure = 0, isCost = false, goal = true } = {},
): Row {
  const [ours = Number.NaN, theirs = Number.NaN] = sides.map((rounds) =>
    median(rounds.map((one) => one[figure] ?? Number.NaN)),
  );
  const ratio = isCost ? theirs / ours : ours / theirs;
  return {
    name,
    figures: { [columns[0]]: ours, [columns[1]]: theirs },
    ratio,
    ...(goal ? { goal: 'at least 1.0x', isMet: ratio >= 1 } : {}),
  };
}

async function measure(
  task: Task,
  onProgress: (what: string) => void,
): Promise<readonly (readonly (readonly number[])[])[]> {
  const sides: (readonly number[])[][] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    onProgress(`${task.client}, round ${String(round + 1)} of ${String(ROUNDS)}`);
    sides[0]?.push(await inMachine(task));
    sides[1]?.push(await native(task));
  }
  return sides;
}

/** The part of WebAssembly that is used; its types come with the browser's only. */
interface WasmApi {
  readonly Memory: abstract new () => { readonly buffer: ArrayBuffer };
  instantiate: (
    source: unknown,
    imports: unknown,
  ) => Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
}

/** What the machine's memory is, in MiB: an empty one, and one that holds idle sockets. */
async function idleMemory(): Promise<{ readonly empty: number; readonly full: number }> {
  // The memory itself is nobody's business but here: it is taken as the instance is made.
  const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
  const { instantiate } = wasm;
  const memories: { readonly buffer: ArrayBuffer }[] = [];
  wasm.instantiate = async (source, imports) => {
    const made = await instantiate(source, imports);
    for (const exported of Object.values(made.instance.exports))
      if (exported instanceof wasm.Memory) memories.push(exported);
    return made;
  };
  let printed = 0;
  const host: MachineHost = {
    wallClock: makeWallClock(),
    steadyClock: steadyMicros,
    entropy: (into) => void crypto.getRandomValues(into),
    write: (_, __, bytes) => void (printed += bytes.length),
    exited: () => undefined,
    reading: () => undefined,
    doorsChanged: () => undefined,
    tunnelChanged: () => undefined,
    filesChanged: () => undefined,
    uplink: null,
  };
  try {
    const machine = new Machine(await loadMachine(`${build}/wasm/edge`), host, {});
    const mebibytes = (): number => (memories[0]?.buffer.byteLength ?? Number.NaN) / 1024 / 1024;
    const empty = mebibytes();
    machine.putFile('/project/idle.lua', readFileSync(script('idle_pairs')), 'writable');
    const processes = 4; // a process has 4,096 descriptors
    for (let one = 0; one < processes; one += 1)
      machine.spawn({ path: 'idle.lua', args: [String(IDLE / processes / 2)] });
    while (machine.run(10_000).hasMore);
    const { sockets } = machine.census();
    if (sockets !== IDLE || printed === 0)
      throw new Error(`${String(sockets)} sockets are open instead of ${String(IDLE)}`);
    return { empty, full: mebibytes() };
  } finally {
    wasm.instantiate = instantiate;
  }
}

/** `./moonwire bench loopback`. */
export async function benchLoopback(onProgress: (what: string) => void): Promise<Report> {
  const echo = await measure(
    { client: 'echo_client', server: 'echo_server', args: [ROUND_TRIPS] },
    onProgress,
  );
  const pour = await measure(
    { client: 'pour_client', server: 'pour_server', args: [MEBIBYTES] },
    onProgress,
  );
  const select = await measure(
    { client: 'select_one', server: null, args: [SELECTED, SELECTS] },
    onProgress,
  );
  onProgress('idle sockets');
  const memory = await idleMemory();
  return {
    name: 'loopback',
    title: `Two processes that talk, medians of ${String(ROUNDS)}`,
    columns: [...columns],
    rows: [
      compare('echo of 64 bytes, round trips/s', echo),
      compare('echo of 64 bytes, p50 us', echo, { figure: 1, isCost: true, goal: false }),
      compare('one way, MiB/s', pour),
      compare(`select over ${SELECTED.toLocaleString('en')}, one ready, per s`, select),
      {
        name: `${IDLE.toLocaleString('en')} idle sockets, MiB of machine`,
        figures: { [columns[0]]: memory.full, [columns[1]]: null },
        goal: `below ${String(IDLE_MIB_MAX)} MiB`,
        isMet: memory.full < IDLE_MIB_MAX,
      },
    ],
    notes: [
      'moonwire: the machine in Node; native: lua5.4 and lua-socket, two processes of the kernel',
      `an empty machine has ${memory.empty.toFixed(1)} MiB; idle sockets are both ends of connections in four processes`,
    ],
  };
}
