// Our proxy beside its peers: what a byte, a round trip, an open and an idle stream cost, and how fair it is.
import { tcpWay, websockifyWay, wispWay, type Way } from './clients.ts';
import {
  cpuSeconds,
  residentKib,
  startMoonwireProxy,
  startPeers,
  startWebsockify,
  startWispJs,
  type Program,
} from './programs.ts';
import { median, type Report, type Row } from './report.ts';
import { download, echo, fair, idle, many, opens, upload } from './workload.ts';

const ROUNDS = 3;
const BULK_BYTES = 512 * 1024 * 1024;
const ECHOES = 4000;
const OPENS = 2000;
const OPENS_AT_ONCE = 32;
const STREAMS = 2000;
/** websockify makes a process per connection: fewer, or the machine would be measured, not the proxy. */
const PROCESS_STREAMS = 100;
const MANY_ROUNDS = 10;
const FAIR_MS = 2000;
const FIGURE_MS = 60_000;
/** echo() warms up with one trip for so many measured ones. */
const WARM_SHARE = 10;

interface Contender {
  readonly name: string;
  readonly streams: number;
  /** The programs that carry it; their processor time is the cost. */
  readonly programs: readonly Program[];
  readonly way: () => Promise<Way>;
}

type Figures = Record<string, number>;

interface Line {
  readonly name: string;
  readonly goal?: (ours: number, direct: number) => readonly [string, boolean];
}

// DESIGN.md section 7 and the goals beside the table of peers.
const lines: readonly Line[] = [
  { name: 'down MiB/s' },
  { name: 'down CPU-s/GiB', goal: (ours) => ['at most 0.60', ours <= 0.6] },
  { name: 'up MiB/s' },
  { name: 'up CPU-s/GiB', goal: (ours) => ['at most 0.50', ours <= 0.5] },
  { name: 'echo p50 us', goal: (ours, direct) => ['1.25 x direct', ours <= 1.25 * direct] },
  { name: 'echo CPU us', goal: (ours) => ['at most 40', ours <= 40] },
  { name: 'opens/s', goal: (ours) => ['at least 5,000', ours >= 5000] },
  { name: 'KiB/idle stream', goal: (ours) => ['at most 4', ours <= 4] },
  { name: 'many rt/s', goal: (ours) => ['at least 110,000', ours >= 110_000] },
  { name: 'many CPU us', goal: (ours) => ['at most 8', ours <= 8] },
  { name: 'fair p50 us', goal: (ours) => ['at most 150', ours <= 150] },
  { name: 'fair p99 us', goal: (ours) => ['at most 2,000', ours <= 2000] },
];

function cpu(contender: Contender): number {
  return contender.programs.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
}

function memory(contender: Contender): number {
  return contender.programs.reduce((sum, { pid }) => sum + residentKib(pid), 0);
}

/** Does some work and says what it cost in processor seconds. */
async function costing<Result>(
  contender: Contender,
  work: () => Promise<Result>,
): Promise<readonly [Result, number]> {
  const before = cpu(contender);
  const result = await work();
  return [result, cpu(contender) - before];
}

type Ports = Awaited<ReturnType<typeof startPeers>>;

/** Fails when a figure takes so long that the proxy must be stuck. */
async function giveUp(): Promise<never> {
  return await new Promise((_resolve, reject) => {
    setTimeout(reject, FIGURE_MS).unref();
  });
}

/** A figure that a proxy broke down over stays empty; the next one starts with a new connection. */
async function attempt(
  contender: Contender,
  work: (way: Way) => Promise<Figures>,
): Promise<Figures> {
  let way: Way | null = null;
  try {
    way = await Promise.race([contender.way(), giveUp()]);
    return await Promise.race([work(way), giveUp()]);
  } catch {
    return {};
  } finally {
    way?.end();
  }
}

async function measure(contender: Contender, ports: Ports): Promise<Figures> {
  const parts: readonly ((way: Way) => Promise<Figures>)[] = [
    async (way) => {
      const work = async (): ReturnType<typeof download> =>
        await download(way, ports.source, BULK_BYTES);
      const [{ mibPerSecond, gib }, seconds] = await costing(contender, work);
      return { 'down MiB/s': mibPerSecond, 'down CPU-s/GiB': seconds / gib };
    },
    async (way) => {
      const work = async (): ReturnType<typeof upload> => await upload(way, ports.sink, BULK_BYTES);
      const [{ mibPerSecond, gib }, seconds] = await costing(contender, work);
      return { 'up MiB/s': mibPerSecond, 'up CPU-s/GiB': seconds / gib };
    },
    async (way) => {
      const work = async (): Promise<number[]> => await echo(way, ports.echo, ECHOES);
      const [times, seconds] = await costing(contender, work);
      const trips = ECHOES + ECHOES / WARM_SHARE;
      return { 'echo p50 us': median(times), 'echo CPU us': (seconds / trips) * 1e6 };
    },
    async (way) => ({ 'opens/s': await opens(way, ports.echo, OPENS, OPENS_AT_ONCE) }),
    async (way) => {
      const before = memory(contender);
      const streams = await idle(way, ports.echo, contender.streams);
      const kib = (memory(contender) - before) / contender.streams;
      const work = async (): Promise<number> => await many(streams, MANY_ROUNDS);
      const [rate, seconds] = await costing(contender, work);
      for (const stream of streams) {
        stream.onClose = () => undefined;
        stream.close();
      }
      const trips = streams.length * MANY_ROUNDS;
      return {
        'KiB/idle stream': kib,
        'many rt/s': rate,
        'many CPU us': (seconds / trips) * 1e6,
      };
    },
    async (way) => {
      const { p50, p99 } = await fair(way, ports, FAIR_MS);
      return { 'fair p50 us': p50, 'fair p99 us': p99 };
    },
  ];
  const figures: Figures = {};
  for (const part of parts) Object.assign(figures, await attempt(contender, part));
  return figures;
}

/** Starts a contender afresh: memory is measured, and one that broke down gets another chance. */
type Start = (ports: Ports) => Promise<Contender>;

async function wisp(name: string, program: Program): Promise<Contender> {
  return await Promise.resolve({
    name,
    streams: STREAMS,
    programs: [program],
    way: async () => await wispWay(`ws://127.0.0.1:${String(program.port)}/wisp/`),
  });
}

async function websockify(ports: Ports): Promise<Contender> {
  const bridges = new Map<number, Program>();
  for (const port of [ports.echo, ports.source, ports.sink]) {
    bridges.set(port, await startWebsockify(port));
  }
  return {
    name: 'websockify',
    streams: PROCESS_STREAMS,
    programs: [...bridges.values()],
    way: () => Promise.resolve(websockifyWay((port) => bridges.get(port)?.port ?? 0)),
  };
}

const starts: Readonly<Record<string, Start>> = {
  moonwire: async () => await wisp('moonwire', await startMoonwireProxy()),
  'wisp-js': async () => await wisp('wisp-js', await startWispJs()),
  websockify,
  direct: async () =>
    await Promise.resolve({
      name: 'direct',
      streams: STREAMS,
      programs: [],
      way: async () => await Promise.resolve(tcpWay()),
    }),
};

/** `./moonwire bench proxy`. */
export async function benchProxy(onProgress: (what: string) => void): Promise<Report> {
  const ports = await startPeers();
  const rounds = new Map<string, Figures[]>(Object.keys(starts).map((name) => [name, []]));
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, start] of Object.entries(starts)) {
        onProgress(`round ${String(round + 1)} of ${String(ROUNDS)}: ${name}`);
        const contender = await start(ports);
        try {
          rounds.get(name)?.push(await measure(contender, ports));
        } finally {
          for (const program of contender.programs) await program.end();
        }
      }
    }
  } finally {
    await ports.end();
  }
  return report(rounds);
}

function report(rounds: ReadonlyMap<string, readonly Figures[]>): Report {
  const rows = lines.map(({ name, goal }): Row => {
    const isCost = name.includes('CPU') || name.includes('KiB/');
    const figures = Object.fromEntries(
      [...rounds].map(([contender, all]) => {
        const values = all.flatMap((round) => round[name] ?? []);
        const hasProgram = contender !== 'direct' || !isCost;
        return [contender, hasProgram && values.length > 0 ? median(values) : null];
      }),
    );
    const judged = goal?.(figures['moonwire'] ?? Number.NaN, figures['direct'] ?? Number.NaN);
    return { name, figures, ...(judged && { goal: judged[0], isMet: judged[1] }) };
  });
  return {
    name: 'proxy',
    title: `The proxy beside its peers, medians of ${String(ROUNDS)} interleaved rounds`,
    columns: [...rounds.keys()],
    rows,
    notes: [
      `many: ${String(STREAMS)} streams exchange 64 bytes at once (websockify: ${String(PROCESS_STREAMS)}).`,
      'fair: an echo beside a bulk download on the same tunnel. CPU is the proxy alone. -: it broke.',
    ],
  };
}
