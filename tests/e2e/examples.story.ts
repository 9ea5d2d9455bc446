// Every example that works in the tab does what its head comment promises.
import { expect, test } from './support/story.ts';

test('echo: a typed line comes back, whichever client sent it', async ({ moonwire, site }) => {
  await moonwire.open(`${site.origin}/?example=echo`);
  await moonwire.runProject();
  const [first, second] = [moonwire.console('client.lua', 1), moonwire.console('client.lua', 2)];
  await expect(moonwire.output(second)).toContainText('Hello, you are client 2.');
  await moonwire.type(second, 'two');
  await expect(second.locator('.line', { hasText: /^echo: two$/ })).toBeVisible();
  await moonwire.type(first, 'one');
  await expect(first.locator('.line', { hasText: /^echo: one$/ })).toBeVisible();

  await first.locator('[data-action=end-input]').click();
  await expect(moonwire.output(first)).toContainText('Finished normally');
  await expect(moonwire.output(moonwire.console('server.lua'))).toContainText('client 1 left');
});

test('chat: messages arrive while a line is half typed', async ({ moonwire, site }) => {
  await moonwire.open(`${site.origin}/?example=chat`);
  await moonwire.runProject();
  const [ann, bob] = [moonwire.console('client.lua', 1), moonwire.console('client.lua', 2)];
  await expect(moonwire.output(bob)).toContainText('what is your name?');
  await moonwire.type(ann, 'Ann');
  await moonwire.type(bob, 'Bob');
  await expect(moonwire.output(ann)).toContainText('* Bob came in');

  await ann.locator('input').fill('half a sen');
  await moonwire.type(bob, 'are you there?');
  await expect(moonwire.output(ann)).toContainText('Bob: are you there?');
  await expect(ann.locator('input')).toHaveValue('half a sen');
  await ann.locator('input').press('End');
  await ann.locator('input').pressSequentially('tence');
  await ann.locator('input').press('Enter');
  await expect(moonwire.output(bob)).toContainText('Ann: half a sentence');
});

test('a web server in the tab answers a raw GET, other paths by arguments', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=local-get`);
  await moonwire.runProject();
  const get = moonwire.console('get.lua');
  await expect(moonwire.output(get)).toContainText('<h1>A page from inside the tab</h1>');

  await moonwire.tab('get.lua').click();
  await page.locator('moonwire-files moonwire-menu').nth(1).getByRole('button').first().click();
  await page.getByRole('menuitem', { name: 'Arguments' }).click();
  await page.getByRole('textbox', { name: 'Arguments' }).fill('/nothing');
  await page.keyboard.press('Enter');
  await page.locator('[data-action=run-file]').click();
  await expect(moonwire.output(get)).toContainText('404 Not Found');
});

test('the version example prints LuaSocket’s module tree', async ({ moonwire, site }) => {
  await moonwire.open(`${site.origin}/?example=version`);
  await moonwire.runProject();
  const console = moonwire.console('version.lua');
  await expect(moonwire.output(console)).toContainText('LuaSocket 3.0.0 on Lua 5.4');
  await expect(moonwire.output(console)).toContainText('gettime()');
});

test('without a proxy the real network is unreachable at once, and the page says where scripts can reach', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=raw-get`);
  await expect(page.locator('moonwire-tunnel .pill')).toHaveText('Inside this tab only');
  const began = Date.now();
  await moonwire.runProject();
  await expect(moonwire.output(moonwire.console('raw-get.lua'))).toContainText(
    'Network is unreachable',
  );
  expect(Date.now() - began).toBeLessThan(3000);
  await page.locator('moonwire-tunnel .pill').click();
  await expect(page.locator('moonwire-tunnel')).toContainText('plain file server');
});

test('chuck: the echo server answers two clients; Stop is SIGINT, by which it ends itself', async ({
  moonwire,
  site,
}) => {
  await moonwire.open(`${site.origin}/?example=chuck-echo`);
  await moonwire.runProject();
  const server = moonwire.console('server.lua');
  for (const number of [1, 2]) {
    const client = moonwire.console('client.lua', number);
    await expect(client.locator('.line', { hasText: /^line 3$/ })).toBeVisible();
    await expect(moonwire.output(client)).toContainText('Finished normally');
  }
  await moonwire.stop(server);
  await expect(moonwire.output(server)).toContainText('SIGINT: closing');
  await expect(moonwire.output(server)).toContainText('Finished normally');
});
