// The programs that a measurement needs beside itself: far ends, proxies; each on a free port, all ended afterwards.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';

import { loadBinary, npmTool, proxyBinary, root } from '../cli/paths.ts';
import type { PeerPorts } from './peers.ts';

export type { PeerPorts };

/** A program that holds more is ended: a proxy that queues without bound would take the whole machine with it. */
const MEMORY_KIB = 2 * 1024 * 1024;
const MEMORY_POLL_MS = 100;
/** How long a program may take to listen. */
const START_MS = 10_000;

export interface Program {
  readonly pid: number;
  readonly port: number;
  readonly end: () => Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/** Starts a program that is told its port, and waits until it listens there. */
export async function start(
  command: string,
  argumentsFor: (port: number) => readonly string[],
): Promise<Program> {
  const port = await freePort();
  const child = spawn(command, argumentsFor(port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const deadline = performance.now() + START_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${command} does not listen on port ${String(port)}: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const guard = setInterval(() => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      if (residentKib(child.pid) > MEMORY_KIB) child.kill('SIGKILL');
    }
  }, MEMORY_POLL_MS);
  return {
    pid: child.pid ?? 0,
    port,
    end: async () => {
      clearInterval(guard);
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

/** The far ends, in a process of their own. */
export async function startPeers(): Promise<PeerPorts & { readonly end: () => Promise<void> }> {
  const child = fork(`${root}/bench/peers.ts`, [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const ports = await new Promise<PeerPorts>((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as PeerPorts);
    });
    child.once('exit', () => {
      reject(new Error('the far ends did not start'));
    });
  });
  return {
    ...ports,
    end: async () => {
      child.kill();
      await ended(child);
    },
  };
}

/** The native far ends of bench/load: an echo, a source and a sink that never wait for each other. */
export async function startFarEnds(): Promise<PeerPorts & { readonly end: () => Promise<void> }> {
  const child = spawn(loadBinary, ['far-ends'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
    child.once('error', reject);
  });
  const [echo = 0, source = 0, sink = 0] = line.trim().split(' ').map(Number);
  return {
    ...{ echo, source, sink },
    end: async () => {
      child.stdin.end();
      await ended(child);
    },
  };
}

/** haproxy as a plain TCP relay: what moving bytes costs at least (it splices). */
export async function startHaproxy(target: number): Promise<Program> {
  const folder = await mkdtemp(`${tmpdir()}/moonwire-haproxy-`);
  const begun = await start('haproxy', (port) => {
    const to = `127.0.0.1:${String(target)}`;
    const lines = [
      ...['global', ' nbthread 1', ' maxconn 5000', 'defaults', ' mode tcp', ' option splice-auto'],
      ...[' timeout connect 5s', ' timeout client 1m', ' timeout server 1m'],
      ...['listen relay', ` bind 127.0.0.1:${String(port)}`, ` server far ${to}`, ''],
    ];
    writeFileSync(`${folder}/haproxy.cfg`, lines.join('\n'));
    return ['-db', '-q', '-f', `${folder}/haproxy.cfg`];
  });
  return {
    ...begun,
    end: async () => {
      await begun.end();
      await rm(folder, { recursive: true });
    },
  };
}

/** socat: a process per connection. */
export async function startSocat(target: number): Promise<Program> {
  return await start('socat', (port) => [
    '-b65536',
    `TCP4-LISTEN:${String(port)},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=128`,
    `TCP4:127.0.0.1:${String(target)},nodelay`,
  ]);
}

/** Our proxy, open to this machine's own far ends and to pages of the given origins. */
export async function startMoonwireProxy(...origins: readonly string[]): Promise<Program> {
  return await start(proxyBinary, (port) => [
    ...['--listen', `127.0.0.1:${String(port)}`, '--token', 'none', '--allow', '127.0.0.1:*'],
    ...origins.flatMap((origin) => ['--origin', origin]),
  ]);
}

/** The Wisp server of the npm package wisp-js. */
export async function startWispJs(): Promise<Program> {
  const options = { allow_loopback_ips: true, allow_private_ips: true, allow_direct_ip: true };
  return await start(process.execPath, (port) => [
    npmTool('@mercuryworkshop/wisp-js/src/bin/server_cli.mjs'),
    ...['--port', String(port), '--logging', 'ERROR', '--options', JSON.stringify(options)],
  ]);
}

/** Debian's websockify, in front of one far end. */
export async function startWebsockify(target: number): Promise<Program> {
  return await start('websockify', (port) => [
    `127.0.0.1:${String(port)}`,
    `127.0.0.1:${String(target)}`,
  ]);
}

const TICKS_PER_SECOND = 100;

/** Processor seconds of a program and of its children (websockify makes one per connection). */
export function cpuSeconds(pid: number): number {
  const own = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(own[field]), 0);
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  const living = children.split(' ').filter(Boolean).map(Number);
  return living.reduce((sum, child) => sum + cpuSeconds(child), ticks / TICKS_PER_SECOND);
}

/** Resident memory of a program and its children, in KiB; 0 when it has ended. */
export function residentKib(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const own = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
    const living = children.split(' ').filter(Boolean).map(Number);
    return living.reduce((sum, child) => sum + residentKib(child), own);
  } catch {
    return 0;
  }
}
