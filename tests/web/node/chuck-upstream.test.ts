// The original's own programs, unmodified, in the machine: they are not ours to keep, so this runs where MOONWIRE_CHUCK_UPSTREAM
// names a clone of sniperHW/chuck with its history.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, Proxy } from '../support/peers.ts';

const bundle = fileURLToPath(new URL('../../../build/node/lua.mjs', import.meta.url));
const upstream = process.env['MOONWIRE_CHUCK_UPSTREAM'];
const PATIENCE_MS = 30_000;
const INTERRUPTED = 130;

/** The tree of the first reference, the last one with its API, and the newest. */
const trees = {
  A: { commit: '1d4bed0', folders: ['distri', 'samples'] },
  B: { commit: 'e98444c', folders: ['distri', 'samples'] },
  H: { commit: '5af91be', folders: ['lib', 'example', 'test'] },
} as const;
type Tree = keyof typeof trees;

/** What a program says: each must come, then it is interrupted unless it has ended by itself. */
interface Expected {
  readonly says: readonly (RegExp | string)[];
  /** After Ctrl-C. */
  readonly ends?: RegExp | string;
  /** It ends by itself, with this status. */
  readonly status?: number;
  /** It catches no SIGINT. */
  readonly dies?: true;
  /** Lines that come by the ten thousand. */
  readonly ignored?: RegExp;
  readonly args?: readonly string[];
  /** Other programs of the tree beside it. */
  readonly beside?: readonly string[];
  /** A peer of ours beside it: sends this to the port, prints what it hears. */
  readonly talk?: { readonly port: number; readonly text: string };
  /** A redis-server answers on the ports that the programs ask. */
  readonly redis?: boolean;
}

/** A peer that tries until it is connected. */
const talker = (port: number, text: string): string => `
  local chuck = require("chuck")
  local engine = chuck.engine()
  local helper, packet = chuck.socket_helper, chuck.packet
  chuck.RegTimer(engine, 100, function()
    local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
    if helper.connect(fd, "127.0.0.1", ${port}) ~= 0 then return helper.close(fd) end
    local conn = chuck.connection(fd, 65536)
    conn:Add2Engine(engine, function(_, p)
      if p then return print("heard: " .. p:ReadBin()) end
      print("the end")
      conn:Close()
    end)
    conn:Send(packet.rawpacket(${JSON.stringify(text)}))
    return -1
  end)
  engine:Run()`;

/** Carries connections to 6379 and 6579 in the machine to a server of the proxy's machine. */
const forwarder = (port: number): string => `
  local chuck = require("chuck")
  local loop = chuck.event_loop.New()
  local stream, addr, inet = chuck.socket.stream, chuck.socket.addr, chuck.socket.AF_INET
  local ip = chuck.socket_helper.gethostbyname_ipv4("proxy.internal")[1]
  local acceptors = {}
  for _, port in ipairs({ 6379, 6579 }) do
    acceptors[port] = stream.listen(loop, addr(inet, "127.0.0.1", port), function(fd)
      stream.dial(loop, addr(inet, ip, ${port}), function(far)
        local ends = { stream.socket(fd, 65536), stream.socket(far, 65536) }
        for index, one in ipairs(ends) do
          one:Start(loop, function(data)
            if data then return ends[3 - index]:Send(data) end
            ends[1]:Close()
            ends[2]:Close()
          end)
        end
      end)
    end)
  end
  loop:Run()`;

let folder: string;
let redisPort: number;
let redis: ChildProcess;
let proxy: Proxy;

async function start(tree: Tree, file: string, expected: Expected): Promise<void> {
  const home = join(folder, tree);
  const beside: string[] = [];
  const put = (path: string): string => {
    copyFileSync(join(home, path), join(home, basename(path)));
    return basename(path);
  };
  const write = (name: string, code: string): void => {
    writeFileSync(join(home, name), code);
    beside.push(name);
  };
  if (expected.talk) write('talker.lua', talker(expected.talk.port, expected.talk.text));
  if (expected.redis) write('forwarder.lua', forwarder(redisPort));
  for (const path of expected.beside ?? []) beside.push(put(path));
  const child = spawn(
    process.execPath,
    [
      ...[bundle, '--dialect', 'chuck', '--timeout', '60'],
      ...(expected.redis ? ['--proxy', proxy.url] : []),
      ...beside.flatMap((name) => ['--with', name]),
      ...[put(file), ...(expected.args ?? [])],
    ],
    { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on(
      'data',
      (bytes: Buffer) => (output += bytes.toString().replace(expected.ignored ?? /\0/, '')),
    );
  }
  const ended = once(child, 'close').then(([status]) => status as number | null);
  let status: number | null | undefined;
  void ended.then((reached) => (status = reached));
  const has = (what: RegExp | string): boolean =>
    typeof what === 'string' ? output.includes(what) : what.test(output);
  try {
    const deadline = Date.now() + PATIENCE_MS;
    while (!expected.says.every(has) && status === undefined && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    for (const what of expected.says) {
      if (typeof what === 'string') expect(output).toContain(what);
      else expect(output).toMatch(what);
    }
    if (expected.status === undefined) child.kill('SIGINT');
    expect(await ended).toBe(expected.status ?? (expected.dies ? INTERRUPTED : 0));
    if (expected.ends !== undefined) expect(has(expected.ends)).toBe(true);
  } finally {
    child.kill('SIGKILL');
  }
}

const answersHello = {
  talk: { port: 8010, text: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' },
  says: [/HTTP\/1.1 200 OK/, 'hello world!'],
  ends: 'distri.Stop',
};
const both = (expected: Expected): readonly [Tree, Expected][] => [
  ['A', expected],
  ['B', expected],
];
const inA = (expected: Expected): readonly [Tree, Expected][] => [['A', expected]];
const inB = (expected: Expected): readonly [Tree, Expected][] => [['B', expected]];
const inH = (expected: Expected): readonly [Tree, Expected][] => [['H', expected]];

const programs: Readonly<Record<string, readonly (readonly [Tree, Expected])[]>> = {
  'samples/lua/echoserver.lua': both({
    talk: { port: 8010, text: 'hi' },
    says: [
      'server start\t127.0.0.1\t8010',
      'on new client',
      /^userdata: 0x/m,
      'packet send finish',
      'heard: hi',
      'the end',
    ],
    ends: 'recv sigint',
  }),
  // The server is there first where it stands beside.
  'samples/lua/rpacket_client.lua': both({
    beside: ['samples/lua/rpacket_server.lua'],
    ignored: /^userdata: 0x\w+\t0\n/gm,
    says: ['[rpacket_server] on_new_client', 'connect success2', /^\[rpacket_server\] \d{2,}$/m],
    ends: 'recv sigint',
  }),
  'samples/lua/log.lua': both({ says: [/^\[INFO\][-\d]+:[:.\d]+\[\d+\]:hello$/m], status: 0 }),
  'samples/lua/hostbyname.lua': both({ says: [], status: 0 }),
  'samples/lua/redis_stress.lua': both({
    redis: true,
    says: [/^hmget:[1-9][\d.]*\/s/m],
    ends: 'recv sigint',
  }),
  'samples/lua/http/httpserver.lua': both({
    talk: { port: 8010, text: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' },
    says: [/HTTP\/1.1 200 OK/, 'Content-Type: text/html', /<html/i],
    ends: 'recv sigint',
  }),
  'distri/test/stream_echo.lua': both({
    talk: { port: 8010, text: 'hi' },
    says: ['wellcome', /hi$/m, 'the end'], // five to ten idle seconds later
  }),
  'distri/test/httpserver.lua': both(answersHello),
  'distri/test/rpcserver.lua': both({
    beside: ['distri/test/rpcclient.lua'],
    says: [/^rpc call:[1-9][\d.]*\/s/m],
  }),
  'distri/test/testredis.lua': [
    ...inA({
      redis: true,
      talk: { port: 8010, text: 'ask' },
      says: ['1\tOK', '1000\tOK', /heard: fasdfasfasdf/],
      ends: 'distri.Stop',
    }),
    // Its hmget part uses a variable that is not there.
    ...inB({ redis: true, says: ['1\tOK', '1000\tOK'], ends: 'distri.Stop' }),
  ],
  'distri/test/stress_redis.lua': both({
    redis: true,
    says: [/^hmget:[1-9][\d.]*\/s \d+ \d+$/m],
    ends: 'distri.Stop',
  }),
  'distri/test/testsche.lua': both({
    dies: true,
    says: [/co1\nco2\nco3\nco4\nco1\nco2\nco3\nco4\n/],
  }),
  'distri/test/testtask.lua': both({ dies: true, says: [/^i'm\t1\t.*\n(.*\n)+i'm\t1\t/m] }),
  'distri/test/testactor.lua': both({
    dies: true,
    says: [/hello\t2\n/, /hello\t4\n/, /hello\t10\n/],
  }),
  'distri/test/testque.lua': both({ says: [/^1\n$/], status: 0 }),
  'distri/test/thread.lua': both({
    says: [/\]:parent$/m, /\]:child$/m, 'hello world!', /^end$/m],
    status: 0,
  }),
  'distri/test/mtserver.lua': both({
    talk: { port: 8010, text: 'over a thread' },
    says: ['server start\t127.0.0.1\t8010', 'heard: over a thread'],
    ends: 'distri.Stop',
  }),
  'distri/test/mutilthread/main.lua': both({
    talk: { port: 8010, text: 'hello' },
    says: [/heard: HELLO/],
    ends: 'distri.Stop',
  }),
  'distri/test/daemon.lua': both({ says: [], status: 0 }),
  'distri/test/fork.lua': both({ says: [/^0\t\d+$/m, "i'm a child"], status: 0 }),
  'distri/test/mutilthread/broadcaster.lua': inB({
    says: [2, 3, 4, 5].map((thread) => `i'm ${thread},i got a broadcast mail`),
    ends: 'distri.Stop',
  }),
  'distri/test/testtimer.lua': inB({ says: [/collect\ncollect\n/], ends: 'distri.Stop' }),
  'example/echoserver.lua': inH({
    talk: { port: 9010, text: 'hi' },
    says: [
      /systick:\t\d+\tunixtime:\t\d+/,
      'server start',
      'client from\t127.0.0.1',
      /heard: hi.*hello world/s,
    ],
    ends: 'recv SIGINT stop server',
  }),
  'example/benchmark_pingpong.lua': inH({
    args: ['both', '3'],
    says: [/^clients:3,pkt:[1-9]\d*\/s,bytes:[\d.]+MB\/s/m],
  }),
  'example/benchmark_brocast.lua': inH({
    args: ['both', '3'],
    says: [/^clients:3,pkt:[1-9]\d*\/s/m],
  }),
  'example/PromiseRead.lua': inH({
    args: ['3'],
    says: [/^pkt:[1-9]\d*\/s/m],
    ends: /client disconnected/,
  }),
  'example/rpc.lua': inH({
    says: [
      /^normal msg:[1-9]\d*$/m,
      'hello world\tsniperHW hahaha',
      'method not found:world',
      'rpc call error:\tconnection loss',
      'send request failed',
    ],
  }),
  'example/udp.lua': inH({ args: ['both', '1'], says: [/^pkt:[1-9]\d*\/s,bytes:/m] }),
  'example/udp_broadcast.lua': inH({
    args: ['both', '1'],
    says: [/Broadcast\ngot Broadcast msg\nBroadcast\ngot Broadcast msg\n/],
  }),
  'example/eventHandler.lua': inH({
    says: ['event1 handler 1', 'mutexMode after handler5:UnRegister()'],
    status: 0,
  }),
  'example/pcall.lua': inH({
    says: ["attempt to index a nil value (global 'a')", /^1\t2$/m],
    status: 0,
  }),
  'example/redis/promise_redis.lua': inH({
    redis: true,
    says: [/^connect to redis ok\nhw\nPONG\nok$/m],
    status: 0,
  }),
  'example/coroutine/coroutine.lua': inH({
    says: [/^start loop\nco1\nco2\nco1\nco2\n/, /co1 finish/, /^end$/m],
    status: 0,
  }),
  'example/coroutine/queue1.lua': inH({ says: [/^9\tfinish$/m], status: 0 }),
  'example/coroutine/queue2.lua': inH({ says: [/^B start$/m, /^B finish$/m], status: 0 }),
  'example/coroutine/waitGroup.lua': inH({ says: [/final finish/], status: 0 }),
  'example/coroutine/sleep1.lua': inH({ says: [/^co1$/m, /^co4$/m], status: 0 }),
  'example/coroutine/sleep2.lua': inH({ dies: true, says: [/^co3$/m, /^co4$/m] }),
  'example/coroutine/pingpong.lua': inH({
    args: ['both', '3'],
    says: [/^clients:3,pkt:[1-9]\d*\/s/m],
    ends: 'connection lose',
  }),
  // It fails where its peer closes, as upstream does.
  'example/coroutine/echo.lua': inH({
    talk: { port: 8010, text: 'a line\n' },
    says: ['heard: a line', /^recv timeout$/m],
  }),
  'example/coroutine/coroutine_redis1.lua': inH({
    redis: true,
    says: [/^count:[1-9]\d*\/s elapse:/m],
    ends: 'stop',
  }),
  'example/coroutine/coroutine_redis2.lua': inH({
    redis: true,
    says: [/^hw1\t1\nhw2\t2\n/m, /^hw11\tnil$/m],
    status: 0,
  }),
  'test/lua/packet.lua': inH({ says: [/^1\t0.875\t0.875\n$/m], status: 0 }),
  'test/lua/halfclose.lua': inH({ says: [/^hello$/m, /^client:chk_error_eof$/m] }),
  'test/lua/send_timeout_server.lua': inH({
    says: ['server start'],
    ends: 'recv SIGINT stop server',
  }),
  'test/lua/testlog.lua': inH({ says: ['this is info log', 'this is error log'], status: 0 }),
  'test/lua/testweak.lua': inH({ says: ['before gc\ngc1\nafter gc'], status: 1 }),
};

(upstream === undefined ? describe.skip : describe)('the original’s programs', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'moonwire-chuck-upstream-'));
    for (const [name, { commit, folders }] of Object.entries(trees)) {
      const home = join(folder, name);
      mkdirSync(home);
      const tar = execFileSync('git', ['-C', upstream ?? '', 'archive', commit, ...folders], {
        maxBuffer: 1 << 28,
      });
      execFileSync('tar', ['-x', '-C', home], { input: tar });
    }
    redisPort = await freePort();
    redis = spawn(
      'redis-server',
      [...['--port', String(redisPort), '--save', '', '--bind', '127.0.0.1', '--dir', folder]],
      { stdio: 'ignore' },
    );
    for (let attempt = 0; attempt < 100; attempt++) {
      const socket = connect(redisPort, '127.0.0.1');
      const isThere = await new Promise<boolean>((resolve) => {
        socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      });
      socket.destroy();
      if (isThere) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    execFileSync('redis-cli', ['-p', String(redisPort), 'set', 'hw', 'hello world']);
    proxy = await Proxy.start(0);
  }, 60_000);
  afterAll(async () => {
    redis.kill();
    await proxy.close();
    rmSync(folder, { recursive: true });
  });

  for (const [file, runs] of Object.entries(programs)) {
    for (const [tree, expected] of runs) {
      test(`${tree} ${file}`, async () => await start(tree, file, expected), 2 * PATIENCE_MS);
    }
  }
});
