// The tutorial's own programs, pasted as they stand there.
import { seed } from './support/moonwire.ts';
import { expect, test } from './support/story.ts';

test('the tutorial’s server and client, pasted unmodified, talk to each other', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  await moonwire.paste('server.lua', seed('server.lua'));
  await moonwire.paste('client.lua', seed('client.lua'));
  await moonwire.runProject();

  const server = moonwire.console('server.lua');
  const first = moonwire.console('client.lua');
  await expect(moonwire.output(server)).toContainText('Server Start 127.0.0.1:12345');
  await expect(moonwire.output(first)).toContainText('Press enter after input something:');
  await expect(page.locator('moonwire-listeners')).toContainText('127.0.0.1:12345');

  await moonwire.type(first, 'hello');
  await expect(first.locator('.line', { hasText: /^Client 1 Send : hello$/ })).toBeVisible();
  await expect(server.locator('.line', { hasText: /^Receive Client 1 : \s*hello$/ })).toBeVisible();

  await first.locator('[data-action=copy]').click();
  const second = moonwire.console('client.lua', 2);
  await expect(moonwire.output(second)).toContainText('Press enter');
  // The tutorial's server looks at one client for a second, then at the next; it has to have met the second one.
  await expect(server.locator('.line', { hasText: 'A client successfully connect!' })).toHaveCount(
    2,
  );
  await moonwire.type(second, 'me too');
  await expect(second.locator('.line', { hasText: /^Client 2 Send : me too$/ })).toBeVisible();
  await moonwire.type(first, '再一次');
  await expect(first.locator('.line', { hasText: /^Client 1 Send : 再一次$/ })).toBeVisible();

  // Stop frees the port at once: the same server starts again on it, and so does another program.
  await moonwire.stop(server);
  await expect(server).toHaveAttribute('data-phase', 'ended');
  await expect(page.locator('moonwire-listeners')).toContainText('No process is listening');
  await server.locator('[data-action=restart]').click();
  await expect(moonwire.output(server)).toContainText('Server Start 127.0.0.1:12345');
  await expect(server).toHaveAttribute('data-phase', 'running');
  expect(moonwire.complaints).toEqual([]);
});

test('the tutorial’s two ways to fetch a page work against a server in the tab, without any proxy', async ({
  moonwire,
  site,
}) => {
  // Its loop ends after the first whole KiB, so the page has to be longer than that.
  await moonwire.open(`${site.origin}/?example=local-get`);
  await moonwire.paste(
    'server.lua',
    `local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 8080))
    print("ready")
    while true do
      local client = server:accept()
      repeat local line = client:receive() until not line or line == ""
      client:send("HTTP/1.0 200 OK\\r\\n\\r\\n" .. ("0123456789abcdef"):rep(256))
      client:close()
    end`,
  );
  const server = await moonwire.runFile('server.lua');
  await expect(moonwire.output(server)).toContainText('ready');

  const raw = seed('raw_get.lua').replace('www.baidu.com', '127.0.0.1').replace('80))', '8080))');
  const rawConsole = await moonwire.run('raw_get.lua', raw);
  await expect(moonwire.output(rawConsole)).toContainText('Finished normally');
  const body = '0123456789abcdef'.repeat(256);
  const head = 'HTTP/1.0 200 OK\r\n\r\n';
  await expect(rawConsole.locator('.line').first()).toHaveText('HTTP/1.0 200 OK');
  await expect(rawConsole.locator('.line').last()).toHaveText(body.slice(0, 1024 - head.length));

  const easy = seed('http_request.lua').replace('www.baidu.com', '127.0.0.1:8080');
  const easyConsole = await moonwire.run('http_request.lua', easy);
  await expect(easyConsole.locator('.line').first()).toHaveText(body);
  await expect(moonwire.output(easyConsole)).toContainText('Finished normally');
});
