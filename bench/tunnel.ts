// The same Lua scripts through the tunnel and over plain TCP, and the clients of other ways to the same far ends.
import { root } from '../cli/paths.ts';
import { run } from '../cli/process.ts';
import { websockifyWay, wispWay, type Way } from './clients.ts';
import { startMoonwireProxy, startPeers, startWebsockify, type Program } from './programs.ts';
import { median, type Report, type Row } from './report.ts';
import { download, echo, upload } from './workload.ts';

const ROUNDS = 3;
const ROUND_TRIPS = 5000;
const BULK_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 120_000;

type Ports = Awaited<ReturnType<typeof startPeers>>;

interface Figures {
  readonly 'echo p50 us': number;
  readonly 'down MiB/s': number;
  readonly 'up MiB/s': number;
}

/** A Lua, and the name by which it knows this machine: in ours, 127.0.0.1 is the machine's own loopback. */
interface Interpreter {
  readonly command: readonly string[];
  readonly host: string;
}

/** Runs a script and returns the last number it printed. */
async function ask(lua: Interpreter, script: string, ...args: number[]): Promise<number> {
  const [command = '', ...first] = lua.command;
  const file = `${root}/bench/scripts/${script}.lua`;
  const all = [...first, file, lua.host, ...args.map(String)];
  const ended = await run(command, all, { timeoutMs: TIMEOUT_MS });
  const figure = Number(ended.output.trim().split(/\s+/).at(-1));
  if (ended.status !== 0 || Number.isNaN(figure)) throw new Error(`${script}:\n${ended.output}`);
  return figure;
}

async function byScripts(lua: Interpreter, ports: Ports): Promise<Figures> {
  return {
    'echo p50 us': await ask(lua, 'echo_client', ports.echo, ROUND_TRIPS),
    'down MiB/s': await ask(lua, 'download_client', ports.source, BULK_BYTES),
    'up MiB/s': await ask(lua, 'upload_client', ports.sink, BULK_BYTES),
  };
}

async function byClient(way: Way, ports: Ports): Promise<Figures> {
  const figures = {
    'echo p50 us': median(await echo(way, ports.echo, ROUND_TRIPS)),
    'down MiB/s': (await download(way, ports.source, BULK_BYTES)).mibPerSecond,
    'up MiB/s': (await upload(way, ports.sink, BULK_BYTES)).mibPerSecond,
  };
  way.end();
  return figures;
}

/** `./moonwire bench tunnel`. */
export async function benchTunnel(onProgress: (what: string) => void): Promise<Report> {
  const ports = await startPeers();
  const programs: Program[] = [];
  const begin = async (program: Promise<Program>): Promise<Program> => {
    const begun = await program;
    programs.push(begun);
    return begun;
  };
  try {
    const proxy = await begin(startMoonwireProxy());
    const url = `ws://127.0.0.1:${String(proxy.port)}/wisp/`;
    const bridges = new Map<number, Program>();
    for (const port of [ports.echo, ports.source, ports.sink]) {
      bridges.set(port, await begin(startWebsockify(port)));
    }
    const ways: Readonly<Record<string, () => Promise<Figures>>> = {
      'Lua, tunnel': async () =>
        await byScripts(
          { command: [`${root}/moonwire`, 'lua', '--proxy', url], host: 'proxy.internal' },
          ports,
        ),
      'Lua, native TCP': async () =>
        await byScripts({ command: ['lua5.4'], host: '127.0.0.1' }, ports),
      'JavaScript, our proxy': async () => await byClient(await wispWay(url), ports),
      'JavaScript, websockify': async () =>
        await byClient(
          websockifyWay((port) => bridges.get(port)?.port ?? 0),
          ports,
        ),
    };
    const rounds = new Map<string, Figures[]>(Object.keys(ways).map((name) => [name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, way] of Object.entries(ways)) {
        onProgress(`round ${String(round + 1)} of ${String(ROUNDS)}: ${name}`);
        rounds.get(name)?.push(await way());
      }
    }
    return report(rounds);
  } finally {
    for (const program of programs) await program.end();
    await ports.end();
  }
}

/** The tunnel's echo against the same proxy from hand-written JavaScript (DESIGN.md section 7). */
const ECHO_GOAL = 1.3;

function report(rounds: ReadonlyMap<string, readonly Figures[]>): Report {
  const columns = [...rounds.keys()];
  const rows = (['echo p50 us', 'down MiB/s', 'up MiB/s'] as const).map((name): Row => {
    const figures = Object.fromEntries(
      columns.map((column) => [column, median((rounds.get(column) ?? []).map((one) => one[name]))]),
    );
    if (name !== 'echo p50 us') return { name, figures };
    const ratio = (figures['JavaScript, our proxy'] ?? 0) / (figures['Lua, tunnel'] ?? 1);
    const isMet = ratio >= 1 / ECHO_GOAL;
    return { name, figures, ratio, goal: `1.3 x JavaScript at most`, isMet };
  });
  return {
    name: 'tunnel',
    title: `The tunnel: the machine in Node through the proxy, medians of ${String(ROUNDS)}`,
    columns,
    rows,
    notes: ['native TCP and websockify go to the same far ends on this machine'],
  };
}
