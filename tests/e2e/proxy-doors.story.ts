// Servers of the tab on real ports: found by what the page shows, used with nc, told apart, shut; and all of it over TLS.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { encode } from 'uqr';

import { qrPath } from '../../web/src/page/door.ts';
import { Moonwire } from './support/moonwire.ts';
import { Nc } from './support/nc.ts';
import { Proxy } from './support/proxy.ts';
import { root } from './support/site.ts';
import { expect, test } from './support/story.ts';

const PORT = 12345;
const open = 'moonwire-tunnel .pill[data-phase=open]';
const run = promisify(execFile);

let proxy: Proxy;
test.beforeEach(async () => {
  proxy = await Proxy.start();
});
test.afterEach(async () => {
  await proxy.kill();
});

/** The echo example, open to everyone on port 12345. */
async function echoServer(): Promise<string> {
  const file = join(root, 'examples/luasocket/echo/server.lua');
  const text = await readFile(file, 'utf8');
  return text.replace('local host, port = "127.0.0.1", 7007', `local host, port = "*", ${PORT}`);
}

async function serve(moonwire: Moonwire): Promise<string> {
  await moonwire.open(`${proxy.origin}/?example=own`);
  await expect(moonwire.page.locator(open)).toBeVisible();
  await expect(moonwire.page.locator('.tab').first()).toBeVisible();
  // A second tab of the same browser has the first one's files.
  const isThere = (await moonwire.tab('doors.lua').count()) > 0;
  const console = isThere
    ? await moonwire.runFile('doors.lua')
    : await moonwire.run('doors.lua', await echoServer());
  await expect(moonwire.output(console)).toContainText('Echo server on');
  const door = moonwire.page.locator('moonwire-listeners moonwire-door code');
  await expect(door).toHaveText(/:\d+$/);
  return (await door.textContent()) ?? '';
}

test('nc types to the echo example at the address that the page shows', async ({ moonwire }) => {
  const address = await serve(moonwire);
  expect(address).toBe(`127.0.0.1:${PORT}`);
  const nc = Nc.to(address);
  await expect.poll(() => nc.heard).toBe('Hello, you are client 1.\n');
  nc.type('is anybody there?');
  await expect.poll(() => nc.heard).toContain('echo: is anybody there?\n');
  await expect(moonwire.output(moonwire.console('doors.lua'))).toContainText(
    'client 1 says: is anybody there?',
  );
  await moonwire.page
    .locator('moonwire-door')
    .getByRole('button', { name: 'Copy address' })
    .click();
  expect(await moonwire.page.evaluate(() => navigator.clipboard.readText())).toBe(address);
  await nc.end();
  await expect(moonwire.output(moonwire.console('doors.lua'))).toContainText('client 1 left');
});

test('two tabs on the same port each get their own real one, and the second says so', async ({
  moonwire,
  context,
}) => {
  const first = await serve(moonwire);
  const other = new Moonwire(await context.newPage());
  const second = await serve(other);
  expect(first).toBe(`127.0.0.1:${PORT}`);
  expect(second).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(second).not.toBe(first);
  await expect(other.page.locator('moonwire-door')).toContainText(`port ${PORT} was taken`);
  await expect(moonwire.page.locator('moonwire-door')).not.toContainText('taken');
  for (const [address, tab] of [
    [first, moonwire],
    [second, other],
  ] as const) {
    const nc = Nc.to(address);
    await expect.poll(() => nc.heard).toBe('Hello, you are client 1.\n');
    nc.type(address);
    await expect.poll(() => nc.heard).toContain(`echo: ${address}\n`);
    await tab.page.bringToFront();
    await expect(tab.output(tab.console('doors.lua'))).toContainText(`says: ${address}`);
    await nc.end();
  }
  expect(other.complaints).toEqual([]);
});

test('a door that is shut lets nobody in any more; who is in stays, and so does the listener', async ({
  moonwire,
}) => {
  const address = await serve(moonwire);
  const guest = Nc.to(address);
  await expect.poll(() => guest.heard).toContain('client 1');
  await moonwire.page
    .locator('moonwire-door')
    .getByRole('button', { name: 'Stop publishing' })
    .click();
  await expect(moonwire.page.locator('moonwire-door')).toHaveCount(0);
  await expect(moonwire.page.locator('moonwire-listeners li')).toContainText(`:${PORT}`);
  await expect(moonwire.page.locator('moonwire-listeners li')).toContainText('inside this tab');
  await expect(run('nc', ['-w', '2', ...address.split(':')])).rejects.toThrow();
  guest.type('still here');
  await expect.poll(() => guest.heard).toContain('echo: still here');
  await guest.end();
});

test('an address that others on the network can use has a QR code', async ({ moonwire }) => {
  const address = await serve(moonwire);
  await expect(moonwire.page.getByRole('button', { name: 'Show as QR code' })).toHaveCount(0);
  // The proxy of this story listens on loopback; the element is told another address, as a LAN's would be.
  const lan = address.replace('127.0.0.1', '192.168.1.7');
  await moonwire.page.locator('moonwire-door').evaluate((door, published) => {
    Object.assign(door, { published });
  }, lan);
  await moonwire.page.getByRole('button', { name: 'Show as QR code' }).click();
  const code = moonwire.page.getByRole('img', { name: `http://${lan}/` });
  await expect(code).toBeVisible();
  const { data } = encode(`http://${lan}/`, { border: 0 });
  expect(await code.locator('path').getAttribute('d')).toBe(qrPath(data));
});

test('over TLS the page comes by https and its tunnel by wss', async ({ browser }) => {
  const folder = await mkdtemp(`${tmpdir()}/moonwire-tls-`);
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
  ]);
  await proxy.kill();
  proxy = await Proxy.start(['--cert', cert, '--key', key]);
  expect(proxy.origin).toMatch(/^https:/);
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const moonwire = new Moonwire(await context.newPage());
  const sockets: string[] = [];
  moonwire.page.on('websocket', (socket) => sockets.push(socket.url()));
  const address = await serve(moonwire);
  const nc = Nc.to(address);
  await expect.poll(() => nc.heard).toBe('Hello, you are client 1.\n');
  await nc.end();
  for (const url of sockets) expect(url).toMatch(/^wss:/);
  await context.close();
  await rm(folder, { recursive: true });
});
