// socketcore, call by call as its page documents it and as it really is, with TCP and UDP peers of this computer behind the
// real proxy. Where the two differ (the order of arguments), the real one counts.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, type Peer, Proxy, startTcpServer } from '../support/peers.ts';

const bundle = fileURLToPath(new URL('../../../build/node/lua.mjs', import.meta.url));
const large = Array.from({ length: 8000 }, (_, i) => String(i).padStart(8, '0')).join('');

let folder: string;
let proxy: Proxy;
let server: Peer;
let udp: Datagrams;
let udpPort: number;
let closedPort: number;
/** What the TCP server was sent, a text for each connection that has ended. */
const ended: string[] = [];
const datagrams: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'moonwire-socketcore-'));
  proxy = await Proxy.start();
  closedPort = await freePort();
  server = await startTcpServer((socket) => {
    let got = '';
    socket.on('close', () => ended.push(got));
    socket.on('end', () => socket.end());
    socket.on('data', (data) => {
      got += data.toString('latin1');
      const word = data.toString('latin1');
      if (word === 'large') socket.write(large);
      else if (word === 'quit') socket.end('bye');
      else if (word === 'reset') socket.resetAndDestroy();
      else if (word.startsWith('hello')) socket.write(word.toUpperCase());
    });
  });
  udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    datagrams.push(message.toString('latin1'));
    if (message.toString() === 'silence') return;
    udp.send(`${message.toString('latin1')}!`, from.port, from.address);
    udp.send('second', from.port, from.address);
  });
  udpPort = await new Promise((resolve) =>
    udp.bind(0, '127.0.0.1', () => resolve(udp.address().port)),
  );
}, 30_000);

afterAll(async () => {
  await proxy.close();
  await server.close();
  udp.close();
  rmSync(folder, { recursive: true });
});

// What every script below begins with: messages by name, and the module on the network.
const prelude = `
local names = {}
for _, name in ipairs { "CONN_CNF", "SEND_CNF", "RECV_IND", "CLOSE_CNF", "CLOSE_IND" } do
  names[rtos["MSG_SOCK_" .. name]] = name
end
local waiting = {}
-- The next message of a socket, or nil when none comes in time.
local function message(index, ms)
  for at, each in ipairs(waiting) do
    if each.socket_index == index then return table.remove(waiting, at) end
  end
  local till = rtos.tick() + (ms or 10000) * 16.384
  while rtos.tick() < till do
    local m = rtos.receive(200)
    if type(m) == "table" and names[m.id] then
      m.name = names[m.id]
      if m.socket_index == index then return m end
      waiting[#waiting + 1] = m
    end
  end
end
local function expect(index, name)
  local m = message(index)
  if not m or m.name ~= name then error(name .. " was due, there came " .. (m and m.name or "nothing"), 2) end
  return m
end
local function quiet(index) return message(index, 700) == nil end
-- Until the network has given an address.
rtos.receive(1)
local on = rtos.tick() + 5 * 16384
while rtos.tick() < on do rtos.receive(500) end
local ADDRESS, TCP, UDP = "proxy.internal", ...
`;

async function run(script: string): Promise<{ status: number | null; out: string; err: string }> {
  const path = join(folder, 'main.lua');
  writeFileSync(
    path,
    `${prelude.replace('...', `${server.port}, ${udpPort}`)}\n${script}\nrtos.poweroff()\n`,
  );
  const options = ['--dialect', 'luat', '--module', 'air724u', '--timeout', '60'];
  const child = spawn(process.execPath, [bundle, ...options, '--proxy', proxy.url, path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

test('a TCP socket’s whole life: connect, options, send, receive, close, destroy', async () => {
  const { out, err } = await run(`
local id = socketcore.sock_conn(0, ADDRESS, TCP)  -- by name; the port a number
print("conn", id, expect(id, "CONN_CNF").result)
local s = socketcore
print("setopt", s.sock_setopt(id, s.SOL_SOCKET, s.SO_KEEPALIVE, 1), s.sock_setopt(id, s.SOL_SOCKET, s.SO_REUSEADDR, 1),
  s.sock_setopt(id, s.IPPROTO_TCP, s.TCP_KEEPIDLE, 60), s.sock_setopt(id, s.IPPROTO_TCP, s.TCP_KEEPINTVL, 5),
  s.sock_setopt(id, s.IPPROTO_TCP, s.TCP_KEEPCNT, 3))
print("wrong", s.sock_setopt(id, 1, 1, 1), s.sock_setopt(9, s.SOL_SOCKET, s.SO_KEEPALIVE, 1))
print("send", s.sock_send(id, "hello\\0 there"))
local sent = expect(id, "SEND_CNF")
print("sent", sent.result, sent.send_len)
local m = expect(id, "RECV_IND")
print("came", m.result, m.recv_len)
print("part", s.sock_recv(id, 5), select("#", s.sock_recv(id, 0)))
print("rest", #s.sock_recv(id, 100), "[" .. s.sock_recv(id, 100) .. "]")
print("early", s.sock_destroy(id))
print("close", s.sock_close(id), expect(id, "CLOSE_CNF").result)
print("late", s.sock_send(id, "x"))
print("quiet", quiet(id))
print("destroy", s.sock_destroy(id), s.sock_destroy(id))
local other = s.sock_conn_ext(0, ADDRESS, tostring(TCP))  -- the port as a text, as the tutorial has it
print("ext", other, expect(other, "CONN_CNF").result)
s.sock_close(other)
expect(other, "CLOSE_CNF")
`);
  expect(err).toBe('');
  expect(out.replaceAll('\t', ' ').split('\n')).toEqual([
    'conn 0 0',
    'setopt 0 0 0 0 0',
    'wrong -1 -1',
    'send 1 0',
    'sent 0 12',
    'came 0 12',
    'part HELLO 1',
    'rest 7 []',
    'early 0',
    'close 1 0',
    'late 0 11',
    'quiet true',
    'destroy 1 0',
    'ext 1 0',
    '',
  ]);
  expect(ended).toContain('hello\0 there');
}, 90_000);

test('what cannot be is told as failure: a wrong port, an unknown name, a wrong order of arguments, SSL and RAW', async () => {
  const { out, err } = await run(`
local function fate(...)
  local id = socketcore.sock_conn(...)
  return expect(id, "CONN_CNF").result, socketcore.sock_destroy(id)
end
print("port", fate(0, ADDRESS, ${closedPort}))
print("name", fate(0, "no-such-host.invalid", 80))
print("ssl", fate(2, ADDRESS, TCP, { hostName = ADDRESS, caCert = "none" }))
print("raw", fate(4, ADDRESS, TCP))
-- The page's syntax line says type, port, address; its examples, the library and the module have it the other way.
print("order", select(2, pcall(socketcore.sock_conn, 0, TCP, "www.example.com")))
print("empty", select(2, pcall(socketcore.sock_conn, 0, ADDRESS, "")))
print("long", socketcore.sock_conn(0, ("a"):rep(101), 80), socketcore.sock_conn_ext(0, ("a"):rep(101), 80))
local ids = {}
for i = 1, 10 do ids[i] = socketcore.sock_conn(0, ADDRESS, TCP) end
print("slots", #ids, socketcore.sock_conn(0, ADDRESS, TCP), socketcore.sock_conn_ext(0, ADDRESS, TCP))
for _, id in ipairs(ids) do
  if expect(id, "CONN_CNF").result ~= 0 then print("refused", id) end
  socketcore.sock_close(id)
  expect(id, "CLOSE_CNF")
end
`);
  expect(out.replaceAll('\t', ' ').split('\n')).toEqual([
    'port 1 1',
    'name 1 1',
    'ssl 1 1',
    'raw 1 1',
    "order bad argument #3 to 'socketcore.sock_conn' (number expected, got string)",
    "empty bad argument #3 to 'socketcore.sock_conn' (number expected, got string)",
    'long nil -1',
    'slots 10 nil -1',
    '',
  ]);
  expect(err).toBe(
    'socketcore: this module has no SSL and no RAW sockets: the connection will fail\n'.repeat(2),
  );
}, 90_000);

test('a peer’s data comes in pieces of at most 2048 bytes, one told at a time, and before its end or reset', async () => {
  const { out, err } = await run(`
local s = socketcore
local id = s.sock_conn(0, ADDRESS, TCP)
expect(id, "CONN_CNF")
s.sock_send(id, "large")
expect(id, "SEND_CNF")
local pieces, most, got = {}, 0, 0
local first = expect(id, "RECV_IND")
print("one at a time", quiet(id))
local m = first
while true do
  most = math.max(most, m.recv_len)
  local piece = s.sock_recv(id, m.recv_len)
  pieces[#pieces + 1] = piece
  got = got + #piece
  if got == ${large.length} then break end
  m = expect(id, "RECV_IND")
end
local ok, text = true, table.concat(pieces)
for i = 0, 7999 do ok = ok and text:sub(i * 8 + 1, i * 8 + 8) == ("%08d"):format(i) end
print("large", got, most <= 2048, ok)
s.sock_send(id, "quit")
expect(id, "SEND_CNF")
m = expect(id, "RECV_IND")
print("no end before the data is read", quiet(id))
print("data", s.sock_recv(id, m.recv_len))
print("end", expect(id, "CLOSE_IND").result)
print("dead", s.sock_send(id, "x"))
print("close", s.sock_close(id), expect(id, "CLOSE_CNF").result, s.sock_destroy(id))
id = s.sock_conn(0, ADDRESS, TCP)
expect(id, "CONN_CNF")
s.sock_send(id, "reset")
expect(id, "SEND_CNF")
print("reset", expect(id, "CLOSE_IND").socket_index == id, s.sock_close(id), expect(id, "CLOSE_CNF").result)
`);
  expect(err).toBe('');
  expect(out.replaceAll('\t', ' ').split('\n')).toEqual([
    'one at a time true',
    'large 64000 true true',
    'no end before the data is read true',
    'data bye',
    'end 0',
    'dead 0 11',
    'close 1 0 1',
    'reset true 1 0',
    '',
  ]);
}, 90_000);

test('UDP keeps its datagrams apart, confirms at once, and has no end', async () => {
  const { out, err } = await run(`
local s = socketcore
local id = s.sock_conn(1, ADDRESS, UDP)
print("conn", expect(id, "CONN_CNF").result)
for _, text in ipairs { "one", ("x"):rep(1400) } do
  print("send", s.sock_send(id, text))
  local sent = expect(id, "SEND_CNF")
  print("sent", sent.result, sent.send_len)
  for _ = 1, 2 do
    local m = expect(id, "RECV_IND")
    local data = s.sock_recv(id, m.recv_len)
    print("came", m.recv_len, #data, data:sub(1, 6))
  end
end
s.sock_send(id, "silence")
expect(id, "SEND_CNF")
print("quiet", quiet(id))
print("close", s.sock_close(id), expect(id, "CLOSE_CNF").result, s.sock_destroy(id))
-- Nobody there: a datagram goes all the same.
id = s.sock_conn(1, ADDRESS, ${closedPort})
print("nobody", expect(id, "CONN_CNF").result, s.sock_send(id, "x"))
print("sent", expect(id, "SEND_CNF").result, quiet(id))
s.sock_close(id)
expect(id, "CLOSE_CNF")
`);
  expect(err).toBe('');
  expect(out.replaceAll('\t', ' ').split('\n')).toEqual([
    'conn 0',
    'send 1 0',
    'sent 0 3',
    'came 4 4 one!',
    'came 6 6 second',
    'send 1 0',
    'sent 0 1400',
    'came 1401 1401 xxxxxx',
    'came 6 6 second',
    'quiet true',
    'close 1 0 1',
    'nobody 0 1 0',
    'sent 0 true',
    '',
  ]);
  expect(datagrams).toEqual(['one', 'x'.repeat(1400), 'silence']);
}, 90_000);
