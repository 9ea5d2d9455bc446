// The uplink against a real WebSocket server: what the tunnel is told, and when.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

import { Uplink } from '../../../web/src/worker/uplink.ts';
import { freePort } from '../support/peers.ts';

type Event = readonly [name: string, pipe: number, ...rest: unknown[]];

let server: WebSocketServer;
let uplink: Uplink;
let events: Event[];
let waiting: { readonly name: string; readonly resolve: (event: Event) => void }[];

function url(): string {
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function tell(...event: Event): void {
  events.push(event);
  const met = waiting.filter(({ name }) => name === event[0]);
  waiting = waiting.filter(({ name }) => name !== event[0]);
  for (const { resolve } of met) resolve(event);
}

async function next(name: string): Promise<Event> {
  return await new Promise((resolve) => waiting.push({ name, resolve }));
}

beforeEach(async () => {
  events = [];
  waiting = [];
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  uplink = new Uplink((address, protocols) => new WebSocket(address, protocols), {
    onOpen: (pipe, protocol) => tell('open', pipe, protocol),
    onMessage: (pipe, message) => tell('message', pipe, Buffer.from(message).toString()),
    onDrained: (pipe) => tell('drained', pipe),
    onClosed: (pipe, code, reason) => tell('closed', pipe, code, reason),
  });
});

afterEach(async () => {
  uplink.dispose();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

describe('a pipe', () => {
  test('opens, tells the protocol that was chosen, and carries messages both ways', async () => {
    server.on('connection', (socket) =>
      socket.on('message', (data) =>
        socket.send(Buffer.concat([Buffer.from('<'), data as Buffer, Buffer.from('>')])),
      ),
    );
    uplink.open(1, url(), 'wisp-v2, other');
    expect(events).toEqual([]);
    expect(await next('open')).toEqual(['open', 1, 'wisp-v2']);

    const memory = new TextEncoder().encode('..hello..');
    uplink.send(1, memory.subarray(2, 7));
    memory.fill(0); // the machine's memory goes on; the message was taken
    expect(await next('message')).toEqual(['message', 1, '<hello>']);
  });

  test('closed by the other side tells code and reason, once', async () => {
    server.on('connection', (socket) => socket.close(4401, 'the token is wrong'));
    uplink.open(1, url(), '');
    expect(await next('closed')).toEqual(['closed', 1, 4401, 'the token is wrong']);
    expect(events.filter(([name]) => name === 'closed')).toHaveLength(1);
  });

  test('to where nobody listens tells 1006, after the call', async () => {
    uplink.open(1, `ws://127.0.0.1:${await freePort()}/`, '');
    expect(events).toEqual([]);
    expect((await next('closed')).slice(0, 3)).toEqual(['closed', 1, 1006]);
  });

  test('to what is no address tells 1006, after the call', async () => {
    uplink.open(1, 'no address', '');
    expect(events).toEqual([]);
    expect((await next('closed')).slice(0, 3)).toEqual(['closed', 1, 1006]);
  });

  test('that we closed tells nothing any more', async () => {
    server.on('connection', (socket) => socket.send('late'));
    uplink.open(1, url(), '');
    const gone = new Promise((resolve) =>
      server.once('connection', (socket) => socket.once('close', resolve)),
    );
    await next('open');
    uplink.close(1);
    await gone;
    expect(events).toEqual([['open', 1, '']]);
    uplink.send(1, new Uint8Array(1)); // crossed our close: dropped
    expect(uplink.hasRoom(1, 1)).toBe(true);
  });
});

test('room that was denied is told of when it is there', async () => {
  const connected = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
  uplink.open(1, url(), '');
  const peer = await connected;
  peer.pause();
  if (events.length === 0) await next('open');
  for (let count = 0; count < 64; count++) uplink.send(1, new Uint8Array(1024 * 1024));
  expect(uplink.hasRoom(1, 1024 * 1024)).toBe(false);
  expect(events.filter(([name]) => name === 'drained')).toEqual([]);

  peer.resume();
  await next('drained');
  expect(uplink.hasRoom(1, 1024 * 1024)).toBe(true);
});
