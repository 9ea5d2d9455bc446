// Tells what is going on: a line per step, with the time it took. On a terminal the running step shows its last line.

/** Steps shorter than this stay silent, so that a second start prints nothing but the address. */
const SILENT_MS = 800;
/** How often a running step speaks up where there is no terminal. */
const HEARTBEAT_MS = 20_000;

const isTerminal = process.stderr.isTTY;

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

interface Running {
  readonly title: string;
  readonly began: number;
  lastLine: string;
}

const steps = new Set<Running>();
let ticker: NodeJS.Timeout | null = null;
let drawn = false;

function clearLine(): void {
  if (drawn) process.stderr.write('\r\x1b[K');
  drawn = false;
}

function draw(): void {
  const step = [...steps].at(-1);
  if (step === undefined || performance.now() - step.began < SILENT_MS) return;
  const text = `  ${step.title}  ${seconds(step.began)}  ${step.lastLine}`;
  process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
  drawn = true;
}

function heartbeat(): void {
  for (const step of steps) say(`  ... ${step.title}  ${seconds(step.began)}  ${step.lastLine}`);
}

/** Prints a line of its own, above the running step. */
export function say(line: string): void {
  clearLine();
  process.stderr.write(`${line}\n`);
}

/** Does a step and tells of it; `work` hands lines of what it runs to `onLine`. */
export async function step<Result>(
  title: string,
  work: (onLine: (line: string) => void) => Promise<Result>,
): Promise<Result> {
  const running: Running = { title, began: performance.now(), lastLine: '' };
  steps.add(running);
  ticker ??= isTerminal ? setInterval(draw, 100) : setInterval(heartbeat, HEARTBEAT_MS);
  let mark = '✗';
  try {
    const result = await work((line) => {
      running.lastLine = line.trim();
    });
    mark = '✓';
    return result;
  } finally {
    steps.delete(running);
    if (steps.size === 0) {
      clearInterval(ticker);
      ticker = null;
    }
    const took = performance.now() - running.began;
    if (took >= SILENT_MS || mark === '✗') say(`${mark} ${title}  ${seconds(running.began)}`);
    else clearLine();
  }
}
