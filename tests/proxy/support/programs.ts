// The programs that a test of the proxy talks to: the proxy itself, far ends, the machine in the terminal.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const path = (file: string): string => fileURLToPath(new URL(`../../../${file}`, import.meta.url));

const binary = path('build/native/proxy/moonwire-proxy');
const runner = path('build/node/lua.mjs');
const LUA_MS = 30_000;

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A proxy in a process of its own; token "tok", this machine's ports open, unless told otherwise. */
export class Proxy {
  static readonly usual = ['--token', 'tok', '--allow', '127.0.0.1:*'];

  readonly process: ChildProcess;
  /** As it printed it: http://127.0.0.1:1234/ */
  readonly page: string;
  /** What it logged so far. */
  readonly log: () => string;

  private constructor(process: ChildProcess, page: string, log: () => string) {
    this.process = process;
    this.page = page;
    this.log = log;
  }

  /** `wrap` is a command before ours: a shell that lowers a limit first. */
  static async start(
    args: readonly string[] = Proxy.usual,
    wrap: readonly string[] = [],
  ): Promise<Proxy> {
    const [command = binary, ...rest] = [
      ...wrap,
      binary,
      ...(args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']),
      ...args,
    ];
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const line = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line').then(([first]) => String(first)),
      once(child, 'exit').then(() => ''),
    ]);
    if (line === '') throw new Error(`the proxy did not start: ${said}`);
    return new Proxy(child, line.replace('listening on ', ''), () => said);
  }

  get host(): string {
    return new URL(this.page).host;
  }
  get wisp(): string {
    return `${this.page.replace(/^http/, 'ws')}wisp/tok/`;
  }

  /** One figure of /metrics. */
  async counter(name: string): Promise<number> {
    const text = await (await fetch(`${this.page}metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`moonwire_${name} `));
    return Number(line?.split(' ').at(-1));
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill(signal);
    await once(this.process, 'exit');
  }
}

/** A TCP server on a free port of this machine. */
export async function serve(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Sends everything back. */
export async function echoServer(): Promise<Server> {
  return await serve((socket) => socket.pipe(socket));
}

/** Sends every datagram back. */
export async function udpEcho(): Promise<UdpSocket> {
  const peer = createSocket('udp4');
  peer.on('message', (message, from) => peer.send(message, from.port, from.address));
  peer.bind(0, '127.0.0.1');
  await once(peer, 'listening');
  return peer;
}

/** A port of this machine where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await serve(() => undefined);
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** What a script prints in the machine, with its tunnel at this address. */
export async function lua(
  proxy: string,
  code: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return await new Promise((resolve) => {
    const args = [runner, '--timeout', '20', '--proxy', proxy, '-e', code];
    const options = { timeout: LUA_MS, env: { ...process.env, ...env } };
    execFile(process.execPath, args, options, (_error, stdout, stderr) => {
      resolve((stdout + stderr).trim());
    });
  });
}
