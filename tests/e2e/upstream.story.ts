// LuaSocket's own tests of a client against a server, unmodified, in the machine as Chromium has it. They want the library's
// debug form (send and receive tell the elapsed time), which is no matter for the page: the story talks to its worker.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PageMessage, WorkerMessage } from '../../web/src/protocol.ts';
import { dist, root } from './support/site.ts';
import { expect, test } from './support/story.ts';

const tests = join(root, 'build/sources/luasocket-3.1.0/test');
const source = (name: string): string => readFileSync(join(tests, name), 'utf8');
/** Upstream's suite waits for real time-outs, three quarters of a minute of them. */
const SUITE_MS = 150_000;

/** The address of the one bundled file with such a name. */
function asset(pattern: RegExp): string {
  const found = readdirSync(join(dist, 'assets')).filter((name) => pattern.test(name));
  expect(found, String(pattern)).toHaveLength(1);
  return `assets/${found[0] ?? ''}`;
}

test("LuaSocket's testclnt.lua passes against its testsrvr.lua", async ({ moonwire, site }) => {
  test.setTimeout(SUITE_MS);
  await moonwire.page.goto(`${site.origin}/`);
  const files = { 'testsrvr.lua': source('testsrvr.lua'), 'testclnt.lua': source('testclnt.lua') };
  const urls = {
    worker: asset(/^main-[^.]*\.js$/),
    wasmUrl: asset(/^machine-luasocket-[^.]*\.wasm$/),
    glueUrl: asset(/^machine-luasocket-[^.]*\.js$/),
  };
  const ended = await moonwire.page.evaluate(
    async ({ files, urls }) =>
      await new Promise<{ output: string; statuses: number[] }>((resolve, reject) => {
        const absolute = (url: string): string => new URL(url, document.baseURI).href;
        const worker = new Worker(absolute(urls.worker));
        const send = (message: PageMessage): void => {
          worker.postMessage(message);
        };
        const run = (request: number, path: string): void => {
          send({ kind: 'run', request, path, args: [], dialect: 'luasocket', debug: true });
        };
        let server = 0;
        let output = '';
        const statuses: number[] = [];
        worker.onerror = (event) => {
          reject(new Error(event.message));
        };
        worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
          if (data.kind === 'started' && data.request === 1) server = data.pid;
          if (data.kind === 'output') {
            send({ kind: 'shown', pid: data.pid, bytes: data.bytes });
            if (data.pid !== server) output += data.text;
            else if (statuses.length === 0 && output === '') run(2, 'testclnt.lua');
            if (data.pid === server && output === '') output = ' ';
          }
          if (data.kind === 'exited') statuses.push(data.status);
          if (statuses.length === 2) {
            worker.terminate();
            resolve({ output, statuses });
          }
        };
        send({ kind: 'boot', wasmUrl: absolute(urls.wasmUrl), glueUrl: absolute(urls.glueUrl) });
        send({ kind: 'put-files', files });
        run(1, 'testsrvr.lua');
      }),
    { files, urls },
  );
  expect(ended.output).toContain('testing: done in');
  expect(ended.output).not.toContain('ERROR');
  expect(ended.statuses).toEqual([0, 0]);
});
