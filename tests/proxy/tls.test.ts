// https and wss with a certificate made for the test: the page, the tunnel of a script, and what is turned away.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { echoServer, lua, portOf, Proxy } from './support/programs.ts';

let folder: string;
let authority: Buffer;
let proxy: Proxy;
let port: number;
let echo: Server;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/moonwire-tls-`);
  const [cert, key, page] = [`${folder}/cert.pem`, `${folder}/key.pem`, `${folder}/index.html`];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
  ]);
  await writeFile(page, '<!doctype html><title>over TLS</title>');
  authority = await readFile(cert);
  echo = await echoServer();
  proxy = await Proxy.start([...Proxy.usual, '--cert', cert, '--key', key, '--page', folder]);
  port = Number(new URL(proxy.page).port);
});
afterAll(async () => {
  await proxy.stop();
  echo.close();
  await rm(folder, { recursive: true });
});

async function get(path: string): Promise<{ status: number; body: string }> {
  return await new Promise((resolve, reject) => {
    const url = `https://localhost:${String(port)}${path}`;
    request(url, { ca: authority }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

test('it says its address as https, and serves the page and the token there', async () => {
  expect(proxy.page).toBe(`https://127.0.0.1:${String(port)}/`);
  expect((await get('/')).body).toContain('over TLS');
  const told = JSON.parse((await get('/moonwire.json')).body) as { wisp: string };
  expect(told.wisp).toBe('/wisp/tok/');
});

test('a script’s tunnel goes over wss, there and back in order', async () => {
  const code = `
    local socket = require("socket")
    local c = assert(socket.connect("proxy.internal", ${String(portOf(echo))}))
    local sent = ("0123456789"):rep(100000)
    local got = {}
    for at = 1, #sent, 50000 do
      c:send(sent:sub(at, at + 49999))
      got[#got + 1] = c:receive(50000)
    end
    print(table.concat(got) == sent)`;
  const output = await lua(`https://localhost:${String(port)}/`, code, {
    NODE_EXTRA_CA_CERTS: `${folder}/cert.pem`,
  });
  expect(output).toBe('true');
}, 40_000);

test('an origin that differs only in its scheme is another origin', async () => {
  const socket = connectTls({ port, host: 'localhost', ca: authority });
  socket.write(
    [
      'GET /wisp/tok/ HTTP/1.1',
      `Host: localhost:${String(port)}`,
      `Origin: http://localhost:${String(port)}`,
      ...['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'],
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      '\r\n',
    ].join('\r\n'),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 403/);
  socket.destroy();
});

test('plain HTTP, old TLS and rubbish on the TLS port get nothing and harm nobody', async () => {
  for (const bytes of [
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    '\x16\x03\x01\xff\xff\x01',
    '\0',
  ]) {
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => undefined);
    let got = '';
    socket.setEncoding('latin1').on('data', (text: string) => (got += text));
    socket.end(bytes, 'latin1');
    await once(socket, 'close');
    expect(got).not.toContain('HTTP');
  }
  const old = connectTls({ port, host: 'localhost', ca: authority, maxVersion: 'TLSv1.1' });
  await once(old, 'error');
  expect((await get('/healthz')).status).toBe(200);
});
