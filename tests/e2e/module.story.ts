// The module's bench and its lab in a browser: what one does with the hands, what one sees, with and without a module that
// is switched on.
import type { Locator, Page } from '@playwright/test';

import type { Moonwire } from './support/moonwire.ts';
import { expect, test } from './support/story.ts';

const lab = (page: Page): Locator => page.locator('moonwire-lab');

/** A project of one's own for the module: the page offers it, and is taken at its word. */
async function openBench(
  moonwire: Moonwire,
  origin: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await moonwire.open(`${origin}/?example=own`);
  for (const [path, text] of Object.entries(files)) await moonwire.addFile(path, text);
  await moonwire.page.locator('[data-action=open-luat]').click();
  await expect(moonwire.page.locator('moonwire-board')).toBeVisible();
}

async function show(page: Page, view: string): Promise<void> {
  await page.locator(`moonwire-module [data-view=${view}]`).click();
  await expect(page.locator(`moonwire-module [data-view=${view}]`)).toHaveAttribute(
    'aria-selected',
    'true',
  );
}

async function openServer(page: Page): Promise<string> {
  await show(page, 'lab');
  await lab(page).locator('[data-action=lab-open]').click();
  return (await lab(page).locator('[data-lab-address]').textContent()) ?? '';
}

const luatMain =
  'PROJECT = "T"\nVERSION = "1.0.0"\nrequire "log"\nrequire "sys"\nsys.init(0, 0)\nsys.run()\n';

test('the page of a LuaSocket project loads nothing of the module; an openLuat one is offered it', async ({
  moonwire,
  site,
  page,
}) => {
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  await moonwire.open(`${site.origin}/?example=own`);
  await expect(page.locator('moonwire-consoles')).toBeVisible();
  expect(fetched.filter((url) => url.includes('moonwire-module'))).toEqual([]);

  await moonwire.addFile('main.lua', luatMain);
  await page.locator('[data-action=open-luat]').click();
  await expect(page.locator('moonwire-board')).toBeVisible();
  await expect(page.locator('moonwire-consoles')).toHaveCount(0);
  expect(fetched.filter((url) => url.includes('moonwire-module'))).not.toEqual([]);

  // The choice is the project's, and stays.
  await expect(page.locator('moonwire-files')).toContainText('Kept in this browser');
  await page.waitForFunction(() => indexedDB.databases().then((all) => all.length > 0));
  await expect
    .poll(async () => {
      await page.reload();
      await expect(moonwire.editor).toBeVisible();
      return await page.locator('moonwire-board').count();
    })
    .toBe(1);
});

test('a test server opens, its address goes into the script by a click, and a client’s bytes are seen and answered', async ({
  moonwire,
  site,
  page,
}) => {
  await openBench(moonwire, site.origin, {
    'main.lua': luatMain,
    'longlink.lua': 'module(...,package.seeall)\nlocal testip,testport = "",""\n',
    'peer.lua': [
      '-- Dialect: luasocket',
      'local socket = require("socket")',
      'local c = assert(socket.connect("127.0.0.1", tonumber(arg[1] or io.read())))',
      'c:send("heart beat")',
      'while true do local line = c:receive() print(line) if not line then break end c:send(line) end',
    ].join('\n'),
  });
  const address = await openServer(page);
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  const port = address.split(':')[1] ?? '';
  await lab(page).locator('[data-action=put-address]').click();
  await expect(moonwire.tab('longlink.lua')).toHaveAttribute('aria-selected', 'true');
  await expect(moonwire.editor).toContainText(`local testip,testport = "127.0.0.1","${port}"`);

  await moonwire.tab('peer.lua').click();
  await page.locator('[data-action=run-file]').click();
  await show(page, 'others');
  const peer = moonwire.console('peer.lua');
  await moonwire.type(peer, port);
  await show(page, 'lab');
  const rows = lab(page).locator('moonwire-rows .row');
  await expect(rows.filter({ hasText: 'heart beat' })).toBeVisible();
  await expect(lab(page).locator('[data-client]')).toContainText('10 bytes in');

  // Text with its escapes goes out, comes back, and can be read as hex.
  await lab(page).locator('moonwire-bytes input').fill('back123\\n');
  await lab(page).locator('moonwire-bytes [data-action=send]').click();
  await expect(rows.filter({ hasText: 'back123' })).toHaveCount(2);
  await lab(page).getByRole('group', { name: 'Received and sent' }).getByText('Hex').click();
  await expect(rows.filter({ hasText: '62 61 63 6B 31 32 33' })).toHaveCount(2);

  await lab(page).locator('[data-action=reset-client]').click();
  await expect(rows.filter({ hasText: 'reset here' })).toBeVisible();
  await show(page, 'others');
  await expect(peer).toHaveAttribute('data-phase', 'ended');

  // A closed server is gone: nobody listens.
  await show(page, 'lab');
  await lab(page).locator('[data-action=lab-close]').click();
  await expect(lab(page).locator('[data-action=lab-open]')).toBeEnabled();
});

test('the wire shows each step of a connection, with its place in the script, while it is watched', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=echo`);
  await page.locator('[data-action=show-wire]').click();
  const wire = page.locator('moonwire-wire');
  await expect(wire).toContainText('Stop watching');
  await moonwire.runProject();
  const rows = wire.locator('moonwire-rows .row');
  await expect(rows.filter({ hasText: 'connect' }).first()).toBeVisible();
  await moonwire.type(moonwire.console('client.lua'), 'over the wire');
  const line = rows.filter({ hasText: /client\.lua.*over the wire/ });
  await expect(line.first()).toBeVisible();
  await line.first().click();
  await expect(wire.locator('.detail')).toContainText('client.lua:');
  await expect(wire.locator('.hex')).toContainText('6F 76 65 72 20 74 68 65');

  await wire.getByLabel('Kind').selectOption('connect');
  await expect(rows.filter({ hasText: 'over the wire' })).toHaveCount(0);
  await expect(rows.first()).toBeVisible();
  await page.locator('[data-action=show-wire]').click();
  await expect(wire).toHaveCount(0);
});
