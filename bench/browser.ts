// A Chromium with a page of this checkout: files are served as they are, TypeScript with its types taken off.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stripTypeScriptTypes } from 'node:module';
import { extname, normalize } from 'node:path';

import { chromium, type Page } from '@playwright/test';

import { root } from '../cli/paths.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.ts': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Starts a static server of the checkout on a port of its own. */
async function serve(): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    readFile(root + path).then(
      (bytes) => {
        const type = types[extname(path)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(path.endsWith('.ts') ? stripTypeScriptTypes(bytes.toString()) : bytes);
      },
      () => {
        response.writeHead(404).end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, address: `http://127.0.0.1:${String(port)}` };
}

/** Opens a page of the checkout, hands it to `use`, and closes all again. */
export async function withPage<Result>(
  path: string,
  use: (page: Page, version: string) => Promise<Result>,
): Promise<Result> {
  const { server, address } = await serve();
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  try {
    const page = await browser.newPage();
    await page.goto(address + path);
    return await use(page, browser.version());
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}
