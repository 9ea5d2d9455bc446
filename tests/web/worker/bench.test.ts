// What a hand does on the module's bench, on its way from the page's message into the machine: the units it is told in.
import { expect, test } from '@jest/globals';

import { TestMachine } from '../support/machine.ts';

/** What a luat script prints, once it has ended. */
function runOnModule(test: TestMachine, source: string): string {
  const why = test.machine.putFile('/project/main.lua', source, 'writable');
  if (why !== null) throw new Error(why);
  const spawned = test.machine.spawn({ path: 'main.lua', dialect: 'luat' });
  if ('refused' in spawned) throw new Error(spawned.refused);
  test.runUntil(() => test.host.exits.has(spawned.pid));
  return test.host.stderr(spawned.pid) + test.host.stdout(spawned.pid);
}

const prelude = `
local function seconds() return rtos.tick() / 16384 end
local function pass(s) local till = seconds() + s while seconds() < till do rtos.receive(100) end end
local function drain() local all = "" repeat local line = uart.read(uart.ATC, "*l") all = all .. line until line == "" return all end
rtos.receive(1)
pass(8)
drain()
`;

// [module, the bench's milliseconds, how long an answer takes and a refused connect there and back, in whole milliseconds]
test.each([
  ['air724u', null, 10, 80],
  ['air724u', { atMs: 250, networkMs: 0 }, 250, 0],
  ['air724u', { atMs: 0, networkMs: 3000 }, 0, 3000],
  ['air202', null, 20, 500],
  ['air202', { atMs: 100, networkMs: 3000 }, 100, 3000],
] as const)(
  'latency on the %s, set to %j: an answer takes %d ms',
  async (profile, latency, at, network) => {
    const bench = await TestMachine.make();
    bench.machine.actOnModule({ do: 'profile', profile });
    if (latency) expect(bench.machine.actOnModule({ do: 'latency', ...latency })).toBe(true);
    const printed = runOnModule(
      bench,
      `${prelude}
     local function ask(command)
       local began = seconds()
       uart.write(uart.ATC, command .. "\\r")
       local got = ""
       repeat rtos.receive(20000) got = got .. drain() until got:find("OK")
       return (seconds() - began) * 1000
     end
     print(ask("AT+CSQ"))
     local began = seconds()
     if ${String(profile === 'air724u')} then
       socketcore.sock_conn(0, "127.0.0.1", 9)
       repeat local m = rtos.receive(60000) until type(m) == "table" and m.id == rtos.MSG_SOCK_CONN_CNF
     else
       for _, command in ipairs { "AT+CIICRMODE=2", "AT+CIPMUX=1", 'AT+CSTT="CMIOT","",""', "AT+CIICR" } do ask(command) end
       pass(3)
       uart.write(uart.ATC, "AT+CIFSR\\r")
       pass(2)
       drain()
       began = seconds() + ask('AT+CIPSTART=7,"TCP","127.0.0.1",9') / 1000
       local got = ""
       repeat rtos.receive(60000) got = got .. drain() until got:find("CONNECT FAIL")
     end
     print((seconds() - began) * 1000)
     rtos.poweroff()`,
    );
    const [answer = NaN, connect = NaN] = printed.split('\n').map(Number);
    expect({
      printed,
      answer: Math.abs(answer - at) < 20,
      connect: Math.abs(connect - network) < 140,
    }).toEqual({
      printed,
      answer: true,
      connect: true,
    });
  },
);
