// The machine left on for long: processes that come and go leave its memory as large as it was.
import { newModule, TestMachine } from '../support/machine.ts';

const rounds = 200;
const warmUp = 20;

const server = [
  'local socket = require("socket")',
  'local server = assert(socket.bind("127.0.0.1", 7000))',
  'local words = {}',
  'for i = 1, 1000 do words[i] = ("word %d"):format(i) end',
  'local client = server:accept()',
  'print(client:receive())',
  'server:accept()',
].join('\n');

const client = [
  'local socket = require("socket")',
  'local c = assert(socket.connect("127.0.0.1", 7000))',
  'c:send(("x"):rep(10000) .. "\\n")',
  'io.read()',
].join('\n');

test('a server and a client started and stopped 200 times leave memory flat, and nothing open', async () => {
  const module = await newModule();
  const test = new TestMachine(module);
  const linearBytes = (): number => {
    const { HEAPU8 } = module as unknown as { readonly HEAPU8: Uint8Array };
    return HEAPU8.buffer.byteLength;
  };
  const round = (): void => {
    const pids = [test.spawn(server, [], 'server.lua'), test.spawn(client, [], 'client.lua')];
    const waits = (): boolean => test.host.waitsForInput.get(pids[1]!) === true;
    expect(test.runUntil(waits)).toBe(true);
    for (const pid of pids) test.machine.stop(pid);
    test.runAll();
    expect(test.host.exits.size).toBe(pids.length);
    test.host.exits.clear();
    test.host.transcript.length = 0;
  };
  for (let count = 0; count < warmUp; count++) round();
  const [linear, counted] = [linearBytes(), test.machine.census().memoryBytes];
  for (let count = 0; count < rounds; count++) round();
  expect(linearBytes()).toBe(linear);
  expect(test.machine.census().memoryBytes).toBe(counted);
  expect(test.leftOver()).toEqual({});
});
