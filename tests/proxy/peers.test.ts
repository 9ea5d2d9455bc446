// Peers that are not ours, both ways: noVNC's websockify client on our proxy; our machine over Debian's websockify and over
// the Wisp server of wisp-js, versions 1 and 2, with a password and without.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { client as wisp } from '@mercuryworkshop/wisp-js/client';
import {
  extensions as wispExtensions,
  server as wispServer,
} from '@mercuryworkshop/wisp-js/server';
import { WebSocket, WebSocketServer } from 'ws';

import { closedPort, echoServer, lua, portOf, Proxy, udpEcho } from './support/programs.ts';

let echo: Server;
let udp: UdpSocket;
let refused: number;

beforeAll(async () => {
  echo = await echoServer();
  udp = await udpEcho();
  refused = await closedPort();
});
afterAll(() => {
  echo.close();
  udp.close();
});

/** noVNC's own class; it has no types. */
interface Websock {
  open(url: string, protocols: string[]): void;
  on(event: 'open' | 'message', handler: () => void): void;
  on(event: 'close', handler: (event: { code: number; reason: string }) => void): void;
  sQpushBytes(bytes: Uint8Array): void;
  flush(): void;
  rQlen(): number;
  rQshiftBytes(size: number): Uint8Array;
  close(): void;
}

describe('noVNC’s websockify client', () => {
  let proxy: Proxy;
  let Client: new () => Websock;
  beforeAll(async () => {
    // It is written for browsers; Jest has neither of these.
    Object.assign(globalThis, { window: globalThis, WebSocket });
    const file: string = '../../node_modules/@novnc/novnc/core/websock.js';
    Client = ((await import(file)) as { default: new () => Websock }).default;
    proxy = await Proxy.start([
      ...Proxy.usual,
      ...['--websockify', `box=127.0.0.1:${String(portOf(echo))}`],
      ...['--websockify', `gone=127.0.0.1:${String(refused)}`],
    ]);
  });
  afterAll(async () => {
    await proxy.stop();
  });

  const closeCode = async (url: string): Promise<number> =>
    await new Promise((resolve) => {
      const client = new Client();
      client.open(url, ['binary']);
      client.on('close', ({ code }) => {
        resolve(code);
      });
    });
  const at = (token: string): string =>
    `${proxy.page.replace(/^http/, 'ws')}websockify/?token=${token}`;

  test('carries 2 MiB there and back in order', async () => {
    const sent = new Uint8Array(2 * 1024 * 1024).map((_, index) => (index * 31) % 251);
    const client = new Client();
    client.open(at('box'), ['binary']);
    const got: Uint8Array[] = [];
    let size = 0;
    await new Promise<void>((resolve) => {
      client.on('open', () => {
        client.sQpushBytes(sent);
        client.flush();
      });
      client.on('message', () => {
        size += client.rQlen();
        got.push(client.rQshiftBytes(client.rQlen()));
        if (size >= sent.length) resolve();
      });
    });
    expect(Buffer.compare(Buffer.concat(got), sent)).toBe(0);
    client.close();
    expect(await proxy.counter('relays_total')).toBe(1);
  });

  test('is told of a refused target and of a token that names none', async () => {
    expect(await closeCode(at('gone'))).toBe(1011);
    expect(await closeCode(at('other'))).toBe(1006); // an HTTP status, which a WebSocket does not tell
    expect(await proxy.counter('streams_failed_total')).toBe(1);
    expect(await proxy.counter('refusals_total{check="token"}')).toBe(1);
  });
});

/** What a script sees of an echo. */
const echoScript = (host: string): string => `
  local socket = require("socket")
  local c = assert(socket.connect("${host}", ${String(portOf(echo))}))
  local sent = ("0123456789"):rep(20000)
  c:send(sent) c:send("\\n")
  print("echo", c:receive("*l") == sent)
  c:close()`;
/** ... and of a refused port. */
const tcpScript = (host: string): string => `
  ${echoScript(host)}
  print("refused", select(2, socket.connect("${host}", ${String(refused)})))`;

const udpScript = (host: string): string => `
  local socket = require("socket")
  local u = socket.udp()
  print("peer", u:setpeername("${host}", ${String(udp.address().port)}) ~= nil)
  u:settimeout(3)
  u:send("ping")
  print("udp", u:receive())`;

async function answersAt(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

describe('our machine over Debian’s websockify', () => {
  let bridge: ChildProcess;
  let port: number;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/moonwire-`);
    const targets = [portOf(echo), refused].map((one) => `127.0.0.1:${String(one)}`);
    // Its tokens are the addresses themselves, which is what the machine asks for by itself.
    const lines = targets.map((one) => `${one.replace(':', '-')}: ${one}`);
    await writeFile(`${folder}/tokens`, `${lines.join('\n')}\n`);
    port = await closedPort();
    const source = ['--token-plugin', 'TokenFile', '--token-source', `${folder}/tokens`];
    bridge = spawn('websockify', [...source, `127.0.0.1:${String(port)}`], { stdio: 'ignore' });
    while (!(await answersAt(port))) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  afterAll(async () => {
    bridge.kill('SIGKILL');
    await once(bridge, 'exit');
    await rm(folder, { recursive: true });
  });
  const address = (): string => `websockify://127.0.0.1:${String(port)}/?token={host}-{port}`;

  test('TCP is echoed; a refused port, which it dials after its handshake, is a closed connection', async () => {
    const output = await lua(
      address(),
      `${echoScript('proxy.internal')}
       print("refused", select(2, assert(socket.connect("proxy.internal", ${String(refused)})):receive()))`,
    );
    expect(output).toBe('echo\ttrue\nrefused\tclosed');
  }, 40_000);

  test('UDP and servers fail with a word, not with a wait', async () => {
    const output = await lua(
      address(),
      `local socket = require("socket")
       local u = socket.udp()
       print("udp", select(2, u:setpeername("proxy.internal", 53)) or select(2, u:send("x")))`,
    );
    expect(output).toMatch(/^udp\t\S/);
    expect(output).not.toContain('nil');
  }, 40_000);
});

/** wisp-js has no types: what is used of it. */
interface WispJsConnection {
  setup(): Promise<void>;
  run(): Promise<void>;
}
interface ClientConnection {
  onopen: () => void;
  onclose: () => void;
  create_stream(
    host: string,
    port: number,
  ): {
    onmessage: (data: Uint8Array) => void;
    send(data: Uint8Array): void;
  };
  close(): void;
}
type Extension = new (options: object) => object;
const { ServerConnection, options } = wispServer as {
  readonly ServerConnection: new (
    socket: WebSocket,
    path: string,
    options: object,
  ) => WispJsConnection;
  readonly options: Record<string, unknown>;
};
const { PasswordAuthExtension, UDPExtension } = wispExtensions as Readonly<
  Record<'PasswordAuthExtension' | 'UDPExtension', Extension>
>;

describe.each([
  { version: 1, login: '' },
  { version: 2, login: '' },
  { version: 2, login: 'me:secret@' },
])('our machine over wisp-js’s server, version $version, login "$login"', ({ version, login }) => {
  let server: WebSocketServer;
  let address: string;
  beforeAll(async () => {
    Object.assign(options, { allow_loopback_ips: true, allow_private_ips: false });
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => {
      const extensions = [new UDPExtension({ server_config: {} })];
      // It asks for a password and, as of 0.5, checks none: the login must only do no harm.
      if (login !== '') extensions.push(new PasswordAuthExtension({ server_config: {} }));
      const connection = new ServerConnection(socket, '/wisp/', {
        wisp_version: version,
        wisp_extensions: version === 2 ? extensions : null,
      });
      const live = async (): Promise<void> => {
        await connection.setup();
        await connection.run();
      };
      live().catch(() => undefined);
    });
    await once(server, 'listening');
    address = `ws://${login}127.0.0.1:${String((server.address() as AddressInfo).port)}/wisp/`;
  });
  afterAll(() => {
    for (const one of server.clients) one.terminate();
    server.close();
  });

  test('TCP is echoed, refused and denied are told', async () => {
    const output = await lua(
      address,
      `${tcpScript('proxy.internal')}
       print("denied", select(2, require("socket").connect("10.0.0.1", 80)))`,
    );
    expect(output).toMatch(/^echo\ttrue\nrefused\t[a-zA-Z].*\ndenied\t[a-zA-Z]/);
    expect(output).not.toContain('nil');
  }, 40_000);

  test('UDP keeps its datagrams', async () => {
    expect(await lua(address, udpScript('proxy.internal'))).toBe('peer\ttrue\nudp\tping');
  }, 40_000);
});

describe('wisp-js’s client with a password', () => {
  let proxy: Proxy;
  beforeAll(async () => {
    proxy = await Proxy.start([...Proxy.usual, '--user', 'me:secret']);
  });
  afterAll(async () => {
    await proxy.stop();
  });
  const connectAs = (password: string): ClientConnection => {
    const { ClientConnection: Connection } = wisp as {
      ClientConnection: new (url: string, options: object) => ClientConnection;
    };
    const client_config = { username: 'me', password };
    return new Connection(proxy.wisp, {
      wisp_version: 2,
      wisp_extensions: [
        new UDPExtension({ client_config: {} }),
        new PasswordAuthExtension({ client_config }),
      ],
    });
  };

  test('gets in with the right one', async () => {
    const connection = connectAs('secret');
    await new Promise<void>((resolve) => (connection.onopen = resolve));
    const stream = connection.create_stream('127.0.0.1', portOf(echo));
    const answer = new Promise<Uint8Array>((resolve) => (stream.onmessage = resolve));
    stream.send(new TextEncoder().encode('hello'));
    expect(new TextDecoder().decode(await answer)).toBe('hello');
    connection.close();
  });

  test('is turned away with a wrong one, which is counted', async () => {
    const connection = connectAs('guess');
    await new Promise<void>((resolve) => (connection.onclose = resolve));
    expect(await proxy.counter('refusals_total{check="password"}')).toBe(1);
  });
});
