// Our proxy beside its peers: what a byte, a round trip, an open and an idle stream cost, and how fair it is.
// The work is done by a native program (bench/load), whose own cost is small enough to see the proxies'.
import { loadBinary } from '../cli/paths.ts';
import { run } from '../cli/process.ts';
import {
  startFarEnds,
  startHaproxy,
  startMoonwireProxy,
  startSocat,
  startWebsockify,
  startWispJs,
  type PeerPorts,
  type Program,
} from './programs.ts';
import { nodeEcho, type Protocol } from './node_echo.ts';
import { median, type Report, type Row } from './report.ts';

const ROUNDS = 3;
const BULK_BYTES = 512 * 1024 * 1024;
const ECHOES = 4000;
const OPENS = 2000;
const STREAMS = 2000;
/** websockify and socat make a process per connection: fewer, or the machine would be measured. */
const PROCESS_STREAMS = 100;
const FAIR_MS = 2000;
const FIGURE_MS = 20_000;

interface Contender {
  readonly streams: number;
  /** The programs that carry it; their processor time is the cost. */
  readonly programs: readonly Program[];
  /** How bench/load goes: the way, and the ports it leads to. */
  readonly way: string;
  readonly ports: PeerPorts;
}

type Figures = Record<string, number>;

interface Line {
  readonly name: string;
  /** `direct`: the same without a proxy. */
  readonly goal?: (ours: number, direct: number) => readonly [string, boolean];
}

// The goals of the table of peers. haproxy, which only splices TCP, shows what one relay more costs on the machine at hand.
const lines: readonly Line[] = [
  { name: 'down MiB/s' },
  { name: 'down CPU-s/GiB', goal: (ours) => ['at most 0.60', ours <= 0.6] },
  { name: 'up MiB/s' },
  { name: 'up CPU-s/GiB', goal: (ours) => ['at most 0.50', ours <= 0.5] },
  {
    name: 'echo p50 us, Node',
    goal: (ours, direct) => ['1.25 x direct at most', ours <= 1.25 * direct],
  },
  { name: 'echo p50 us' },
  { name: 'echo p99 us' },
  { name: 'echo CPU us', goal: (ours) => ['at most 40', ours <= 40] },
  { name: 'opens/s', goal: (ours) => ['at least 5,000', ours >= 5000] },
  { name: 'KiB/idle stream', goal: (ours) => ['at most 4', ours <= 4] },
  { name: 'many rt/s', goal: (ours) => ['at least 110,000', ours >= 110_000] },
  { name: 'many CPU us', goal: (ours) => ['at most 8', ours <= 8] },
  { name: 'fair p50 us', goal: (ours) => ['at most 150', ours <= 150] },
  { name: 'fair p99 us', goal: (ours) => ['at most 2,000', ours <= 2000] },
  { name: 'fair MiB/s' },
];

/** One piece of work; a proxy that broke down over it, or is stuck, leaves its figures empty. */
async function work(contender: Contender, name: string, amount: number): Promise<Figures> {
  const { echo, source, sink } = contender.ports;
  const pids = contender.programs.map(({ pid }) => String(pid));
  const ended = await run(
    loadBinary,
    [name, String(amount), contender.way, [echo, source, sink].join(','), ...pids],
    { timeoutMs: FIGURE_MS },
  );
  if (ended.status !== 0) return {};
  const lines = ended.stdout.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [figure = '', value = ''] = line.split('\t');
      return [figure, Number(value)];
    }),
  );
}

async function measure(contender: Contender): Promise<Figures> {
  const amounts = {
    download: BULK_BYTES,
    upload: BULK_BYTES,
    echo: ECHOES,
    opens: contender.streams === STREAMS ? OPENS : PROCESS_STREAMS,
    many: contender.streams,
    fair: FAIR_MS,
  };
  const figures: Figures = {};
  for (const [name, amount] of Object.entries(amounts)) {
    Object.assign(figures, await work(contender, name, amount));
  }
  const [protocol = '', server = ''] = contender.way.split(':');
  const { echo } = contender.ports;
  figures['echo p50 us, Node'] = await nodeEcho(
    protocol as Protocol,
    server === '' ? echo : Number(server),
    echo,
    ECHOES,
  ).catch(() => Number.NaN); // it broke down over what came before
  return figures;
}

/** Starts a contender afresh: memory is measured, and one that broke down gets another chance. */
type Start = (ports: PeerPorts) => Promise<Contender>;

function wisp(program: Program, ports: PeerPorts): Contender {
  return { streams: STREAMS, programs: [program], way: `wisp:${String(program.port)}`, ports };
}

/** A program in front of each far end. */
async function inFront(
  ports: PeerPorts,
  begin: (target: number) => Promise<Program>,
): Promise<Pick<Contender, 'programs' | 'ports'>> {
  const [echo, source, sink] = [
    await begin(ports.echo),
    await begin(ports.source),
    await begin(ports.sink),
  ];
  return {
    programs: [echo, source, sink],
    ports: { echo: echo.port, source: source.port, sink: sink.port },
  };
}

const starts: Readonly<Record<string, Start>> = {
  moonwire: async (ports) => wisp(await startMoonwireProxy(), ports),
  'wisp-js': async (ports) => wisp(await startWispJs(), ports),
  websockify: async (ports) => ({
    ...(await inFront(ports, startWebsockify)),
    streams: PROCESS_STREAMS,
    way: 'websockify',
  }),
  haproxy: async (ports) => ({
    ...(await inFront(ports, startHaproxy)),
    streams: STREAMS,
    way: 'tcp',
  }),
  socat: async (ports) => ({
    ...(await inFront(ports, startSocat)),
    streams: PROCESS_STREAMS,
    way: 'tcp',
  }),
  direct: async (ports) =>
    await Promise.resolve({ streams: STREAMS, programs: [], way: 'tcp', ports }),
};

/** `./moonwire bench proxy`. */
export async function benchProxy(onProgress: (what: string) => void): Promise<Report> {
  const farEnds = await startFarEnds();
  const rounds = new Map<string, Figures[]>(Object.keys(starts).map((name) => [name, []]));
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, start] of Object.entries(starts)) {
        onProgress(`round ${String(round + 1)} of ${String(ROUNDS)}: ${name}`);
        const contender = await start(farEnds);
        try {
          rounds.get(name)?.push(await measure(contender));
        } finally {
          for (const program of contender.programs) await program.end();
        }
      }
    }
  } finally {
    await farEnds.end();
  }
  return report(rounds);
}

function report(rounds: ReadonlyMap<string, readonly Figures[]>): Report {
  const rows = lines.map(({ name, goal }): Row => {
    const isCost = name.includes('CPU') || name.includes('KiB/');
    const figures = Object.fromEntries(
      [...rounds].map(([contender, all]) => {
        const values = all
          .flatMap((round) => round[name] ?? [])
          .filter((value) => !Number.isNaN(value));
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
      `many: ${String(STREAMS)} streams exchange 64 bytes at once (websockify, socat: ${String(PROCESS_STREAMS)}).`,
      'fair: an echo beside a bulk download on the same tunnel. CPU is the proxy alone. -: it broke.',
      'echo: by the native load generator, and by a client in Node as in the table of peers, where the goal is from.',
      'haproxy and socat carry plain TCP: the floor for a relay that frames nothing.',
    ],
  };
}
