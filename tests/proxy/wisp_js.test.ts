// The wisp-js client of npm, a Wisp implementation that is not ours, against the real proxy: versions 1 and 2.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { client as wisp } from '@mercuryworkshop/wisp-js/client';
import { WebSocket } from 'ws';

interface Stream {
  onmessage: (data: Uint8Array) => void;
  onclose: (reason: number) => void;
  send(data: Uint8Array): void;
  close(reason?: number): void;
}

interface Connection {
  onopen: () => void;
  onclose: () => void;
  onerror: () => void;
  udp_enabled: boolean;
  create_stream(host: string, port: number, type?: 'tcp' | 'udp'): Stream;
  close(): void;
}

const ClientConnection = (
  wisp as { ClientConnection: new (url: string, options: { wisp_version: 1 | 2 }) => Connection }
).ClientConnection;

const binary = fileURLToPath(new URL('../../build/native/proxy/moonwire-proxy', import.meta.url));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

let proxy: ChildProcess;
let address: string;
let echo: Server;

beforeAll(async () => {
  proxy = spawn(binary, ['--listen', '127.0.0.1:0', '--token', 'tok', '--allow', '127.0.0.1:*'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: proxy.stdout! });
  const [line] = (await once(lines, 'line')) as [string];
  address = line.replace('listening on http://', '').replace(/\/$/, '');
  echo = createServer((socket) => {
    socket.on('error', () => undefined).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
});

afterAll(async () => {
  proxy.kill('SIGTERM');
  await once(proxy, 'exit');
  echo.close();
});

async function connect(version: 1 | 2): Promise<Connection> {
  const connection = new ClientConnection(`ws://${address}/wisp/tok/`, { wisp_version: version });
  await new Promise<void>((resolve, reject) => {
    connection.onopen = resolve;
    connection.onclose = () => {
      reject(new Error('closed before it was open'));
    };
  });
  return connection;
}

async function reasonOf(stream: Stream): Promise<number> {
  return await new Promise((resolve) => {
    stream.onclose = resolve;
  });
}

/** Everything that comes, until `size` bytes are there. */
async function collect(stream: Stream, size: number): Promise<Uint8Array> {
  const all = new Uint8Array(size);
  let filled = 0;
  return await new Promise((resolve, reject) => {
    stream.onmessage = (data) => {
      all.set(data, filled);
      filled += data.length;
      if (filled >= size) resolve(all);
    };
    stream.onclose = (reason) => {
      reject(new Error(`closed with ${String(reason)} after ${String(filled)} bytes`));
    };
  });
}

describe.each([1, 2] as const)('the wisp-js client, version %d', (version) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect(version);
  });
  afterAll(() => {
    connection.close();
  });

  test('gets its bytes back from an echo server', async () => {
    const stream = connection.create_stream('127.0.0.1', portOf(echo));
    const answer = collect(stream, 5);
    stream.send(bytes('hello'));
    expect(text(await answer)).toBe('hello');
    stream.close(2);
  });

  test('carries 8 MiB there and back in order', async () => {
    const stream = connection.create_stream('127.0.0.1', portOf(echo));
    const sent = new Uint8Array(8 * 1024 * 1024).map((_, index) => (index * 31) % 251);
    const answer = collect(stream, sent.length);
    for (let at = 0; at < sent.length; at += 60_000) stream.send(sent.slice(at, at + 60_000));
    expect(Buffer.compare(await answer, sent)).toBe(0);
    stream.close(2);
  });

  test('is told of a refused connection', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const port = portOf(closed);
    closed.close();
    await once(closed, 'close');
    expect(await reasonOf(connection.create_stream('127.0.0.1', port))).toBe(0x44);
  });

  test('is told of a forbidden address', async () => {
    expect(await reasonOf(connection.create_stream('192.168.0.1', 80))).toBe(0x48);
  });

  test('is told when the peer hangs up', async () => {
    const rude = createServer((socket) => socket.end('bye')).listen(0, '127.0.0.1');
    await once(rude, 'listening');
    const stream = connection.create_stream('127.0.0.1', portOf(rude));
    const got: string[] = [];
    stream.onmessage = (data) => got.push(text(data));
    expect(await reasonOf(stream)).toBe(2);
    expect(got.join('')).toBe('bye');
    rude.close();
  });

  test('carries datagrams', async () => {
    expect(connection.udp_enabled).toBe(true);
    const peer = createSocket('udp4');
    peer.on('message', (message, from) => peer.send(message, from.port, from.address));
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    const stream = connection.create_stream('127.0.0.1', peer.address().port, 'udp');
    const answer = collect(stream, 4);
    stream.send(bytes('ping'));
    expect(text(await answer)).toBe('ping');
    stream.close(2);
    peer.close();
  });
});

describe('a WebSocket that may not come in', () => {
  const attempt = async (path: string, origin?: string): Promise<string> =>
    await new Promise((resolve) => {
      const socket = new WebSocket(
        `ws://${address}${path}`,
        origin === undefined ? {} : { origin },
      );
      socket.on('unexpected-response', (_request, response) => {
        resolve(`status ${String(response.statusCode)}`);
      });
      socket.on('close', (code) => {
        resolve(`close ${String(code)}`);
      });
      socket.on('error', () => undefined);
    });

  test('sees why: a foreign origin, no token, a wrong token', async () => {
    expect(await attempt('/wisp/tok/', 'http://evil.example')).toBe('status 403');
    expect(await attempt('/wisp/')).toBe('status 401');
    expect(await attempt('/wisp/wrong/')).toBe('status 403');
    expect(await attempt('/wisp/wrong/', `http://${address}`)).toBe('close 4401');
  });
});
