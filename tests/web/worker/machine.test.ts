// The machine in wasm, as its JavaScript owner sees it: bytes, statuses, turns, and the same run for the same answers.
import { describe, expect, test } from '@jest/globals';

import { MachineCrash } from '../../../web/src/worker/machine.ts';
import { newModule, TestMachine } from '../support/machine.ts';

describe('output', () => {
  test('every byte reaches its stream unchanged', async () => {
    const it = await TestMachine.make();
    const pid = it.run(`
      local all = {}
      for byte = 0, 255 do all[#all + 1] = string.char(byte) end
      io.write(table.concat(all))
      io.stderr:write(table.concat(all):reverse())
    `);
    const all = Array.from({ length: 256 }, (_, byte) => byte);
    expect([...it.host.bytes(pid, 1)]).toEqual(all);
    expect([...it.host.bytes(pid, 2)]).toEqual(all.reverse());
    expect(it.leftOver()).toEqual({});
  });

  test('a process that nobody reads waits, with bounded output', async () => {
    const it = await TestMachine.make({ outputBurstBytes: 10_000 });
    const pid = it.spawn(`while true do print(("x"):rep(99)) end`);
    for (let turn = 0; turn < 50; turn++) it.machine.run(8000);
    const before = it.host.bytes(pid, 1).length;
    expect(before).toBeGreaterThanOrEqual(10_000);
    expect(before).toBeLessThan(20_000);

    it.machine.acknowledgeOutput(pid, before);
    it.machine.run(8000);
    expect(it.host.bytes(pid, 1).length).toBeGreaterThan(before);
    it.machine.stop(pid);
    expect(it.leftOver()).toEqual({});
  });
});

describe('a process ends', () => {
  const cases = [
    { name: 'with 0 when its chunk returns', source: 'local x = 1', status: 0, reason: 'finished' },
    { name: 'with 1 after an error', source: 'error("no")', status: 1, reason: 'error' },
    { name: 'with 1 when it does not compile', source: 'x = = 1', status: 1, reason: 'error' },
    { name: 'with what os.exit gives', source: 'os.exit(42)', status: 42, reason: 'exit' },
    { name: 'with 0 for os.exit(true)', source: 'os.exit(true)', status: 0, reason: 'exit' },
    { name: 'with 1 for os.exit(false)', source: 'os.exit(false)', status: 1, reason: 'exit' },
  ] as const;
  test.each(cases)('$name', async ({ source, status, reason }) => {
    const it = await TestMachine.make();
    expect(it.host.exits.get(it.run(source))).toEqual({ status, reason });
    expect(it.leftOver()).toEqual({});
  });

  test('with 143 by Stop, and its port is free at once', async () => {
    const it = await TestMachine.make();
    const server = it.spawn(`
      local server = assert(require("socket").bind("127.0.0.1", 12345))
      server:accept()
    `);
    it.runAll();
    expect(it.machine.listeners()).toMatchObject([{ pid: server, kind: 'tcp', port: 12345 }]);

    it.machine.stop(server);
    expect(it.host.exits.get(server)).toEqual({ status: 143, reason: 'stopped' });
    expect(it.machine.listeners()).toEqual([]);
    const next = it.run(`print(require("socket").bind("127.0.0.1", 12345) ~= nil)`);
    expect(it.host.stdout(next)).toBe('true\n');
    expect(it.leftOver()).toEqual({});
  });

  test('with a traceback on standard error after an error', async () => {
    const it = await TestMachine.make();
    const pid = it.run(`local function deep() error("boom") end\ndeep()`);
    expect(it.host.stderr(pid)).toMatch(/^lua: test\.lua:1: boom\nstack traceback:\n/);
  });
});

describe('spawn', () => {
  test('refuses a file that is not there, and says so', async () => {
    const it = await TestMachine.make();
    expect(it.machine.spawn({ path: 'none.lua' })).toEqual({ refused: 'cannot open none.lua' });
  });

  test('refuses one process too many', async () => {
    const it = await TestMachine.make({ processes: 2 });
    const source = 'io.read()';
    it.spawn(source);
    it.spawn(source);
    expect(() => it.spawn(source)).toThrow(/too many processes/);
  });

  test('gives the script its arguments', async () => {
    const it = await TestMachine.make();
    const pid = it.run('print(arg[0], #arg, arg[1], ...)', ['Zoë', 'b c']);
    expect(it.host.stdout(pid)).toBe('test.lua\t2\tZoë\tZoë\tb c\n');
  });
});

describe('standard input', () => {
  test('a read waits for a line, and says that it waits', async () => {
    const it = await TestMachine.make();
    const pid = it.spawn('io.write("name? ") print("hello " .. io.read())');
    it.runAll();
    expect(it.host.stdout(pid)).toBe('name? ');
    expect(it.host.waitsForInput.get(pid)).toBe(true);

    expect(it.machine.type(pid, 'Zoë\n')).toBe(true);
    it.runAll();
    expect(it.host.stdout(pid)).toBe('name? hello Zoë\n');
    expect(it.host.waitsForInput.get(pid)).toBe(false);
    expect(it.leftOver()).toEqual({});
  });

  test('ends where the typing ends', async () => {
    const it = await TestMachine.make();
    const pid = it.spawn(
      'for line in io.lines() do print("<" .. line .. ">") end print(io.read())',
    );
    it.machine.type(pid, 'one\ntwo');
    it.machine.endInput(pid);
    it.runAll();
    expect(it.host.stdout(pid)).toBe('<one>\n<two>\nnil\n');
  });

  test('takes no more than its bound of what nobody reads', async () => {
    const it = await TestMachine.make();
    const pid = it.spawn('while true do require("socket").sleep(1) end');
    const half = new Uint8Array(600 * 1024);
    expect(it.machine.type(pid, half)).toBe(true);
    expect(it.machine.type(pid, half)).toBe(false);
    expect(it.machine.type(999, 'x')).toBe(false);
  });
});

describe('limits', () => {
  test('memory beyond the bound is an error of that process alone', async () => {
    const it = await TestMachine.make({ processMemoryBytes: 4 * 1024 * 1024 });
    const other = it.spawn('print(io.read())', [], 'other.lua');
    const pid = it.run('local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end');
    expect(it.host.exits.get(pid)).toEqual({ status: 1, reason: 'error' });
    expect(it.host.stderr(pid)).toContain('not enough memory');
    it.machine.type(other, 'alive\n');
    it.runAll();
    expect(it.host.stdout(other)).toBe('alive\n');
    expect(it.leftOver()).toEqual({});
  });

  test('files beyond the quota find no space', async () => {
    const it = await TestMachine.make({ fileSystemBytes: 10_000 });
    const pid = it.run('local f = io.open("big", "w") print(f:write(("x"):rep(20000)))');
    expect(it.host.stdout(pid)).toMatch(/No space left on device/);
  });
});

const NETWORK_SCRIPT = `
  local socket = require("socket")
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  print(port, math.random(1, 1000000), os.time(), socket.gettime())
  local keys = {}
  for key in pairs({ a = 1, b = 2, c = 3, d = 4, e = 5, f = 6 }) do keys[#keys + 1] = key end
  print(table.concat(keys, " "))
  local client = assert(socket.connect("127.0.0.1", port))
  local peer = server:accept()
  client:send("ping\\n")
  socket.sleep(0.25)
  print(peer:receive(), os.clock())
`;

describe('determinism', () => {
  async function transcript(seed: number): Promise<string[]> {
    const it = await TestMachine.make();
    it.host.seed = seed;
    for (const name of ['a.lua', 'b.lua']) it.spawn(NETWORK_SCRIPT, [], name);
    it.spawn('while true do print(io.read()) end', [], 'reader.lua');
    it.machine.type(3, 'line\n');
    it.machine.endInput(3);
    it.runUntil(() => it.host.exits.size >= 2);
    it.machine.stop(3);
    return it.host.transcript;
  }

  test('the same answers of the host give the same run, to the byte and the microsecond', async () => {
    const first = await transcript(7);
    expect(first.join('\n')).toMatch(/ping/);
    expect(await transcript(7)).toEqual(first);
  });

  test('other chance, other run', async () => {
    expect(await transcript(8)).not.toEqual(await transcript(7));
  });
});

describe('many processes', () => {
  test('200 echo clients of one server finish, and nothing is left over', async () => {
    const it = await TestMachine.make();
    const server = it.spawn(
      `
      local socket = require("socket")
      local server = assert(socket.bind("127.0.0.1", 7000, 256))
      local open, served = { server }, 0
      while served < 200 do
        for _, ready in ipairs((socket.select(open))) do
          if ready == server then
            open[#open + 1] = server:accept()
          else
            local line = ready:receive()
            if line then
              ready:send(line .. "\\n")
            else
              ready:close()
              served = served + 1
              for at, one in ipairs(open) do
                if one == ready then table.remove(open, at) break end
              end
            end
          end
        end
      end
      print("served " .. served)
      `,
      [],
      'server.lua',
    );
    it.runAll();
    const clients = Array.from({ length: 200 }, (_, index) =>
      it.spawn(
        `
        local client = assert(require("socket").connect("127.0.0.1", 7000))
        for round = 1, 5 do
          local line = arg[1] .. " " .. round
          client:send(line .. "\\n")
          assert(client:receive() == line)
        end
        client:close()
        print("done")
        `,
        [String(index)],
        'client.lua',
      ),
    );
    it.runAll();
    expect(clients.map((pid) => it.host.stdout(pid) + it.host.stderr(pid))).toEqual(
      clients.map(() => 'done\n'),
    );
    expect(it.host.stdout(server)).toBe('served 200\n');
    expect(it.leftOver()).toEqual({});
  });

  test('an endless loop leaves the others their turns', async () => {
    const it = await TestMachine.make();
    it.host.tick = 50;
    const loop = it.spawn('while true do end', [], 'loop.lua');
    const other = it.spawn('print("answer " .. io.read())', [], 'other.lua');
    it.machine.type(other, 'me\n');
    expect(it.runUntil(() => it.host.exits.has(other))).toBe(true);
    expect(it.host.stdout(other)).toBe('answer me\n');
    it.machine.stop(loop);
    expect(it.leftOver()).toEqual({});
  });
});

describe('files', () => {
  test('what a script writes is told once, and can be read', async () => {
    const it = await TestMachine.make();
    it.run('local f = io.open("made.txt", "wb") f:write("a\\0b") f:close()');
    expect(it.machine.takeChangedFiles()).toEqual(['/project/made.txt']);
    expect(it.machine.takeChangedFiles()).toEqual([]);
    expect([...(it.machine.readFile('/project/made.txt') ?? [])]).toEqual([97, 0, 98]);
    expect(it.machine.readFile('/project/none')).toBeNull();
  });

  test('the bundled libraries are there and cannot be written', async () => {
    const it = await TestMachine.make();
    expect(it.machine.listFiles('/lib/luasocket')).toContain('/lib/luasocket/socket/http.lua');
    const pid = it.run('print(io.open("/lib/luasocket/socket.lua", "w"))');
    expect(it.host.stdout(pid)).toMatch(/Permission denied/);
  });
});

describe('check', () => {
  test('tells the line and Lua’s words, or nothing', async () => {
    const it = await TestMachine.make();
    expect(it.machine.check('good.lua', 'print("hi")')).toBeNull();
    const error = it.machine.check('bad.lua', 'local x = 1\nx = = 2\n');
    expect(error?.line).toBe(2);
    expect(error?.message).toContain("unexpected symbol near '='");
  });
});

describe('the wire', () => {
  test('records nothing until somebody looks, then who sent what from which line', async () => {
    const it = await TestMachine.make();
    it.run(NETWORK_SCRIPT);
    expect(it.machine.takeWire().records).toEqual([]);

    it.machine.watchWire(true);
    const pid = it.run(NETWORK_SCRIPT);
    const { records, lost } = it.machine.takeWire();
    expect(lost).toBe(0);
    const kinds = records.map((record) => record.kind);
    expect(kinds).toEqual(expect.arrayContaining(['connect', 'accept', 'data']));
    const data = records.find((record) => record.kind === 'data')!;
    expect(Buffer.from(data.bytes).toString()).toBe('ping\n');
    expect(data).toMatchObject({ pid, size: 5, file: 'test.lua', line: 11 });
  });
});

describe('a crash', () => {
  test('ends the machine: the call throws, and so does every later one', async () => {
    const it = await TestMachine.make();
    const pid = it.spawn('while true do end');
    it.host.steadyClock = () => {
      throw new WebAssembly.RuntimeError('unreachable');
    };
    expect(() => it.machine.run(8000)).toThrow(MachineCrash);
    expect(() => it.machine.stop(pid)).toThrow('unreachable');
    expect(it.machine.crash?.message).toBe('unreachable');
  });

  test('what a freed machine is asked throws and does not reach into memory', async () => {
    const it = await TestMachine.make();
    it.run('print("first")');
    it.machine.dispose();
    expect(() => it.machine.run(1)).toThrow(MachineCrash);
  });
});

test('two machines of one module know nothing of each other', async () => {
  const module = await newModule();
  const [left, right] = [new TestMachine(module), new TestMachine(module)];
  const source = 'print(require("socket").bind("127.0.0.1", 5000) ~= nil, io.open("left.txt"))';
  left.machine.putFile('/project/left.txt', 'x', 'writable');
  expect(left.host.stdout(left.run(source))).toMatch(/^true\tfile/);
  expect(right.host.stdout(right.run(source))).toBe(
    'true\tnil\tleft.txt: No such file or directory\t2\n',
  );
});
