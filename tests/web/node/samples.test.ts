// LuaSocket's own samples, unmodified from its release, each run with what it wants to talk to.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

jest.setTimeout(60_000); // each test starts processes, on a busy computer too

const bundle = fileURLToPath(new URL('../../../build/node/lua.mjs', import.meta.url));
const upstream = fileURLToPath(new URL('../../../build/sources/luasocket-3.1.0/', import.meta.url));

let folder: string;
beforeAll(() => {
  expect(existsSync(upstream)).toBe(true);
  folder = mkdtempSync(join(tmpdir(), 'moonwire-samples-'));
  for (const part of ['samples', 'etc']) cpSync(join(upstream, part), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** `./moonwire lua` in the samples' folder. */
async function lua(argv: readonly string[], input: string | Buffer = ''): Promise<Ended> {
  const child = spawn(process.execPath, [bundle, '--timeout', '40', ...argv], { cwd: folder });
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString('latin1')));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString('latin1')));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, out, err };
}

/** A script of the test's own beside the samples. */
function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe('samples that run as they are', () => {
  test('talker.lua talks to listener.lua', async () => {
    const { out, err } = await lua(['--with', 'listener.lua', 'talker.lua'], 'one\ntwo\n\n');
    expect(out).toContain('Connected!');
    expect(err).toMatch(/\[listener\] one\n\[listener\] two\n/);
  });

  test('echoclnt.lua is answered by echosrvr.lua', async () => {
    const { out, status } = await lua(['--with', 'echosrvr.lua', 'echoclnt.lua'], 'hi\nyou\n\n');
    expect(out).toMatch(/\nhi\nyou\n$/);
    expect(status).toBe(0);
  });

  test('echoclnt.lua and daytimeclnt.lua are answered by the laboratory', async () => {
    expect((await lua(['echoclnt.lua', 'echo.lab', '7'], 'hi\n\n')).out).toMatch(/\nhi\n$/);
    const { out } = await lua(['daytimeclnt.lua', 'daytime.lab', '13']);
    expect(out).toMatch(/\d\d:\d\d:\d\d \d{4} UTC\r\n$/);
  });

  test('tinyirc.lua hands each line on to the others', async () => {
    const client = put(
      'irc-client.lua',
      `local socket = require "socket"
       local a, b
       repeat a = socket.connect("localhost", 8080) until a
       b = socket.connect("localhost", 8181)
       socket.sleep(0.1)
       a:send "hello\\n" print((b:receive()))
       b:send "hello yourself\\n" print((a:receive()))`,
    );
    expect((await lua(['--with', 'tinyirc.lua', client])).out).toBe('hello\nhello yourself\n');
  });

  // Of socket.udp() neither has a descriptor when its options are set: it ends there natively, too.
  test('mcsend.lua reaches mclisten.lua, once their sockets are udp4', async () => {
    const udp4 = 'local socket = require "socket" socket.udp = socket.udp4 ';
    const listens = put('listens.lua', `${udp4} dofile "mclisten.lua"`);
    const sends = put('sends.lua', `${udp4} dofile "mcsend.lua"`);
    const { out, err } = await lua(['--timeout', '5', '--with', listens, sends]);
    expect(out).toContain('sent hello all 0!');
    expect(err).toMatch(/\[listens\] hello all \d!/);
  });

  test('get.lua fetches a file by http', async () => {
    const { status } = await lua(['get.lua', 'http://http.lab/bytes/50000', 'got.bin']);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'got.bin'))).toHaveLength(50_000);
  });

  test('b64.lua, qp.lua and eol.lua convert there and back', async () => {
    const text = 'A line with = and \xff\nand another one\n';
    const raw = Buffer.from(text, 'latin1');
    const coded = (await lua(['b64.lua'], raw)).out;
    expect(coded.replaceAll('\r\n', '')).toBe(raw.toString('base64'));
    expect((await lua(['b64.lua', '-d'], coded)).out).toBe(text);
    const quoted = (await lua(['qp.lua'], raw)).out;
    expect(quoted).toContain('=3D and =FF');
    expect((await lua(['qp.lua', '-d'], quoted)).out.replaceAll('\r', '')).toBe(text);
    expect((await lua(['eol.lua', '-d'], raw)).out).toBe(text.replaceAll('\n', '\r\n'));
  });

  test('cookie.lua loads', async () => {
    expect(await lua(['cookie.lua'])).toMatchObject({ status: 0, err: '' });
  });
});

describe('samples that were written for Lua 5.1, with its spellings', () => {
  // Its tcp wrapper calls `select`, which its module does not see: it ends there in Lua 5.1, too.
  const dispatch = 'require("dispatch").select = select ';

  test('check-links.lua asks for each link of a page, on dispatch.lua', async () => {
    put(
      'page.html',
      '<a href="http://http.lab/get">a</a><a href="http://http.lab/status/404">b</a>',
    );
    const checks = put('checks.lua', `${dispatch} dofile "check-links.lua"`);
    const { out, err } = await lua(['--lua51', checks, '-n', '/project/page.html']);
    expect(err).toBe('');
    expect(out).toContain('\thttp://http.lab/get\n');
    expect(out).toContain('\thttp://http.lab/status/404: 404\n');
  });

  test('forward.lua forwards a port', async () => {
    const forwarder = put(
      'forwarder.lua',
      // It also sets an option before there is a descriptor, which fails natively.
      `local socket = require "socket" socket.tcp = socket.tcp4
       ${dispatch} arg = { "8888:echo.lab:7" } dofile "forward.lua"`,
    );
    const client = put(
      'forward-client.lua',
      `local socket = require "socket"
       local c
       repeat c = socket.connect("localhost", 8888) until c
       c:send "through\\n" print((c:receive()))`,
    );
    const { out, err } = await lua(['--lua51', '--with', forwarder, client]);
    expect({ out, err }).toEqual({ out: 'through\n', err: '' });
  });

  test('check-memory.lua weighs the modules', async () => {
    const { out, status } = await lua(['--lua51', 'check-memory.lua']);
    expect(status).toBe(0);
    expect(out).toMatch(/socket\.ftp:\t -?\d+k/);
  });

  test.each(['dict', 'lp', 'tftp', 'dispatch'])('%s.lua loads', async (name) => {
    const { out, err } = await lua(['--lua51', '-e', `print(type(require "${name}"))`]);
    expect({ out, err }).toEqual({ out: expect.stringMatching(/^(table|boolean)\n$/), err: '' });
  });
});
