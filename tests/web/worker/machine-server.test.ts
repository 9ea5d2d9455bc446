// The worker's service as the page sees it: the real machine, real time, the page's messages.
import { afterEach, describe, expect, test } from '@jest/globals';

import { OUTPUT_TURN_BYTES } from '../../../web/src/worker/limits.ts';
import { PageSide } from '../support/page-side.ts';

/** Stop must be served within this, whatever runs (DESIGN.md section 2, point 3). */
const STOP_MS = 100;

let page: PageSide;
afterEach(() => page.close());

async function open(...options: Parameters<typeof PageSide.open>): Promise<PageSide> {
  page = await PageSide.open(...options);
  return page;
}

async function census(): Promise<Record<string, number>> {
  const answer = await page.ask({ kind: 'census' });
  if (answer.kind !== 'census') throw new Error(answer.kind);
  const { processes, sockets, timers, parked } = answer.census;
  return { processes, sockets, timers, parked };
}

const NOTHING = { processes: 0, sockets: 0, timers: 0, parked: 0 };

describe('a run', () => {
  test('is told as ready, started, output, reading, exited, in this order', async () => {
    await open();
    const pid = await page.run('io.write("name? ") print("hello " .. io.read())');
    await page.nextOf('reading', (told) => told.waits);
    page.send({ kind: 'stdin', pid, text: '世界\n' });
    expect(await page.exited(pid)).toEqual({ kind: 'exited', pid, status: 0, reason: 'finished' });
    expect(page.text(pid)).toBe('name? hello 世界\n');
    const kinds = page.received.map((message) => message.kind);
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'ready',
      'started',
      'output',
      'reading',
      'output',
      'exited',
    ]);
    expect(await census()).toEqual(NOTHING);
  });

  test('of a file that is not there is refused', async () => {
    await open();
    const answer = await page.ask({
      kind: 'run',
      path: 'none.lua',
      args: [],
      dialect: 'luasocket',
    });
    expect(answer).toMatchObject({ kind: 'refused', message: 'cannot open none.lua' });
  });

  test('keeps standard output and standard error in the order they were written', async () => {
    await open();
    const pid = await page.run('print(1) io.stderr:write("two\\n") print(3)');
    await page.exited(pid);
    const output = page.received.filter((message) => message.kind === 'output');
    expect(output.map((message) => message.text)).toEqual(['1\n', 'two\n', '3\n']);
  });
});

describe('text', () => {
  test('a character that was written in two halves arrives whole', async () => {
    await open();
    const pid = await page.run(`
      local socket = require("socket")
      for byte in ("Zoë 世界 🌙"):gmatch(".") do
        io.write(byte)
        socket.sleep(0.001)
      end
    `);
    await page.exited(pid);
    expect(page.text(pid)).toBe('Zoë 世界 🌙');
  });

  test('what is no UTF-8 becomes U+FFFD, half a character at the end too', async () => {
    await open();
    const pid = await page.run('io.write("a\\xffb\\xe4\\xb8")');
    await page.exited(pid);
    expect(page.text(pid)).toBe('a\ufffdb\ufffd');
  });

  test('one turn passes on a bounded amount and counts the rest', async () => {
    await open();
    const pid = await page.run('io.write(("x"):rep(5 * 1024 * 1024))');
    await page.exited(pid);
    const output = page.received.filter((message) => message.kind === 'output');
    const sum = (pick: (message: (typeof output)[number]) => number): number =>
      output.reduce((total, message) => total + pick(message), 0);
    expect(sum((message) => message.bytes)).toBe(5 * 1024 * 1024);
    expect(sum((message) => message.dropped)).toBe(5 * 1024 * 1024 - page.text(pid).length);
    for (const message of output)
      expect(message.text.length).toBeLessThanOrEqual(OUTPUT_TURN_BYTES);
  });
});

describe('Stop', () => {
  const hogs = {
    'an endless loop': 'while true do end',
    'a loop that prints for ever': 'while true do print(("x"):rep(60)) end',
    'a pathological pattern': '("a"):rep(30):find(("a?"):rep(30) .. ("a"):rep(30))',
    'a loop of pcalls that catch everything':
      'while true do pcall(function() while true do end end) end',
    'a poll without a timeout': `
      local server = require("socket").bind("127.0.0.1", 0)
      server:settimeout(0)
      while true do server:accept() end`,
    'a coroutine that never yields': 'coroutine.wrap(function() while true do end end)()',
    'long strings': 'while true do local s = ("x"):rep(10e6) .. "y" end',
    'a long sort':
      'local t = {} for i = 1, 1e6 do t[i] = i % 1000 end while true do table.sort(t) end',
    'a long concat':
      'local t = {} for i = 1, 3e5 do t[i] = i end while true do table.concat(t, ",") end',
    'a gsub with a function':
      'while true do (("a"):rep(1e6)):gsub(".", function(c) return c end) end',
  };
  test.each(Object.entries(hogs))(
    'ends %s within 100 ms, while another answers',
    async (_, source) => {
      await open();
      const other = await page.run(
        'for line in io.lines() do print("got " .. line) end',
        'other.lua',
      );
      const hog = await page.run(source, 'hog.lua');
      page.send({ kind: 'stdin', pid: other, text: 'first\n' });
      await page.printed(other, 'got first');

      page.send({ kind: 'stdin', pid: other, text: 'second\n' });
      await page.printed(other, 'got second');
      // Let it be in the middle of things, not at its start.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const asked = performance.now();
      const ended = page.exited(hog);
      setImmediate(() => page.send({ kind: 'stop', pid: hog }));
      expect(await ended).toMatchObject({ status: 143, reason: 'stopped' });
      expect(performance.now() - asked).toBeLessThan(STOP_MS);
      page.send({ kind: 'stdin-end', pid: other });
      expect(await page.exited(other)).toMatchObject({ status: 0 });
      expect(await census()).toEqual(NOTHING);
    },
  );
});

describe('a page that does not show output', () => {
  test('makes the process wait, not the others, and bounds what is on its way', async () => {
    await open();
    page.showsOutput = false;
    const printer = await page.run('while true do print(("x"):rep(60)) end', 'printer.lua');
    const other = await page.run(
      'for line in io.lines() do print("got " .. line) end',
      'other.lua',
    );
    for (let round = 0; round < 30; round++) {
      page.send({ kind: 'stdin', pid: other, text: `${round}\n` });
      await page.printed(other, `got ${round}\n`);
    }
    const bound = 256 * 1024;
    expect(page.text(printer).length).toBeGreaterThan(bound / 2);
    expect(page.text(printer).length).toBeLessThan(2 * bound);

    const before = page.text(printer).length;
    page.send({ kind: 'shown', pid: printer, bytes: before });
    await page.next(() => page.text(printer).length > before, 'more output');
    page.send({ kind: 'stop', pid: printer });
    await page.exited(printer);
  });
});

describe('files', () => {
  test('put-files replaces the project', async () => {
    await open();
    page.send({ kind: 'put-files', files: { 'a.lua': 'print(1)', 'lib/b.lua': 'return 2' } });
    page.send({
      kind: 'put-files',
      files: { 'a.lua': 'print(require("lib.b"))', 'lib/b.lua': 'return 3' },
    });
    page.send({
      kind: 'put-files',
      files: { 'c.lua': new TextEncoder().encode('print(io.open("a.lua"))') },
    });
    const answer = await page.ask({ kind: 'read-file', path: 'a.lua' });
    expect(answer).toMatchObject({ kind: 'file', bytes: null });
    const started = await page.ask({ kind: 'run', path: 'c.lua', args: [], dialect: 'luasocket' });
    if (started.kind !== 'started') throw new Error(started.kind);
    await page.exited(started.pid);
    expect(page.text(started.pid)).toBe('nil\ta.lua: No such file or directory\t2\n');
  });

  test('what scripts write and remove is told, what the page put is not', async () => {
    await open();
    const pid = await page.run(`
      local file = io.open("made.txt", "w")
      file:write("text")
      file:close()
      os.remove("test.lua")
    `);
    await page.exited(pid);
    const changed = page.received.filter((message) => message.kind === 'files-changed');
    const files = Object.assign({}, ...changed.map((message) => message.files)) as object;
    expect(Object.keys(files).sort()).toEqual(['made.txt', 'test.lua']);
    expect(files).toMatchObject({ 'test.lua': null });
    const made = await page.ask({ kind: 'read-file', path: 'made.txt' });
    expect(made.kind === 'file' && made.bytes && Buffer.from(made.bytes).toString()).toBe('text');
  });
});

test('check tells Lua’s words and their line', async () => {
  await open();
  expect(await page.ask({ kind: 'check', path: 'a.lua', text: 'x = 1\nx = = 2\n' })).toEqual({
    kind: 'checked',
    request: 1,
    line: 2,
    message: expect.stringContaining("unexpected symbol near '='") as unknown,
  });
  expect(await page.ask({ kind: 'check', path: 'a.lua', text: 'x = 1' })).toMatchObject({
    line: null,
  });
});

test('who listens is told when it changes', async () => {
  await open();
  const pid = await page.run('require("socket").bind("127.0.0.1", 4242):accept()');
  expect((await page.nextOf('listeners')).listeners).toEqual([
    { pid, kind: 'tcp', address: '127.0.0.1', port: 4242, published: null },
  ]);
  const gone = page.nextOf('listeners');
  page.send({ kind: 'stop', pid });
  expect((await gone).listeners).toEqual([]);
});

test('wire records come while they are watched, with the machine’s milliseconds', async () => {
  await open();
  page.send({ kind: 'watch-wire', on: true });
  const pid = await page.run(`
    local socket = require("socket")
    local server = socket.bind("127.0.0.1", 0)
    local _, port = server:getsockname()
    local client = socket.connect("127.0.0.1", port)
    client:send("ping")
    io.read()
  `);
  const { records } = await page.nextOf('wire', ({ records: some }) =>
    some.some((record) => record.kind === 'data'),
  );
  const data = records.find((record) => record.kind === 'data')!;
  expect(data).toMatchObject({ pid, size: 4, file: 'test.lua', line: 6 });
  expect(data.timeMs).toBeGreaterThanOrEqual(0);
  expect(data.timeMs).toBeLessThan(10_000);
});

test('a sleep takes its time, and the machine none', async () => {
  await open();
  const pid = await page.run(`
    local socket = require("socket")
    local began = socket.gettime()
    socket.sleep(0.05)
    print(socket.gettime() - began)
  `);
  await page.exited(pid);
  expect(Number(page.text(pid))).toBeGreaterThanOrEqual(0.05);
  expect(Number(page.text(pid))).toBeLessThan(0.2);
});

test('a crash is told once, after the output before it, and what follows is ignored', async () => {
  await open();
  const pid = await page.run('print("last words") while true do end');
  await page.printed(pid, 'last words');
  const crashed = page.nextOf('crashed');
  const real = performance.now.bind(performance);
  performance.now = () => {
    throw new WebAssembly.RuntimeError('memory access out of bounds');
  };
  try {
    expect((await crashed).message).toBe('memory access out of bounds');
  } finally {
    performance.now = real;
  }
  const told = page.received.length;
  page.send({ kind: 'stop', pid });
  page.send({ kind: 'census', request: 1 });
  expect(page.received.slice(told)).toEqual([]);
});
