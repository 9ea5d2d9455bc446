// `./moonwire lua` as a shell sees it: the bundle of build/node, run as a process.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, Proxy, startEchoServer } from '../support/peers.ts';

const bundle = fileURLToPath(new URL('../../../build/node/lua.mjs', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'moonwire-lua-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file of the project. @returns its path. */
function file(name: string, content: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A run under way: its output so far, and its end. */
class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out = Buffer.alloc(0);
  err = Buffer.alloc(0);
  #watchers: (() => void)[] = [];

  constructor(argv: readonly string[]) {
    this.child = spawn(process.execPath, [bundle, ...argv], { cwd: folder });
    this.child.stdout!.on('data', (bytes: Buffer) => {
      this.out = Buffer.concat([this.out, bytes]);
      for (const look of this.#watchers) look();
    });
    this.child.stderr!.on('data', (bytes: Buffer) => (this.err = Buffer.concat([this.err, bytes])));
    this.child.stdin!.on('error', () => undefined); // it need not read what we write
    this.ended = new Promise((resolve) =>
      this.child.on('close', (status) =>
        resolve({ status, out: this.out.toString('latin1'), err: this.err.toString('latin1') }),
      ),
    );
  }

  /** Waits until this was printed on standard output. */
  async printed(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.out.includes(text)) resolve();
      };
      this.#watchers.push(look);
      void this.ended.then(({ err }) => reject(new Error(`ended without "${text}": ${err}`)));
      look();
    });
  }
}

async function lua(argv: readonly string[], input: string | Buffer = ''): Promise<Ended> {
  const run = new Run(argv);
  run.child.stdin!.end(input);
  return await run.ended;
}

describe('a script', () => {
  test('has its arguments, its output and its status', async () => {
    const script = file('a.lua', 'print(arg[0], #arg, ...) io.stderr:write("err\\n") os.exit(7)');
    expect(await lua([script, 'x', '--y'])).toEqual({
      status: 7,
      out: 'a.lua\t2\tx\t--y\n',
      err: 'err\n',
    });
  });

  test('reads standard input to its end, byte for byte', async () => {
    const script = file('cat.lua', 'io.write(io.read("a"))');
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
    const { status, out } = await lua([script], bytes);
    expect(status).toBe(0);
    expect(Buffer.from(out, 'latin1').equals(bytes)).toBe(true);
  });

  test('answers line by line while standard input stays open', async () => {
    const run = new Run([file('a.lua', 'for line in io.lines() do print("<" .. line .. ">") end')]);
    run.child.stdin!.write('one\n');
    await run.printed('<one>\n');
    run.child.stdin!.write('two\n');
    await run.printed('<two>\n');
    run.child.stdin!.end();
    expect((await run.ended).status).toBe(0);
  });

  test('sees typed lines through select, as a chat does', async () => {
    const run = new Run([
      file(
        'a.lua',
        `local socket = require("socket")
        local typed = { getfd = function() return 0 end }
        for _ = 1, 2 do
          local ready
          repeat ready = socket.select({ typed }, nil, 0.01) until ready[1]
          print("typed " .. io.read())
        end`,
      ),
    ]);
    run.child.stdin!.write('one\n');
    await run.printed('typed one\n');
    run.child.stdin!.write('two\n');
    expect(await run.ended).toMatchObject({ status: 0, out: 'typed one\ntyped two\n' });
  });

  test('that fails tells the traceback and ends with 1', async () => {
    const ended = await lua([file('a.lua', 'local function deep() error("boom") end\ndeep()')]);
    expect(ended.status).toBe(1);
    expect(ended.err).toMatch(/^lua: a\.lua:1: boom\nstack traceback:\n/);
  });

  test('that is not there is told', async () => {
    expect(await lua(['none.lua'])).toEqual({
      status: 1,
      out: '',
      err: 'moonwire lua: cannot open none.lua\n',
    });
  });

  test('may come from standard input or from the command line', async () => {
    expect(await lua(['-', 'x'], 'print("in", ...)')).toMatchObject({ out: 'in\tx\n', status: 0 });
    expect(await lua(['-e', 'print("e", ...)', 'x'])).toMatchObject({ out: 'e\tx\n', status: 0 });
  });

  test('that waits for ever inside the machine is not ended by us', async () => {
    const run = new Run([
      file('a.lua', 'local s = require("socket").bind("127.0.0.1", 0) print("waits") s:accept()'),
    ]);
    await run.printed('waits');
    expect(run.child.exitCode).toBeNull();
    run.child.kill('SIGINT');
    expect(await run.ended).toMatchObject({ status: 130, err: '' });
  });
});

describe('the project', () => {
  test('is the script’s folder: its files are read and required, its subfolders too', async () => {
    file('lib/double.lua', 'return function(x) return 2 * x end');
    file('data.txt', 'first\nsecond\n');
    const script = file(
      'a.lua',
      'print(require("lib.double")(21)) for line in io.lines("data.txt") do print(line) end',
    );
    expect(await lua([script])).toMatchObject({ out: '42\nfirst\nsecond\n', status: 0 });
  });

  test('keeps what the script writes, renames and removes', async () => {
    file('old.txt', 'old');
    file('gone.txt', 'gone');
    file('sub/there.txt', 'x');
    const script = file(
      'a.lua',
      `local f = assert(io.open("made.bin", "wb")) f:write("a\\0b") f:close()
      assert(io.open("sub/new.txt", "w")):write("new"):close()
      assert(io.open("old.txt", "a")):write(" and new"):close()
      assert(os.rename("old.txt", "renamed.txt"))
      assert(os.remove("gone.txt"))
      print(io.open("old.txt"))
      print(io.open("none/x.txt", "w"))`,
    );
    expect(await lua([script])).toEqual({
      status: 0,
      err: '',
      out:
        'nil\told.txt: No such file or directory\t2\n' +
        'nil\tnone/x.txt: No such file or directory\t2\n',
    });
    const read = (name: string): string => readFileSync(join(folder, name), 'latin1');
    expect([read('made.bin'), read('sub/new.txt'), read('renamed.txt')]).toEqual([
      'a\0b',
      'new',
      'old and new',
    ]);
    expect(existsSync(join(folder, 'old.txt')) || existsSync(join(folder, 'gone.txt'))).toBe(false);
  });

  test('ends at its folder, for paths and for links', async () => {
    file('outside.txt', 'secret');
    const script = file(
      'project/a.lua',
      `for _, path in ipairs({ "../outside.txt", "link.txt", "/etc/hostname", "up/outside.txt" }) do
        print((io.open(path)))
      end
      print((io.open("up/made.txt", "w")))`,
    );
    symlinkSync('../outside.txt', join(folder, 'project/link.txt'));
    symlinkSync('..', join(folder, 'project/up'));
    expect(await lua([script])).toMatchObject({ out: 'nil\n'.repeat(5), status: 0 });
    expect(existsSync(join(folder, 'made.txt'))).toBe(false);
  });

  test('--lib puts a folder on package.path', async () => {
    file('libs/greet.lua', 'return "hello from lib"');
    const script = file('project/a.lua', 'print((require("greet")))');
    expect(await lua(['--lib', join(folder, 'libs'), script])).toMatchObject({
      out: 'hello from lib\n',
    });
    expect((await lua(['--lib', 'none', script])).err).toContain('--lib none: no such folder');
  });
});

const SERVER = `
  local server = assert(require("socket").bind("127.0.0.1", 12345))
  print("ready")
  io.write("no newline")
  local client = server:accept()
  client:send("hello " .. client:receive() .. "\\n")
  while true do server:accept() end
`;
const CLIENT = `
  local client
  repeat client = require("socket").connect("127.0.0.1", 12345) until client
  client:send("world\\n")
  print((client:receive()))
`;

describe('--with', () => {
  test('starts another process first; the run ends when the main script ends', async () => {
    file('server.lua', SERVER);
    expect(await lua(['--with', 'server.lua', file('client.lua', CLIENT)])).toEqual({
      status: 0,
      out: 'hello world\n',
      err: '[server] ready\n[server] no newline\n',
    });
  });

  test('a companion from elsewhere is found, and one that fails does not end the run', async () => {
    const other = file('elsewhere/bad.lua', 'error("no")');
    const script = file('project/a.lua', 'require("socket").sleep(0.05) print("on")');
    const ended = await lua(['--with', other, script]);
    expect(ended).toMatchObject({ status: 0, out: 'on\n' });
    expect(ended.err).toMatch(/^\[bad\] lua: .*bad\.lua:1: no\n\[bad\] stack traceback:\n/);
  });
});

describe('an end from outside', () => {
  test('--timeout ends with 124, and closes what was printed', async () => {
    const script = file('a.lua', 'io.write("begun") while true do end');
    expect(await lua(['--timeout', '0.2', script])).toMatchObject({ status: 124, out: 'begun' });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends an endless loop with %i, and keeps its files', async (signal, status) => {
    const script = file(
      'a.lua',
      'io.open("kept.txt", "w"):write("kept"):close() print("on") while true do end',
    );
    const run = new Run([script]);
    await run.printed('on');
    run.child.kill(signal);
    expect(await run.ended).toMatchObject({ status, err: '' });
    expect(readFileSync(join(folder, 'kept.txt'), 'utf8')).toBe('kept');
  });

  test('a reader that leaves ends it without a word', async () => {
    const run = new Run([file('a.lua', 'while true do print(("x"):rep(80)) end')]);
    await run.printed('x');
    run.child.stdout!.destroy();
    expect(await run.ended).toMatchObject({ status: 141, err: '' });
  });

  test('a reader that is slow makes the script wait', async () => {
    const run = new Run([file('a.lua', 'for i = 1, 300000 do print(i) end')]);
    await run.printed('1\n');
    run.child.stdout!.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.child.stdout!.resume();
    const { status, out } = await run.ended;
    expect(status).toBe(0);
    expect(out.split('\n').length).toBe(300_001);
  });
});

describe('--proxy', () => {
  const script = `
    local client = assert(require("socket").connect("proxy.internal", arg[1]))
    client:send("through\\n")
    print((client:receive()))
  `;

  test('takes the address of the proxy’s page, or of its tunnel', async () => {
    const [proxy, echo] = [await Proxy.start(), await startEchoServer()];
    try {
      for (const url of [`http://127.0.0.1:${proxy.port}/`, proxy.url]) {
        const ended = await lua(['--proxy', url, file('a.lua', script), String(echo.port)]);
        expect(ended).toEqual({ status: 0, out: 'through\n', err: '' });
      }
    } finally {
      await Promise.all([proxy.close(), echo.close()]);
    }
  });

  test('that cannot be reached is told, and the script fails clearly', async () => {
    const url = `ws://127.0.0.1:${await freePort()}/wisp/x/`;
    const ended = await lua(['--proxy', url, file('a.lua', script), '1']);
    expect(ended.status).toBe(1);
    expect(ended.err).toMatch(/moonwire: no way to the network: .*ECONNREFUSED/);
    expect(ended.err).toMatch(/Network is unreachable/);
    expect((await lua(['--proxy', 'nonsense', 'a.lua'])).err).toContain(
      "'nonsense' is not an address",
    );
  });

  test('without it the world is unreachable', async () => {
    const ended = await lua([file('a.lua', script), '1']);
    expect(ended.err).toMatch(/Network is unreachable|host or service not provided/);
  });
});

test('--lua51 brings Lua 5.1’s names back; without it their want is explained', async () => {
  const script = file('old.lua', 'module("old", package.seeall) print(_NAME, unpack{1, 2})');
  const without = await lua([script]);
  expect(without).toMatchObject({ status: 1, out: '' });
  expect(without.err).toContain("(global 'module')");
  expect(without.err).toMatch(/moonwire: module is a name of Lua 5\.1 .*--lua51/);
  expect(await lua(['--lua51', script])).toEqual({ status: 0, out: 'old\t1\t2\n', err: '' });
});

test('a program for chuck is told how it runs', async () => {
  const script = file('asks.lua', 'print(type(require("chuck")))');
  const without = await lua([script]);
  expect(without.status).toBe(1);
  expect(without.err).toContain('moonwire: this is a program for chuck: --dialect chuck');
  expect(await lua(['--dialect', 'chuck', script])).toEqual({ status: 0, out: 'table\n', err: '' });
});

test('--socket-debug sets socket._DEBUG', async () => {
  const code = 'print(require("socket")._DEBUG)';
  expect(await lua(['-e', code])).toMatchObject({ out: 'nil\n' });
  expect(await lua(['--socket-debug', '-e', code])).toMatchObject({ out: 'true\n' });
});

test('--memory bounds what a process may use', async () => {
  const script = file('a.lua', 'local s = ("x"):rep(100 * 1024 * 1024) print(#s)');
  expect((await lua([script])).err).toContain('not enough memory');
  expect(await lua(['--memory', '256', script])).toMatchObject({ out: '104857600\n', status: 0 });
});

test('-v prints the version of Lua', async () => {
  expect((await lua(['-v'])).out).toMatch(/^Lua 5\.4\.\d+ {2}Copyright/);
});

test('a misused command line ends with 2 and says where help is', async () => {
  const ended = await lua(['--wth', 'x']);
  expect(ended).toMatchObject({ status: 2, out: '' });
  expect(ended.err).toMatch(/--wth[^]*--help/);
});
