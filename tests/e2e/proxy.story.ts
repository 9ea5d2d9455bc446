// The same scripts through the real proxy: what they get is what curl gets, and a proxy that dies comes back.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import { seed } from './support/moonwire.ts';
import { Peer, Proxy } from './support/proxy.ts';
import { expect, test } from './support/story.ts';

const text = Buffer.from('A page of the real network.\n'.repeat(200));
const big = randomBytes(10 * 1024 * 1024);

let peer: Peer;
let proxy: Proxy;

test.beforeAll(async () => {
  peer = await Peer.start({ '/': text, '/big': big });
});
test.afterAll(async () => {
  await peer.stop();
});
test.beforeEach(async () => {
  proxy = await Proxy.start(['--allow', `127.0.0.1:${String(peer.port)}`]);
});
test.afterEach(async () => {
  await proxy.kill();
});

const open = 'moonwire-tunnel .pill[data-phase=open]';
const run = promisify(execFile);

/** What curl gets for a path of the peer, which runs in this very process (so nothing here may block). */
async function curl(path: string, ...options: string[]): Promise<Buffer> {
  const url = `http://127.0.0.1:${String(peer.port)}${path}`;
  const settings = { encoding: 'buffer', maxBuffer: 64 << 20, timeout: 20_000 } as const;
  return (await run('curl', ['-s', '--http1.0', ...options, url], settings)).stdout;
}

test('the page opens the tunnel by itself and says what it reaches', async ({ moonwire, page }) => {
  await moonwire.open(proxy.origin);
  await expect(page.locator(open)).toHaveText('Online through the proxy');
  await page.locator(open).click();
  await expect(page.locator('moonwire-tunnel')).toContainText('real TCP and UDP addresses');
  await expect(page.locator('moonwire-tunnel')).not.toContainText(/[0-9a-f]{24}/); // no token on the screen
});

test('the tutorial’s raw GET and http.request get through the proxy what curl gets', async ({
  moonwire,
  page,
}) => {
  await moonwire.open(`${proxy.origin}/?example=own`);
  await expect(page.locator(open)).toBeVisible();
  const raw = seed('raw_get.lua')
    .replace('www.baidu.com', 'proxy.internal')
    .replace('80))', `${String(peer.port)}))`);
  const rawConsole = await moonwire.run('raw_get.lua', raw);
  await expect(moonwire.output(rawConsole)).toContainText('Finished normally');
  // Its loop prints the first KiB of the answer, headers and all.
  const whole = await curl('/', '-i', '-H', 'Host:', '-H', 'Accept:', '-H', 'User-Agent:');
  const answer = whole.subarray(0, 1024).toString();
  const lines = await rawConsole.locator('.line').allTextContents();
  expect(lines.join('\n')).toBe(answer.replaceAll('\r\n', '\n'));

  const easy = seed('http_request.lua').replace(
    'www.baidu.com',
    `proxy.internal:${String(peer.port)}`,
  );
  const easyConsole = await moonwire.run('http_request.lua', easy);
  await expect(moonwire.output(easyConsole)).toContainText('Finished normally');
  const shown = await easyConsole.locator('.line').allTextContents();
  expect(shown.join('\n')).toBe((await curl('/')).toString());
});

test('10 MiB come byte for byte, by hand and by http.request', async ({ moonwire, page }) => {
  test.setTimeout(90_000);
  await moonwire.open(`${proxy.origin}/?example=own`);
  await expect(page.locator(open)).toBeVisible();
  const code = `
    local socket = require("socket")
    local http = require("socket.http")
    local port = ${String(peer.port)}
    -- A sum that depends on every byte and its place; Lua has no hash of its own.
    local function sum(body)
      local a, b = 1, 0
      for at = 1, #body, 4096 do
        for _, byte in ipairs({ body:byte(at, math.min(at + 4095, #body)) }) do
          a = a + byte
          b = b + a
        end
        a, b = a % 65521, b % 65521
      end
      return ("%d bytes, adler %08x"):format(#body, b << 16 | a)
    end
    local raw = assert(socket.connect("proxy.internal", port))
    raw:send("GET /big HTTP/1.0\\r\\n\\r\\n")
    local answer = assert(raw:receive("*a"))
    local head, body = answer:match("^(.-)\\r\\n\\r\\n(.*)$")
    print("raw: " .. sum(body))
    local easy = assert(http.request("http://proxy.internal:" .. port .. "/big"))
    print("easy: " .. sum(easy))
    print("same: " .. tostring(body == easy))
  `;
  const console = await moonwire.run('big.lua', code);
  await expect(moonwire.output(console)).toContainText('Finished normally', { timeout: 60_000 });
  const fetched = await curl('/big');
  expect(createHash('sha256').update(fetched).digest('hex')).toBe(
    createHash('sha256').update(big).digest('hex'),
  );
  let [a, b] = [1, 0];
  for (const byte of fetched) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  const expected = `${String(big.length)} bytes, adler ${(b * 65536 + a).toString(16).padStart(8, '0')}`;
  await expect(console.locator('.line').nth(0)).toHaveText(`raw: ${expected}`);
  await expect(console.locator('.line').nth(1)).toHaveText(`easy: ${expected}`);
  await expect(console.locator('.line').nth(2)).toHaveText('same: true');
});

test('a proxy killed in the middle of a transfer: scripts get "closed", the page says so, the next Run after it is back works', async ({
  moonwire,
  page,
}) => {
  await moonwire.open(`${proxy.origin}/?example=own`);
  await expect(page.locator(open)).toBeVisible();
  const transfer = `
    local socket = require("socket")
    local c, why = socket.connect("proxy.internal", ${String(peer.port)})
    if not c then print("connect: " .. why) return end
    c:send("GET " .. (arg[1] or "/slow") .. " HTTP/1.0\\r\\n\\r\\n")
    local count = 0
    while true do
      local chunk, why, partial = c:receive(1024)
      count = count + #(chunk or partial)
      if count > 4096 and not told then told = true print("under way") end
      if why then print("ended: " .. why) break end
    end`;
  const console = await moonwire.run('transfer.lua', transfer);
  await expect(moonwire.output(console)).toContainText('under way');

  const { port } = proxy;
  await proxy.kill();
  await expect(moonwire.output(console)).toContainText('ended: closed');
  await expect(page.locator('moonwire-tunnel .pill')).toContainText('Proxy lost');

  const began = Date.now();
  await moonwire.runFile('transfer.lua');
  await expect(moonwire.output(console)).toContainText('connect: ');
  expect(Date.now() - began).toBeLessThan(4000);
  await expect(moonwire.output(console)).toContainText('Network is unreachable');

  // The new proxy has another token; the page learns it without a reload.
  proxy = await Proxy.start(['--allow', `127.0.0.1:${String(peer.port)}`], port);
  await moonwire.runFile('transfer.lua');
  await expect(moonwire.output(console)).toContainText('under way');
  await expect(page.locator(open)).toBeVisible();
});

test('a script that stops reading a fast download: the peer is held, no memory grows, other streams go on', async ({
  moonwire,
  page,
}) => {
  await moonwire.open(`${proxy.origin}/?example=own`);
  await expect(page.locator(open)).toBeVisible();
  const port = String(peer.port);
  const before = proxy.residentKib;
  const reader = await moonwire.run(
    'reader.lua',
    `
    local socket = require("socket")
    local c = assert(socket.connect("proxy.internal", ${port}))
    c:send("GET /flood HTTP/1.0\\r\\n\\r\\n")
    assert(#c:receive(1048576) == 1048576)
    print("reads no more")
    io.read()
    local more, blocks = socket.gettime() + 1, 0
    while socket.gettime() < more do
      assert(c:receive(65536))
      blocks = blocks + 1
    end
    print(blocks > 100 and "reads on" or "is starved")`,
  );
  await expect(moonwire.output(reader)).toContainText('reads no more');
  const asker = await moonwire.run(
    'asker.lua',
    `
    local http = require("socket.http")
    for i = 1, 100 do
      local body, status = http.request("http://proxy.internal:${port}/")
      assert(status == 200 and #body == ${String(text.length)})
    end
    print("answered")`,
  );
  await expect(moonwire.output(asker)).toContainText('answered', { timeout: 20_000 });
  // What left the peer is all that proxy and tab can hold, most of it in the kernel's buffers.
  const held = peer.flooded;
  expect(held).toBeLessThan(24 * 1024 * 1024);
  expect(proxy.residentKib - before).toBeLessThan(8 * 1024);
  await moonwire.runFile('asker.lua');
  await expect(asker.locator('.line', { hasText: 'answered' })).toHaveCount(1);
  await expect(moonwire.output(asker)).toContainText('Finished normally');
  expect(peer.flooded).toBe(held);
  await moonwire.type(reader, '');
  await expect(moonwire.output(reader)).toContainText('reads on');
  expect(peer.flooded).toBeGreaterThan(held);
});

test('a server in the tab bound to "*" is published, and the real world reaches it', async ({
  moonwire,
  page,
}) => {
  await moonwire.open(`${proxy.origin}/?example=own`);
  await expect(page.locator(open)).toBeVisible();
  const code = `
    local socket = require("socket")
    local server = assert(socket.bind("*", 0))
    print("ready")
    local c = server:accept()
    repeat local line = c:receive() until not line or line == ""
    c:send("HTTP/1.0 200 OK\\r\\nContent-Length: 16\\r\\n\\r\\nhello from a tab")
    c:close()`;
  const console = await moonwire.run('public.lua', code);
  await expect(moonwire.output(console)).toContainText('ready');
  const published = page.locator('moonwire-listeners moonwire-door code');
  await expect(published).toHaveText(/:\d+$/);
  const address = (await published.textContent()) ?? '';
  const answer = await run('curl', ['-s', `http://${address}/`], { timeout: 20_000 });
  expect(answer.stdout).toBe('hello from a tab');
  await page
    .locator('moonwire-listeners')
    .getByRole('button', { name: 'Copy address' })
    .isVisible();
});
