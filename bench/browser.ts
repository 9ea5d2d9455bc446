// A Chromium with a page of this checkout, which asks for its tasks over HTTP: nothing is attached to it, since a debugger
// (Playwright's connection is one) makes every exception in WebAssembly several times dearer.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';

import { root } from '../cli/paths.ts';
import type { Answer, Task } from './page/task.ts';

/** How long one task may take. */
const TASK_MS = 120_000;
/** How long Chromium may take to end by itself. */
const END_MS = 5000;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.ts': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Files of the checkout as they are, TypeScript with its types taken off. */
async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const bytes = await readFile(root + normalize(path)).catch(() => null);
  if (bytes === null) {
    response.writeHead(404).end();
    return;
  }
  const type = types[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(path.endsWith('.ts') ? stripTypeScriptTypes(bytes.toString()) : bytes);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}

/** Runs one task in the page. Returns milliseconds. */
export type Measure = (task: Task) => Promise<number>;

/** Starts Chromium on the measuring page, hands it to `use`, and ends all again. */
export async function withBrowser<Result>(
  use: (measure: Measure, userAgent: string, origin: string) => Promise<Result>,
): Promise<Result> {
  let onAsked: (response: ServerResponse) => void = () => undefined;
  let asked = new Promise<ServerResponse>((resolve) => (onAsked = resolve));
  let onAnswer: (answer: Answer) => void = () => undefined;
  let onHello: (userAgent: string) => void = () => undefined;
  const hello = new Promise<string>((resolve) => (onHello = resolve));

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/task') {
      onHello(request.headers['user-agent'] ?? '');
      onAsked(response);
    } else if (path === '/answer') {
      void bodyOf(request).then((body) => {
        response.end();
        onAnswer(JSON.parse(body) as Answer);
      });
    } else void serveFile(path, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${String(port)}`;
  const profile = await mkdtemp(join(tmpdir(), 'moonwire-bench-'));
  const browser = spawn(
    process.env['CHROMIUM'] ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      `--user-data-dir=${profile}`,
      `${origin}/bench/page/index.html`,
    ],
    { stdio: 'ignore' },
  );
  const gone = new Promise<never>((_resolve, reject) => {
    browser.once('error', reject);
    browser.once('exit', (status) => {
      reject(new Error(`Chromium ended with status ${String(status)}`));
    });
  });
  gone.catch(() => undefined);

  const measure: Measure = async (task) => {
    const response = await Promise.race([asked, gone]);
    asked = new Promise((resolve) => (onAsked = resolve));
    const answered = new Promise<Answer>((resolve) => (onAnswer = resolve));
    response.end(JSON.stringify(task));
    const late = new Promise<Answer>((resolve) => {
      setTimeout(resolve, TASK_MS, { error: 'no answer' }).unref();
    });
    const answer = await Promise.race([answered, gone, late]);
    if ('error' in answer) throw new Error(`${task.contender}: ${answer.error}`);
    return answer.ms;
  };

  try {
    return await use(measure, await Promise.race([hello, gone]), origin);
  } finally {
    const closed = new Promise((resolve) => browser.once('close', resolve));
    browser.kill();
    const force = setTimeout(() => browser.kill('SIGKILL'), END_MS);
    await closed;
    clearTimeout(force);
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
