// LuaTask's clients against real servers, through the proxy, on both modules: nginx, mosquitto and a time server. The
// module's boot takes its true seconds here.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { freePort, Proxy } from '../support/peers.ts';

const bundle = fileURLToPath(new URL('../../../build/node/lua.mjs', import.meta.url));
const page = 'a page of nginx, '.repeat(5000);
const secondsFrom1900To1970 = 2_208_988_800;
/** The date where the module is, eight hours ahead, as it prints it. */
function dateThere(): string {
  const there = new Date(Date.now() + 8 * 3_600_000);
  return [there.getUTCFullYear(), there.getUTCMonth() + 1, there.getUTCDate()].join('-');
}

let folder: string;
let proxy: Proxy;
let webPort: number;
let brokerPort: number;
const children: ChildProcess[] = [];
let timeServer: Socket | null = null;

/** Starts a server and waits until its port answers. */
async function serve(command: string, args: readonly string[], port: number): Promise<void> {
  children.push(spawn(command, args, { stdio: 'ignore' }));
  for (let tries = 0; tries < 200; tries++) {
    const answers = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (answers) return;
    await pause(50);
  }
  throw new Error(`${command} does not answer`);
}

/** Answers on port 123, where it is ours to take: what the clients ask is fixed. */
async function serveTime(): Promise<Socket | null> {
  const socket = createSocket('udp4');
  socket.on('message', (request, from) => {
    if (request.length !== 48) return;
    const reply = Buffer.alloc(48);
    reply[0] = 0x24;
    reply.writeUInt32BE(Math.floor(Date.now() / 1000) + secondsFrom1900To1970, 40);
    socket.send(reply, from.port, from.address);
  });
  return await new Promise((resolve) => {
    socket.once('error', () => resolve(null));
    socket.bind(123, '127.0.0.1', () => resolve(socket));
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'moonwire-luat-'));
  [webPort, brokerPort] = [await freePort(), await freePort()];
  proxy = await Proxy.start();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  file('page.txt', page);
  const nginx = file(
    'nginx.conf',
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
     http {
       access_log off;
       client_body_temp_path ${folder}/body;
       server { listen 127.0.0.1:${webPort}; root ${folder}; chunked_transfer_encoding on; }
     }`,
  );
  const mosquitto = file(
    'mosquitto.conf',
    `listener ${brokerPort} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`,
  );
  await serve('nginx', ['-c', nginx, '-p', folder], webPort);
  await serve('mosquitto', ['-c', mosquitto], brokerPort);
  timeServer = await serveTime();
}, 30_000);

afterAll(async () => {
  await proxy.close();
  timeServer?.close();
  await Promise.all(
    children.map(async (child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    }),
  );
  rmSync(folder, { recursive: true });
});

const main = (): string => `
  PROJECT, VERSION = "PEERS", "1.0.0"
  require "log"
  LOG_LEVEL = log.LOGLEVEL_ERROR
  require "sys"
  require "net"
  require "http"
  require "mqtt"
  require "ntp"
  local left = ${timeServer === null ? 2 : 3}
  local function done()
    left = left - 1
    if left == 0 then rtos.poweroff() end
  end

  http.request("GET", "http://proxy.internal:${webPort}/page.txt", nil, nil, nil, 10000,
    function(ok, status, head, body)
      print("http", ok, status, head and head["Server"] and "nginx", body and #body)
      done()
    end)

  sys.taskInit(function()
    while not socket.isReady() do sys.waitUntil("IP_READY_IND") end
    local client = mqtt.client("moonwire", 60)
    print("connect", client:connect("proxy.internal", ${brokerPort}))
    print("subscribe", client:subscribe({ ["/a/#"] = 2 }))
    for quality = 0, 2 do
      print("publish", client:publish("/a/" .. quality, "中文 " .. quality, quality))
      local ok, packet = client:receive(5000)
      print("receive", ok, packet.topic, packet.payload, packet.qos)
    end
    print("large", client:publish("/a/large", ("x"):rep(20000), 1))
    local ok, packet = client:receive(5000)
    print("received", ok, #packet.payload)
    print("unsubscribe", client:unsubscribe("/a/#"))
    client:disconnect()
    done()
  end)

  ntp.setServers { "proxy.internal" }
  if left == 3 then
    ntp.timeSync(nil, function(clock, ok)
      print("ntp", ok, ("%d-%d-%d"):format(clock.year, clock.month, clock.day))
      done()
    end)
  end
  sys.init(0, 0)
  sys.run()
`;

async function run(
  words: readonly string[],
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [bundle, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    status,
    stdout: Buffer.concat(out).toString(),
    stderr: Buffer.concat(err).toString(),
  };
}

describe.each(['air202', 'air724u'])('on the %s, through the proxy', (module) => {
  test('http reads nginx’s page, mqtt talks to mosquitto in all three qualities, ntp sets the clock', async () => {
    writeFileSync(join(folder, 'main.lua'), main());
    const options = ['--dialect', 'luat', '--module', module, '--timeout', '60'];
    const ended = await run([...options, '--proxy', proxy.url, join(folder, 'main.lua')]);
    expect(ended.stderr).toBe('');
    const lines = ended.stdout.replaceAll('\t', ' ').split('\n').sort();
    const expected = [
      '',
      `http true 200 nginx ${page.length}`,
      'connect true',
      'subscribe true',
      ...[0, 1, 2].flatMap((quality) => [
        'publish true',
        `receive true /a/${quality} 中文 ${quality} ${quality}`,
      ]),
      'large true',
      'received true 20000',
      'unsubscribe true',
      ...(timeServer === null ? [] : [`ntp true ${dateThere()}`]),
    ];
    expect(lines).toEqual(expected.sort());
    expect(ended.status).toBe(0);
  }, 90_000);
});
