// The proxy as a program in hard times: no descriptors left, killed under load, told to stop, its log as JSON.
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';

import { echoServer, portOf, Proxy, serve } from './support/programs.ts';

const CONNECT = 1;
const DATA = 2;
const CLOSE = 4;

let echo: Server;
beforeAll(async () => {
  echo = await echoServer();
});
afterAll(() => {
  echo.close();
});

/** A tab that speaks Wisp 1 by hand. */
class Tab {
  readonly packets: { type: number; id: number; payload: Buffer }[] = [];
  readonly socket: WebSocket;
  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (bytes: Buffer) => {
      this.packets.push({
        type: bytes.readUInt8(0),
        id: bytes.readUInt32LE(1),
        payload: bytes.subarray(5),
      });
      this.onPacket();
    });
  }
  private onPacket = (): void => undefined;

  static async open(proxy: Proxy): Promise<Tab> {
    const socket = new WebSocket(proxy.wisp);
    const tab = new Tab(socket);
    await once(socket, 'open');
    return tab;
  }
  send(type: number, id: number, payload: Buffer): void {
    const header = Buffer.alloc(5);
    header.writeUInt8(type, 0);
    header.writeUInt32LE(id, 1);
    this.socket.send(Buffer.concat([header, payload]));
  }
  dial(id: number, port: number): void {
    const target = Buffer.from('...127.0.0.1');
    target.writeUInt8(1, 0);
    target.writeUInt16LE(port, 1);
    this.send(CONNECT, id, target);
  }
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.onPacket = resolve));
  }
  count(type: number): number {
    return this.packets.filter((packet) => packet.type === type && packet.id > 0).length;
  }
}

test('without descriptors new streams are refused, old ones live, and freed places are used', async () => {
  const proxy = await Proxy.start(Proxy.usual, ['prlimit', '--nofile=48:48']);
  const tab = await Tab.open(proxy);
  for (let id = 1; id <= 100; id += 1) {
    tab.dial(id, portOf(echo));
    tab.send(DATA, id, Buffer.from('x'));
  }
  await tab.until(() => tab.count(DATA) + tab.count(CLOSE) === 100);
  const alive = tab.packets.filter(({ type }) => type === DATA).map(({ id }) => id);
  expect(alive.length).toBeGreaterThan(10);
  for (const { payload } of tab.packets.filter(({ type }) => type === CLOSE)) {
    expect(payload.readUInt8(0)).toBe(0x49);
  }
  // Old ones still work; one that goes makes room for another.
  const [first = 0, second = 0] = alive;
  tab.packets.length = 0;
  tab.send(DATA, first, Buffer.from('y'));
  await tab.until(() => tab.count(DATA) === 1);
  tab.send(CLOSE, second, Buffer.of(2));
  tab.dial(200, portOf(echo));
  tab.send(DATA, 200, Buffer.from('z'));
  await tab.until(() => tab.packets.some(({ id }) => id === 200));
  expect(tab.packets.find(({ id }) => id === 200)?.type).toBe(DATA);
  tab.socket.terminate();
  // The listener recovers, too.
  const again = await Tab.open(proxy);
  again.socket.terminate();
  await proxy.stop();
}, 20_000);

test('a thousand streams of twenty tabs each get their own bytes back, round after round', async () => {
  const proxy = await Proxy.start();
  const tabs = await Promise.all(Array.from({ length: 20 }, async () => await Tab.open(proxy)));
  const streams = Array.from({ length: 50 }, (_, index) => index + 1);
  for (const tab of tabs) for (const id of streams) tab.dial(id, portOf(echo));
  for (let round = 0; round < 10; round += 1) {
    const saying = (tab: number, id: number): string => `tab ${tab} stream ${id} round ${round}`;
    for (const [index, tab] of tabs.entries()) {
      tab.packets.length = 0;
      for (const id of streams) tab.send(DATA, id, Buffer.from(saying(index, id)));
    }
    for (const [index, tab] of tabs.entries()) {
      await tab.until(() => tab.count(DATA) === streams.length);
      for (const { type, id, payload } of tab.packets) {
        if (type === DATA) expect(payload.toString()).toBe(saying(index, id));
      }
    }
  }
  expect(await proxy.counter('streams_open')).toBe(1000);
  for (const tab of tabs) tab.socket.terminate();
  while ((await proxy.counter('streams_open')) > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await proxy.stop();
}, 30_000);

test('killed under load, it leaves nothing that hangs; the next one on its port serves the same tabs', async () => {
  const first = await Proxy.start();
  const tabs = await Promise.all(Array.from({ length: 10 }, async () => await Tab.open(first)));
  for (const tab of tabs) {
    for (let id = 1; id <= 20; id += 1) {
      tab.dial(id, portOf(echo));
      tab.send(DATA, id, Buffer.alloc(1000));
    }
  }
  await Promise.all(
    tabs.map(async (tab) => {
      await tab.until(() => tab.count(DATA) > 5);
    }),
  );
  const ends = tabs.map(async (tab): Promise<unknown> => await once(tab.socket, 'close'));
  await first.stop('SIGKILL');
  await Promise.all(ends);
  const port = new URL(first.page).port;
  const second = await Proxy.start([...Proxy.usual, '--listen', `127.0.0.1:${port}`]);
  const tab = await Tab.open(second);
  tab.dial(1, portOf(echo));
  tab.send(DATA, 1, Buffer.from('x'));
  await tab.until(() => tab.count(DATA) === 1);
  tab.socket.terminate();
  await second.stop();
}, 20_000);

test('SIGTERM lets a download come to its end, SIGINT does not wait', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const proxy = await Proxy.start([...Proxy.usual, '--stop-deadline', '20']);
    const taken: Socket[] = [];
    const slow = await serve((socket) => taken.push(socket.resume()));
    const tab = await Tab.open(proxy);
    tab.dial(1, portOf(slow));
    while (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = once(tab.socket, 'close');
    const exited = once(proxy.process, 'exit');
    proxy.process.kill(signal);
    if (signal === 'SIGTERM') {
      await new Promise((resolve) => setTimeout(resolve, 100));
      taken[0]?.end('the end');
      await tab.until(() => tab.count(CLOSE) === 1);
      expect(tab.packets.find(({ type }) => type === DATA)?.payload.toString()).toBe('the end');
    }
    expect(await closed).toEqual([1001, Buffer.from('the proxy is stopping')]);
    expect(await exited).toEqual([0, null]);
    slow.close();
  }
}, 20_000);

test('its log is an object a line when asked for', async () => {
  const proxy = await Proxy.start([...Proxy.usual, '--log-format', 'json']);
  const tab = await Tab.open(proxy);
  tab.socket.close();
  await once(tab.socket, 'close');
  await fetch(`${proxy.page}moonwire.json`, { headers: { Origin: 'http://evil.example' } });
  await proxy.stop();
  const lines = proxy
    .log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  expect(lines.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['session open', 'closing', 'over', 'refused', 'stopping']),
  );
  expect(lines.find(({ event }) => event === 'session open')).toMatchObject({
    level: 'info',
    wisp: '1',
  });
  expect(lines.find(({ event }) => event === 'refused')).toMatchObject({
    level: 'warning',
    status: '403',
  });
});
