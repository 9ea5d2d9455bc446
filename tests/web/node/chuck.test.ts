// chuck from the machine, through our proxy: a real redis-server, and our HTTP and WebSocket servers under curl, wrk and ws.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

import { freePort, Proxy } from '../support/peers.ts';

const bundle = fileURLToPath(new URL('../../../build/node/lua.mjs', import.meta.url));

function isInstalled(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

let folder: string;
let proxy: Proxy;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'moonwire-chuck-'));
  proxy = await Proxy.start(0, '--publish', '127.0.0.1:1024-65535');
});
afterAll(async () => {
  await proxy.close();
  rmSync(folder, { recursive: true });
});

/** A script in a machine of its own, with what it has printed so far. */
class Script {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';

  constructor(code: string, ...args: readonly string[]) {
    const file = join(folder, `script${Math.random()}.lua`);
    writeFileSync(file, code);
    const options = ['--dialect', 'chuck', '--proxy', proxy.url, '--timeout', '60'];
    this.#child = spawn(process.execPath, [bundle, ...options, file, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (bytes: Buffer) => (this.output += bytes.toString('latin1')));
    this.ended = once(this.#child, 'close').then(([status]) => status as number | null);
  }

  /** Resolves once the script has printed this. */
  async printed(text: string): Promise<void> {
    for (let attempt = 0; !this.output.includes(text); attempt++) {
      if (attempt === 400) throw new Error(`"${text}" never came: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}

async function untilAnswers(port: number): Promise<void> {
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt === 200) throw new Error(`nobody answers on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

(isInstalled('redis-server') ? describe : describe.skip)('redis against redis-server', () => {
  const start = async (port: number): Promise<ChildProcess> => {
    const args = ['--port', String(port), '--save', '', '--bind', '127.0.0.1', '--dir', folder];
    const server = spawn('redis-server', args, { stdio: 'ignore' });
    await untilAnswers(port);
    return server;
  };
  const stop = async (server: ChildProcess): Promise<void> => {
    server.kill('SIGTERM');
    await once(server, 'exit');
  };

  test('get, set, pipelines, errors, arrays, binary; the server gone and back', async () => {
    const port = await freePort();
    let server = await start(port);
    const script = new Script(
      `local chuck = require("chuck")
       local engine = chuck.engine()
       local ip = chuck.socket_helper.gethostbyname_ipv4("proxy.internal")[1]
       local port = math.tointeger(arg[1])
       local err, client = chuck.redis.Connect(engine, ip, port, function(_, number)
         print("lost", number)
         engine:AddTimerOnce(200, function() engine:Stop() end)
       end)
       print(err, client:Execute("set k value", function(_, reply) print("set", reply) end))
       client:Execute("get k", function(_, reply) print("get", reply) end)
       client:Execute("get nothing", function(_, reply) print("nil", reply) end)
       client:Execute("incr k", function(_, reply) print("error", reply) end)
       for i = 1, 1000 do
         client:Execute("incr n", function(_, reply)
           if reply ~= i then print("out of order", i, reply) end
           if i == 1000 then print("pipelined", reply) end
         end)
       end
       client:Execute(function(reply, why)
         print("mget", reply[1], reply[2], reply[3], why)
       end, "mget", "k", "nothing", "n")
       local bytes = ("\\0\\r\\n$"):rep(1000000)
       client:Execute(nil, "set", "binary", bytes)
       client:Execute(function(reply) print("binary", reply == bytes) end, "get", "binary")
       client:Execute(function(reply)
         local inner = reply[2]
         print("nested", reply[1], inner[1], inner[2][1], inner[2][2], #inner[3], inner[4], reply[3])
       end, "eval", "return {1, {2, {3, 'x'}, {}, false}, redis.error_reply('ERR no')}", "0")
       for i = 1, 5000 do client:Execute(nil, "rpush", "list", "element " .. i) end
       client:Execute(function(reply) print("long", #reply, reply[5000]) end, "lrange", "list", "0", "-1")
       local function wait(later)
         later:OnConnectionLoss(function() print("later client lost") end)
         later:Execute(function(reply, why) print("blocked", reply, why) end, "blpop", "nothing", "0")
         client:Execute(function(reply, why) print("refused", reply, why) end, "incr", "k")
       end
       chuck.redis.Connect_ip4(engine, ip, port, wait)
       engine:Run()
       client:Close()
       print("again", (chuck.redis.Connect(engine, ip, port)))
       repeat
         err, client = chuck.redis.Connect(engine, ip, port)
         engine:Run(100)
       until client
       client:Execute("ping", function(_, reply)
         print("back", reply)
         engine:Stop()
       end)
       engine:Run()`,
      String(port),
    );
    await script.printed('refused');
    await stop(server);
    await script.printed('again');
    server = await start(port);
    expect(await script.ended).toBe(0);
    await stop(server);
    expect(script.output).toContain('lost\t0\n');
    expect(script.output).toContain('blocked\tnil\tclient disconnected\nlater client lost\n');
    expect(script.output.split('\n')).toEqual([
      'nil\tok',
      'set\tOK',
      'get\tvalue',
      'nil\tnil',
      'error\tERR value is not an integer or out of range',
      'pipelined\t1000',
      'mget\tvalue\tnil\t1000\tnil',
      'binary\ttrue',
      'nested\t1\t2\t3\tx\t0\tnil\tERR no',
      'long\t5000\telement 5000',
      'refused\tnil\tERR value is not an integer or out of range',
      // In whatever order the two hear of it.
      expect.stringMatching(/^(lost|blocked|later)/),
      expect.stringMatching(/^(lost|blocked|later)/),
      expect.stringMatching(/^(lost|blocked|later)/),
      'again\tconnect error',
      '',
      'back\tPONG',
      '',
    ]);
  }, 60_000);
});

const httpServer = `
  local Distri = require("distri.distri")
  local Http = require("distri.http.http")
  local chuck = require("chuck")
  Http.Server(function(request, response)
    response:WriteHead(200, "OK")
    if request:Url() == "/large" then
      response:End(("x"):rep(1000000))
    elseif request:Url() == "/parts" then
      response:Write("one ")
      response:Write("two ")
      response:End("three")
    else
      response:End(request:Method() .. " " .. #(request:Content() or ""))
    end
  end):Listen("0.0.0.0", tonumber(arg[1]))
  print("listening")
  Distri.Signal(chuck.signal.SIGINT, Distri.Stop)
  Distri.Run()`;

describe('our HTTP server under foreign clients', () => {
  let port: number;
  let script: Script;
  beforeAll(async () => {
    port = await freePort();
    script = new Script(httpServer, String(port));
    await script.printed('listening');
    await untilAnswers(port);
  }, 30_000);
  afterAll(async () => {
    script.interrupt();
    expect(await script.ended).toBe(0);
  });
  const curl = (...args: readonly string[]): string =>
    execFileSync('curl', ['-s', '--max-time', '20', ...args], { maxBuffer: 1 << 24 }).toString();

  test('curl: keep-alive, chunks both ways, a large answer and a large body', () => {
    const url = `http://127.0.0.1:${port}`;
    const trace = curl('-w', '%{num_connects}\n', `${url}/a`, `${url}/b`);
    expect(trace).toBe('GET 01\nGET 00\n');
    expect(curl(`${url}/parts`)).toBe('one two three');
    expect(curl(`${url}/large`)).toHaveLength(1_000_000);
    const file = join(folder, 'body');
    writeFileSync(file, Buffer.alloc(2_000_000, 'y'));
    expect(curl('--data-binary', `@${file}`, `${url}/p`)).toBe('POST 2000000');
    const chunked = ['-H', 'Transfer-Encoding: chunked', '-H', 'Expect:'];
    expect(curl(...chunked, '--data-binary', `@${file}`, `${url}/p`)).toBe('POST 2000000');
    expect(curl('-I', `${url}/a`)).toContain('Content-Length: 6');
  }, 60_000);

  test('curl waits for 100 Continue before a large body, and gets it', () => {
    const file = join(folder, 'large-body');
    writeFileSync(file, Buffer.alloc(3_000_000, 'y'));
    // Without a 100 it would wait longer than it may take.
    const patience = ['--expect100-timeout', '30', '-H', 'Expect: 100-continue'];
    const data = ['--data-binary', `@${file}`];
    expect(curl(...patience, ...data, `http://127.0.0.1:${port}/p`)).toBe('POST 3000000');
  }, 60_000);

  test('curl hears the right status of what is refused', () => {
    const url = `http://127.0.0.1:${port}/a`;
    const status = (...args: readonly string[]): string =>
      curl('-o', join(folder, 'answer'), '-w', '%{http_code}', ...args, url);
    const file = join(folder, 'too-large-body');
    writeFileSync(file, Buffer.alloc(6_000_000, 'y'));
    const data = ['--data-binary', `@${file}`];
    expect(status()).toBe('200');
    expect(status(...data)).toBe('413'); // instead of 100
    expect(status(...data, '-H', 'Expect:')).toBe('413'); // while it sends
    expect(status('-H', `X: ${'x'.repeat(70_000)}`)).toBe('431');
    expect(status('-H', 'Host:')).toBe('400');
    expect(status('-H', 'Expect: the-best')).toBe('417');
    expect(status('-X', 'FETCH')).toBe('501');
    expect(status('--http1.0')).toBe('200');
    expect(status('--http2')).toBe('200'); // asks for an upgrade that is not taken
  }, 60_000);

  test('what is no HTTP is answered with 400 and the end', async () => {
    const socket = connect(port, '127.0.0.1');
    let got = '';
    socket.on('data', (bytes: Buffer) => (got += bytes.toString()));
    socket.write('this is not http\r\n\r\n');
    await once(socket, 'close');
    expect(got).toContain('400 Bad Request');
  }, 30_000);

  (isInstalled('wrk') ? test : test.skip)(
    'wrk finds no error',
    () => {
      const said = execFileSync('wrk', [
        ...['-c', '8', '-t', '1', '-d', '2', `http://127.0.0.1:${port}/a`],
      ]).toString();
      expect(Number(/(\d+) requests in/.exec(said)?.[1])).toBeGreaterThan(100);
      expect(said).not.toMatch(/Non-2xx|Socket errors/);
    },
    30_000,
  );
});

test('npm’s ws talks to a WebSocket server in the machine', async () => {
  const port = await freePort();
  const script = new Script(
    `local chuck = require("chuck")
     local engine = chuck.engine()
     local acceptor = chuck.http.listen(engine, "0.0.0.0", tonumber(arg[1]), function(fd)
       local conn = chuck.connection(fd, 65536, chuck.decoder.connection.http())
       conn:Add2Engine(engine, function(self, request)
         if not request then return self:Close() end
         chuck.websocket.accept(self, engine, request, function(ws, message, code)
           if not message then
             print("closed", code)
             return engine:Stop()
           end
           ws:Send(message:ReadBin(), message:Opcode())
         end)
       end)
     end)
     print("listening")
     engine:Run()
     acceptor:Close()`,
    String(port),
  );
  await script.printed('listening');
  await untilAnswers(port);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  const answers: [Buffer, boolean][] = [];
  socket.on('message', (bytes: Buffer, isBinary: boolean) => answers.push([bytes, isBinary]));
  await once(socket, 'open');
  const large = Buffer.alloc(300_000, 7);
  socket.send('你好');
  socket.send(large);
  socket.ping('still there');
  await once(socket, 'pong');
  expect(answers.map(([, isBinary]) => isBinary)).toEqual([false, true]);
  expect(answers[0]?.[0].toString()).toBe('你好');
  expect(answers[1]?.[0].equals(large)).toBe(true);
  socket.close(1000, 'done');
  await once(socket, 'close');
  expect(await script.ended).toBe(0);
  expect(script.output).toContain('closed\t1000');
}, 60_000);
