// The lab's server, which is a Lua process, in a real machine: what it lists, gets, sends and answers.
import { readFileSync } from 'node:fs';

import { readable } from '../../../../web/src/page/module/bytes.ts';
import { Lab, type LabRecord } from '../../../../web/src/page/module/lab.ts';
import { PageSide } from '../../support/page-side.ts';

const script = readFileSync(
  new URL('../../../../web/src/page/module/lab.lua', import.meta.url),
  'utf8',
);
const patienceMs = 8000;

let page: PageSide;
let lab: Lab;

/** Waits until a claim about the lab holds. */
async function until(claim: () => boolean, what: string): Promise<void> {
  if (claim()) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patienceMs);
    const release = lab.onChange(() => {
      if (!claim()) return;
      clearTimeout(timer);
      release();
      resolve();
    });
  });
}

async function open(protocol: 'tcp' | 'udp' = 'tcp', port = 0): Promise<number> {
  await lab.open({ protocol, place: 'tab', port });
  await until(() => lab.phase.kind === 'open', 'an open server');
  return lab.phase.kind === 'open' ? lab.phase.port : 0;
}

const texts = (kind: 'in' | 'out'): string[] =>
  lab.records.entries.flatMap((record: LabRecord) =>
    record.kind === kind && 'bytes' in record ? [readable(record.bytes)] : [],
  );
const received = (): string => texts('in').join('');

beforeEach(async () => {
  page = await PageSide.open();
  lab = new Lab({
    script,
    now: () => 1_700_000_000_000,
    runTool: async (file, events) => {
      page.files[`.moonwire/${file.path}`] = file.text;
      page.send({ kind: 'put-files', files: page.files });
      const answer = await page.ask({
        kind: 'run',
        path: `.moonwire/${file.path}`,
        args: file.args,
        dialect: 'luasocket',
        lua51: false,
      });
      if (answer.kind !== 'started') return 'refused';
      const { pid } = answer;
      let shown = 0;
      const pour = (): void => {
        const text = page.text(pid);
        const fresh = text.slice(shown);
        shown = text.length;
        if (fresh !== '') events.onOutput(fresh);
      };
      void (async () => {
        for (;;) {
          pour();
          const end = page.received.find((told) => told.kind === 'exited' && told.pid === pid);
          if (end?.kind === 'exited') {
            events.onExit(end.status);
            return;
          }
          await page.next((told) => 'pid' in told && told.pid === pid).catch(() => null);
        }
      })();
      return {
        pid,
        send: (text) => page.send({ kind: 'stdin', pid, text }),
        stop: () => page.send({ kind: 'stop', pid }),
      };
    },
  });
});

afterEach(async () => {
  lab.close();
  for (const told of page.received) if (told.kind === 'started') await page.exited(told.pid);
  const answer = await page.ask({ kind: 'census' });
  expect(answer).toMatchObject({ census: { processes: 0, sockets: 0, timers: 0, parked: 0 } });
  page.close();
});

const client = (port: number, rest: string): string =>
  `local c = assert(require("socket").connect("127.0.0.1", ${String(port)}))\n${rest}`;

test('lists its clients, shows what they send, and sends to one or all', async () => {
  const port = await open();
  const waits = 'c:send(arg[1]) print(c:receive())';
  const first = await page.run(client(port, waits), 'a.lua', ['one']);
  await until(() => received() === 'one', 'the first client’s data');
  const second = await page.run(client(port, waits), 'b.lua', ['two']);
  await until(() => received() === 'onetwo', 'the second client’s data');
  expect(lab.clients.map(({ id, received: bytes }) => [id, bytes])).toEqual([
    [1, 3],
    [2, 3],
  ]);
  expect(lab.clients[0]?.peer).toMatch(/^127\.0\.0\.1:\d+$/);

  lab.send(2, new TextEncoder().encode('just you\n'));
  await page.printed(second, 'just you');
  expect(page.text(first)).toBe('');
  lab.send(null, new TextEncoder().encode('all\n'));
  await page.printed(first, 'all');
  await page.exited(first);
  await until(() => lab.clients.length === 0, 'both to be gone');
  expect(lab.records.last).toMatchObject({ kind: 'left', why: 'there' });
});

test('answers by its rules', async () => {
  const port = await open();
  lab.setRules([
    { match: 'begins', pattern: 'back', answer: 'echo', value: '' },
    { match: 'equals', pattern: 'bin', answer: 'hex', value: '11 22 33' },
    { match: 'equals', pattern: 'time', answer: 'time', value: '' },
  ]);
  const asks = `
    for _, word in ipairs { "back123", "bin", "time" } do
      c:send(word)
      local answer = c:receive(word == "time" and 10 or word == "bin" and 3 or 7)
      print((answer:gsub("[^%w]", function(b) return ("<%02x>"):format(b:byte()) end)))
    end`;
  const pid = await page.run(client(port, asks));
  await page.exited(pid);
  expect(page.text(pid)).toBe('back123\n<11><22>3\n1700000000\n');
  expect(lab.records.entries.filter((record) => 'byRule' in record && record.byRule)).toHaveLength(
    3,
  );
});

test('closes one client and resets another: each sees which', async () => {
  const port = await open();
  const waits = 'c:settimeout(5) c:send("x") print(c:receive()) print(c:send("y"))';
  const first = await page.run(client(port, waits), 'a.lua');
  await until(() => lab.clients.length === 1 && received() === 'x', 'the first client');
  lab.closeClient(1);
  await page.printed(first, 'nil\tclosed');
  const second = await page.run(client(port, waits), 'b.lua');
  await until(() => lab.clients.length === 1 && received() === 'xx', 'the second client');
  lab.resetClient(2);
  await page.printed(second, /nil\tclosed\s[\s\S]*nil\tclosed/);
  expect(lab.records.entries.filter((record) => record.kind === 'left')).toMatchObject([
    { client: 1, why: 'here' },
    { client: 2, why: 'reset' },
  ]);
});

test('sends a file of a mebibyte to a client that reads slowly, whole and in order', async () => {
  const port = await open();
  const file = Uint8Array.from({ length: 1 << 20 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
  const slow = `
    local got, sum = 0, 0
    while true do
      local data, why, part = c:receive(math.min(10007, ${String(file.length)} - got))
      data = data or part
      for at = 1, #data do sum = (sum * 31 + data:byte(at)) % 1000003 end
      got = got + #data
      if got >= ${String(file.length)} then break end
      if why then print(why) break end
    end
    print(got, sum)`;
  const pid = await page.run(client(port, slow));
  await until(() => lab.clients.length === 1, 'the client');
  lab.send(1, file);
  expect(lab.clients[0]?.waiting).toBeGreaterThan(8);
  await page.exited(pid);
  let sum = 0;
  for (const byte of file) sum = (sum * 31 + byte) % 1_000_003;
  expect(page.text(pid)).toBe(`${String(file.length)}\t${String(sum)}\n`);
});

test('takes datagrams, and each sender is a client', async () => {
  const port = await open('udp');
  const pid = await page.run(`
    local u = assert(require("socket").udp())
    u:setpeername("127.0.0.1", ${String(port)})
    u:send("ping")
    print(u:receive())`);
  await until(() => received() === 'ping', 'the datagram');
  lab.send(1, new TextEncoder().encode('pong'));
  await page.exited(pid);
  expect(page.text(pid)).toBe('pong\n');
});

test('says why it cannot open', async () => {
  const refused = new Lab({ script, now: () => 0, runTool: () => Promise.resolve('no room') });
  await refused.open({ protocol: 'tcp', place: 'tab', port: 0 });
  expect(refused.phase).toEqual({ kind: 'failed', why: 'no room' });
});

test('a port that is taken is told, and the process is gone', async () => {
  const port = await open();
  const held = await page.run(
    `local s = assert(require("socket").bind("127.0.0.1", 0)) print(s:getsockname()) io.read()`,
    'held.lua',
  );
  await page.printed(held, '127.0.0.1');
  const taken = Number(page.text(held).split('\t')[1]);
  await lab.open({ protocol: 'tcp', place: 'tab', port: taken });
  await until(() => lab.phase.kind === 'failed', 'the failure');
  expect(lab.phase).toEqual({ kind: 'failed', why: 'address already in use' });
  page.send({ kind: 'stdin', pid: held, text: '\n' });
  expect(await open('tcp', port)).toBe(port);
});

test('a server that closes lets its clients go', async () => {
  const port = await open();
  const pid = await page.run(client(port, 'c:send("x") print(c:receive())'));
  await until(() => received() === 'x', 'the client');
  lab.close();
  await page.exited(pid);
  expect(page.text(pid)).toBe('nil\tclosed\t\n');
  expect(lab.records.last).toMatchObject({ kind: 'left', why: 'server' });
});
