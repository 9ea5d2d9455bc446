// Runs other programs: quietly into a log, or with their output passed through.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { root } from './paths.ts';

/** How a program ended: its exit status, 128 + signal when a signal ended it. */
export interface Ended {
  readonly status: number;
  /** Both streams, as they came. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Everything it prints goes here too. */
  readonly log?: string;
  /** Called with each line it prints. */
  readonly onLine?: (line: string) => void;
  /** Ends it (and its children) with SIGKILL after so many milliseconds. */
  readonly timeoutMs?: number;
}

/** The most output kept in memory of one program; the log file has the rest. */
const OUTPUT_KEPT = 4 * 1024 * 1024;

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

const running = new Set<number>();

/** Ends whatever we started and did not see end. Each program leads its own process group. */
export function endAll(): void {
  for (const pid of running) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
  running.clear();
}

/** The status a shell would show for how a child ended. */
export function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signalNumbers[signal ?? ''] ?? 0);
}

/** Runs a program to its end without a standard input, and keeps what it printed. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  if (options.log !== undefined) await mkdir(dirname(options.log), { recursive: true });
  const log = options.log === undefined ? null : createWriteStream(options.log);
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    const timer =
      options.timeoutMs === undefined || pid === undefined
        ? null
        : setTimeout(() => process.kill(-pid, 'SIGKILL'), options.timeoutMs);
    const kept = { output: '', stdout: '', stderr: '' };
    let rest = '';
    const take = (stream: 'stdout' | 'stderr', chunk: string): void => {
      log?.write(chunk);
      if (kept.output.length < OUTPUT_KEPT) {
        kept.output += chunk;
        kept[stream] += chunk;
      }
      if (options.onLine === undefined) return;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine(line);
    };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        take(stream, chunk);
      });
    }
    const finish = (then: () => void): void => {
      if (timer !== null) clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      if (log === null) then();
      else log.end(then);
    };
    child.on('error', (error) => {
      finish(() => {
        reject(error);
      });
    });
    child.on('close', (code, signal) => {
      finish(() => {
        resolve({ status: statusOf(code, signal), ...kept });
      });
    });
  });
}

/** Becomes another program, as far as Node can: same terminal, same signals, same exit status. */
export async function become(command: string, args: readonly string[]): Promise<never> {
  const child = spawn(command, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(statusOf(code, signal));
    });
  });
  process.exit(status);
}
