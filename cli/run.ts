// `./moonwire run`: builds what changed, starts the proxy with the page, prints the address, opens the browser.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

import { buildParts } from './build.ts';
import { Failure } from './failure.ts';
import { page, proxyBinary } from './paths.ts';
import { statusOf } from './process.ts';
import { say } from './progress.ts';

/** The port people find in the README, and how many after it are tried when it is taken. */
const DEFAULT_PORT = 8080;
const PORTS_TRIED = 20;

export interface RunArguments {
  readonly port?: number;
  readonly open: boolean;
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

async function choosePort(asked: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if (await isFree(asked)) return asked;
    throw new Failure(`port ${String(asked)} is taken; choose another with --port`);
  }
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + PORTS_TRIED; port += 1) {
    if (!(await isFree(port))) continue;
    if (port !== DEFAULT_PORT) say(`Port ${String(DEFAULT_PORT)} is taken; using ${String(port)}.`);
    return port;
  }
  throw new Failure(
    `ports ${String(DEFAULT_PORT)} to ${String(DEFAULT_PORT + PORTS_TRIED - 1)} are all taken; choose one with --port`,
  );
}

/** Opens the browser of a desktop; elsewhere the printed address has to do. */
function openBrowser(address: string): void {
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  const opener = spawn('xdg-open', [address], { stdio: 'ignore', detached: true });
  opener.on('error', () => {
    // No xdg-open here: the address is on the screen.
  });
  opener.unref();
}

/** Waits until the proxy answers at `address`, or has ended. */
async function answers(address: string, hasEnded: () => boolean): Promise<boolean> {
  while (!hasEnded()) {
    const reply = await fetch(`${address}healthz`).catch(() => null);
    if (reply !== null) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

export async function runPage({ port: asked, open }: RunArguments): Promise<never> {
  await buildParts(['wasm', 'web', 'proxy']);
  const port = await choosePort(asked);
  const proxy = spawn(
    proxyBinary,
    ['--listen', `127.0.0.1:${String(port)}`, '--page', page, '--log-level', 'warn'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop.abort();
      proxy.kill('SIGTERM');
    });
  }
  const ended = new Promise<number>((resolve, reject) => {
    proxy.on('error', reject);
    proxy.on('exit', (code, signal) => {
      resolve(statusOf(code, signal));
    });
  });
  const address = `http://127.0.0.1:${String(port)}/`;
  if (await answers(address, () => proxy.exitCode !== null)) {
    process.stdout.write(`Moonwire is at ${address}  (Ctrl-C stops it)\n`);
    if (open) openBrowser(address);
  }
  const status = await ended;
  if (stop.signal.aborted) process.stdout.write('\nStopped.\n');
  process.exit(stop.signal.aborted ? 0 : status || 1);
}
