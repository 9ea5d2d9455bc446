// The real proxy in front of dist/, started and killed as a story needs it, and a plain HTTP server for it to reach.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { dist, root } from './site.ts';

const program = process.env['MOONWIRE_PROXY'] ?? join(root, 'build/native/proxy/moonwire-proxy');

export class Proxy {
  readonly #child: ChildProcess;
  readonly origin: string;

  private constructor(child: ChildProcess, origin: string) {
    this.#child = child;
    this.origin = origin;
  }

  /** Starts the proxy; `port` 0 takes a free one. */
  static async start(options: readonly string[] = [], port = 0): Promise<Proxy> {
    const args = [
      '--listen',
      `127.0.0.1:${String(port)}`,
      '--page',
      dist,
      '--log-level',
      'warn',
      ...options,
    ];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const origin = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.once('error', reject);
      child.once('exit', (status) =>
        reject(new Error(`the proxy ended with status ${String(status)}: ${said}`)),
      );
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /listening on (https?:\/\/[^/\s]+)/.exec(said)?.[1];
        if (found) resolve(found);
      });
    });
    child.removeAllListeners('exit');
    return new Proxy(child, origin);
  }

  get port(): number {
    return Number(new URL(this.origin).port);
  }

  /** Its resident memory, in KiB. */
  get residentKib(): number {
    const status = readFileSync(`/proc/${String(this.#child.pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  }

  /** Ends it without a word, as a crash does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Serves bodies by path, from this machine's loopback. */
export class Peer {
  readonly #server: Server;
  /** What `/flood`, as fast a body as is taken and without an end, has handed to the kernel so far. */
  flooded = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(bodies: Readonly<Record<string, Buffer>>): Promise<Peer> {
    const block = Buffer.alloc(256 * 1024, 'x');
    const server = createServer((request, response) => {
      const path = request.url ?? '/';
      const body = bodies[path];
      if (path === '/slow') {
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        const timer = setInterval(() => response.write('x'.repeat(1024)), 20);
        response.on('close', () => clearInterval(timer));
        return;
      }
      if (path === '/flood') {
        const pour = (): void => {
          while (response.writable && response.write(block));
          const { socket } = response;
          if (socket) peer.flooded = socket.bytesWritten - socket.writableLength;
        };
        response.on('drain', pour);
        pour();
        return;
      }
      response.sendDate = false;
      if (!body) response.writeHead(404, { 'content-length': 0 }).end();
      else
        response
          .writeHead(200, {
            'content-type': 'application/octet-stream',
            'content-length': body.length,
          })
          .end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const peer = new Peer(server);
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
