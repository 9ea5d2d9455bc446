// A plain file server for dist/, as any static host is: no moonwire.json, optionally the .br files, some headers.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const dist = join(root, 'dist');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export class Site {
  readonly #server: Server;
  /** Bytes sent, bodies only. */
  sent = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Serves dist/ under `folder`, which ends in '/'. */
  static async start(folder = '/'): Promise<Site> {
    const server = createServer((request, response) => {
      void (async () => {
        const path = new URL(request.url ?? '/', 'http://x').pathname;
        const name = path.startsWith(folder)
          ? normalize(path.slice(folder.length) || 'index.html')
          : '..';
        const isCompressed = String(request.headers['accept-encoding']).includes('br');
        try {
          if (name.startsWith('..')) throw new Error('outside');
          const packed = isCompressed
            ? await readFile(join(dist, `${name}.br`)).catch(() => null)
            : null;
          const body = packed ?? (await readFile(join(dist, name)));
          site.sent += body.length;
          response.writeHead(200, {
            'content-type': types[extname(name)] ?? 'application/octet-stream',
            ...(packed ? { 'content-encoding': 'br' } : {}),
          });
          response.end(body);
        } catch {
          response.writeHead(404).end();
        }
      })();
    });
    const site = new Site(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
