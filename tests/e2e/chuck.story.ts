// The chuck dialect: the programs of its first reference, and servers of the tab that the world talks to.
import type { Moonwire } from './support/moonwire.ts';
import { seed } from './support/moonwire.ts';
import { Nc } from './support/nc.ts';
import { Proxy } from './support/proxy.ts';
import { expect, test } from './support/story.ts';

const door = 'moonwire-listeners moonwire-door code';

/** The echo example's two files hold these instead. */
async function open(
  moonwire: Moonwire,
  origin: string,
  server: string,
  client: string,
): Promise<void> {
  await moonwire.open(`${origin}/?example=chuck-echo`);
  await moonwire.paste('server.lua', server);
  await moonwire.paste('client.lua', client);
}

/** Stop is SIGINT to a chuck program, which the reference's programs catch. */
async function interrupt(moonwire: Moonwire, path: string): Promise<void> {
  const console = moonwire.console(path);
  await moonwire.stop(console);
  await expect(moonwire.output(console)).toContainText('recv sigint');
  await expect(moonwire.output(console)).toContainText('Finished normally');
}

test("the reference's echo server answers a LuaSocket client in the tab", async ({
  moonwire,
  site,
}) => {
  const client = `-- Dialect: luasocket
local socket = require("socket")
local client = assert(socket.connect("127.0.0.1", 8010))
client:send("over here")
print("heard: " .. client:receive("*a"))`;
  await open(moonwire, site.origin, seed('chuck/echoserver.lua'), client);
  await moonwire.runFile('server.lua');
  await expect(moonwire.output(moonwire.console('server.lua'))).toContainText('server start');
  await moonwire.runFile('client.lua');
  await expect(moonwire.output(moonwire.console('client.lua'))).toContainText('heard: over here');
  await interrupt(moonwire, 'server.lua');
});

test('a chuck program that is pasted into a project of one’s own is offered its libraries', async ({
  moonwire,
  site,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  await moonwire.addFile('echoserver.lua', seed('chuck/echoserver.lua'));
  await moonwire.page.locator('[data-action=open-chuck]').click();
  await expect(moonwire.page.locator('[data-action=open-chuck]')).toHaveCount(0);
  await moonwire.runFile('echoserver.lua');
  const console = moonwire.console('echoserver.lua');
  await expect(moonwire.output(console)).toContainText('server start');
  await interrupt(moonwire, 'echoserver.lua');
});

test("the reference's packet server counts what a hundred clients send; Stop ends both", async ({
  moonwire,
  site,
}) => {
  await open(
    moonwire,
    site.origin,
    seed('chuck/rpacket_server.lua'),
    seed('chuck/rpacket_client.lua'),
  );
  await moonwire.runFile('server.lua');
  const server = moonwire.console('server.lua');
  await expect(moonwire.output(server)).toContainText('server start');
  await moonwire.runFile('client.lua');
  await expect(server.locator('.line', { hasText: /^\d{2,}$/ }).first()).toBeVisible();
  await interrupt(moonwire, 'client.lua');
  await interrupt(moonwire, 'server.lua');
  await expect(moonwire.page.locator(door)).toHaveCount(0);
});

test.describe('through the proxy', () => {
  let proxy: Proxy;
  test.beforeEach(async () => {
    proxy = await Proxy.start();
  });
  test.afterEach(async () => {
    await proxy.kill();
  });

  test("nc talks to the reference's echo server", async ({ moonwire }) => {
    const everywhere = seed('chuck/echoserver.lua').replace('"127.0.0.1"', '"0.0.0.0"');
    await open(moonwire, proxy.origin, everywhere, '');
    await moonwire.runFile('server.lua');
    await expect(moonwire.page.locator(door)).toHaveText(/:\d+$/);
    const nc = Nc.to((await moonwire.page.locator(door).textContent()) ?? '');
    nc.type('is anybody there?');
    await expect.poll(() => nc.heard).toBe('is anybody there?\n');
    await nc.end();
    await interrupt(moonwire, 'server.lua');
  });

  test("a browser's own WebSocket joins the chat", async ({ moonwire }) => {
    await moonwire.open(`${proxy.origin}/?example=chuck-websocket-chat`);
    await moonwire.runFile('server.lua');
    const published = moonwire.page.locator(door);
    await expect(published).toHaveText(/:\d+$/);
    const elsewhere = await moonwire.page.context().newPage();
    const heard = await elsewhere.evaluate(
      async (address) =>
        await new Promise<string[]>((resolve, reject) => {
          const socket = new WebSocket(`ws://${address}/`);
          const texts: string[] = [];
          const asText = async (data: unknown): Promise<string> =>
            data instanceof Blob ? await data.text() : String(data);
          socket.onerror = () => {
            reject(new Error('no WebSocket'));
          };
          socket.onmessage = ({ data }: MessageEvent<unknown>) => {
            void asText(data).then((text) => {
              texts.push(text);
              if (texts.length === 1) socket.send('hello from a browser');
              else resolve(texts);
            });
          };
        }),
      (await published.textContent()) ?? '',
    );
    expect(heard).toEqual(['welcome', 'hello from a browser']);
    await elsewhere.close();
    await expect(moonwire.output(moonwire.console('server.lua'))).toContainText(
      'somebody has left',
    );
  });
});
