// Real peers for tests of the tunnel: a TCP echo server, our proxy, and the wisp-js server.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const proxyBinary = fileURLToPath(
  new URL('../../../build/native/proxy/moonwire-proxy', import.meta.url),
);

/** Something that listens on a port of this machine until it is closed. */
export interface Peer {
  readonly port: number;
  close(): Promise<void>;
}

async function listening(server: Server | HttpServer, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A TCP server that treats each connection as told. */
export async function startTcpServer(handle: (socket: Socket) => void): Promise<Peer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    handle(socket);
  });
  const port = await listening(server);
  return {
    port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Gives every byte back, and the end too. */
export async function startEchoServer(): Promise<Peer> {
  return await startTcpServer((socket) => socket.pipe(socket));
}

/** A port of this machine where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Our proxy, as a process of its own. */
export class Proxy implements Peer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** Starts it on a free port, or on the one given; it may dial this machine and knows the token "test". */
  static async start(port = 0, ...more: readonly string[]): Promise<Proxy> {
    const folder = mkdtempSync(join(tmpdir(), 'moonwire-proxy-'));
    const portFile = join(folder, 'port');
    try {
      const child = spawn(
        proxyBinary,
        [
          ...['--listen', `127.0.0.1:${port}`, '--port-file', portFile, '--token', 'test'],
          ...['--allow', '127.0.0.1:*', '--log-level', 'off', ...more],
        ],
        { stdio: 'ignore' },
      );
      const failed = new Promise<never>((_, reject) => {
        child.on('error', reject);
        child.on('exit', (code) => reject(new Error(`the proxy ended with ${code}`)));
      });
      return new Proxy(await Promise.race([portIn(folder, portFile), failed]), child);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/wisp/test/`;
  }

  /** Ends it as a crash would. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

// The proxy writes its port once it listens.
async function portIn(folder: string, file: string): Promise<number> {
  const read = (): number => {
    try {
      return Number(readFileSync(file, 'utf8'));
    } catch {
      return 0; // not there yet
    }
  };
  return await new Promise((resolve) => {
    const look = (): void => {
      const port = read();
      if (port === 0) return;
      watcher.close();
      resolve(port);
    };
    const watcher = watch(folder, look);
    look();
  });
}

/** The wisp-js server of npm; every name means this machine to it. */
export async function startWispJs(): Promise<Peer & { readonly url: string }> {
  const { server: wisp, logging } = await import('@mercuryworkshop/wisp-js/server');
  logging.set_level(logging.NONE);
  wisp.options.allow_loopback_ips = true;
  wisp.options.dns_method = () => Promise.resolve('127.0.0.1');
  const open = new Set<Socket>();
  const server = createHttpServer();
  server.on('connection', (socket) => open.add(socket));
  server.on('upgrade', (request, socket, head) => wisp.routeRequest(request, socket, head));
  const port = await listening(server);
  return {
    port,
    url: `ws://127.0.0.1:${port}/`,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
