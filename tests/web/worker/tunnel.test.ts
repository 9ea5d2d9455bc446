// Scripts that reach real TCP: through our proxy, and through the wisp-js server of npm.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';

import type { TunnelState } from '../../../web/src/protocol.ts';
import { PageSide } from '../support/page-side.ts';
import {
  freePort,
  type Peer,
  Proxy,
  startEchoServer,
  startTcpServer,
  startWispJs,
} from '../support/peers.ts';

let page: PageSide;
let echo: Peer;
let extra: Peer[];

beforeEach(async () => {
  page = await PageSide.open();
  echo = await startEchoServer();
  extra = [];
});
afterEach(async () => {
  page.close();
  await Promise.all([echo, ...extra].map((peer) => peer.close()));
});

/** Registers a peer to be closed when the test is over. */
function until<Some extends Peer>(peer: Some): Some {
  extra.push(peer);
  return peer;
}

async function phase(wanted: TunnelState['phase']): Promise<TunnelState> {
  return (await page.nextOf('tunnel', ({ state }) => state.phase === wanted)).state;
}

async function openTunnel(url: string): Promise<TunnelState> {
  const open = phase('open');
  page.send({ kind: 'tunnel', url });
  return await open;
}

/** Runs a script to its end and gives what it printed. */
async function output(source: string, ...args: (string | number)[]): Promise<string> {
  const pid = await page.run(source, 'test.lua', args.map(String));
  await page.exited(pid);
  return page.text(pid) + page.text(pid, 'stderr');
}

const ECHO = `
  local client = assert(require("socket").connect(arg[1], arg[2]))
  for round = 1, 100 do
    assert(client:send(("line %d\\n"):format(round)))
    assert(client:receive() == "line " .. round)
  end
  client:close()
  print("echoed")
`;

// Sends a body, ends the sending half, reads all that comes back.
const BULK = `
  local client = assert(require("socket").connect(arg[1], arg[2]))
  local block = {}
  for byte = 0, 255 do block[#block + 1] = string.char(byte) end
  block = table.concat(block):rep(256)
  local sent, got = 0, {}
  client:settimeout(0)
  local socket, left = require("socket"), 160
  local pending, from = block, 1
  while true do
    local readable, writable = socket.select({ client }, left > 0 and { client } or nil)
    if writable[1] then
      local last, _, partial = client:send(pending, from)
      from = (last or partial) + 1
      if from > #pending then
        left, from = left - 1, 1
      end
    end
    if readable[1] then
      local all, why, part = client:receive(65536)
      got[#got + 1] = all or part
      sent = sent + #(all or part)
      if why == "closed" then error("closed after " .. sent) end
      if sent == 160 * #block then break end
    end
  end
  local file = io.open("got.bin", "wb")
  file:write(table.concat(got))
  file:close()
  client:close()
  print(sent)
`;

const peers = {
  'our proxy': async () => until(await Proxy.start()),
  'the wisp-js server': async () => until(await startWispJs()),
};
// How each is asked for a service on its own machine.
const hosts = { 'our proxy': 'proxy.internal', 'the wisp-js server': 'echo.test' };

describe.each(Object.keys(peers) as (keyof typeof peers)[])('through %s', (name) => {
  test('an echo comes back line by line', async () => {
    const state = await openTunnel((await peers[name]()).url);
    expect(state).toMatchObject({ phase: 'open', version: 2, sockets: name === 'our proxy' });
    expect(await output(ECHO, hosts[name], echo.port)).toBe('echoed\n');
  });

  test('10 MiB go there and back, every byte', async () => {
    await openTunnel((await peers[name]()).url);
    expect(await output(BULK, hosts[name], echo.port)).toBe(`${10 * 1024 * 1024}\n`);
    const file = await page.ask({ kind: 'read-file', path: 'got.bin' });
    const block = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const hash = createHash('sha256');
    for (let count = 0; count < 40_960; count++) hash.update(block);
    const got = file.kind === 'file' && file.bytes ? file.bytes : new Uint8Array();
    expect(createHash('sha256').update(got).digest('hex')).toBe(hash.digest('hex'));
  });

  test('a port where nobody listens refuses', async () => {
    await openTunnel((await peers[name]()).url);
    const source = 'print(require("socket").connect(arg[1], arg[2]))';
    expect(await output(source, hosts[name], await freePort())).toBe('nil\tconnection refused\n');
  });

  test('the server’s end is "closed", and what came before is kept', async () => {
    const server = until(await startTcpServer((socket) => socket.end('last words')));
    await openTunnel((await peers[name]()).url);
    const source = `
      local client = assert(require("socket").connect(arg[1], arg[2]))
      print(client:receive("*l"))
    `;
    expect(await output(source, hosts[name], server.port)).toBe('nil\tclosed\tlast words\n');
  });
});

describe('without a proxy', () => {
  test('a connection fails at once', async () => {
    const began = performance.now();
    expect(await output('print(require("socket").connect("192.0.2.1", 80))')).toBe(
      'nil\tNetwork is unreachable\n',
    );
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('a proxy that is killed', () => {
  test('closes its connections, fails new ones at once, and serves again when it is back', async () => {
    const proxy = await Proxy.start();
    await openTunnel(proxy.url);
    const pid = await page.run(
      `
      local socket = require("socket")
      local client = assert(socket.connect("proxy.internal", arg[1]))
      client:send("hello\\n")
      print(client:receive())
      print(client:receive())
      print(socket.connect("proxy.internal", arg[1]))
      `,
      'test.lua',
      [String(echo.port)],
    );
    await page.printed(pid, 'hello');
    const waits = phase('waiting');
    await proxy.close();
    expect(await waits).toMatchObject({ why: expect.any(String) as unknown });
    await page.exited(pid);
    expect(page.text(pid)).toBe('hello\tnil\tnil\nnil\tclosed\t\nnil\tNetwork is unreachable\n');

    const open = phase('open');
    until(await Proxy.start(proxy.port));
    await open;
    expect(await output(ECHO, 'proxy.internal', echo.port)).toBe('echoed\n');
  });

  test('leaves nothing over in the machine', async () => {
    const proxy = await Proxy.start();
    await openTunnel(proxy.url);
    const pid = await page.run(
      'local c = assert(require("socket").connect("proxy.internal", arg[1])) print("on") c:receive()',
      'test.lua',
      [String(echo.port)],
    );
    await page.printed(pid, 'on');
    await proxy.close();
    await page.exited(pid);
    page.send({ kind: 'tunnel', url: null });
    expect(await page.ask({ kind: 'census' })).toMatchObject({
      census: { processes: 0, sockets: 0, timers: 0, parked: 0 },
    });
  });
});

test('a proxy that does not know our token keeps us out, and says why', async () => {
  const proxy = until(await Proxy.start());
  const told = page.nextOf(
    'tunnel',
    ({ state }) => state.phase === 'waiting' || state.phase === 'blocked',
  );
  page.send({ kind: 'tunnel', url: proxy.url.replace('/test/', '/wrong/') });
  expect((await told).state).toMatchObject({ why: expect.stringMatching(/403|token/) as unknown });
});
