// Projects in links, and the page inside somebody's page: what an author copies, what a reader gets, what neither can do.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { FrameLocator } from '@playwright/test';

import { Moonwire } from './support/moonwire.ts';
import { Proxy } from './support/proxy.ts';
import { expect, test } from './support/story.ts';

/** A page of another site, as a tutorial is. */
class Tutorial {
  readonly #server: Server;
  body = '';

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Tutorial> {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<!doctype html><title>A tutorial</title><h1>A tutorial</h1>${tutorial.body}`);
    });
    const tutorial = new Tutorial(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return tutorial;
  }

  // A port of its own makes it another origin, and the name another site.
  get address(): string {
    return `http://localhost:${String((this.#server.address() as AddressInfo).port)}/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let tutorial: Tutorial;
test.beforeEach(async () => {
  tutorial = await Tutorial.start();
});
test.afterEach(async () => {
  await tutorial.stop();
});

const outputOf = (frame: FrameLocator, path: string) =>
  frame.locator(`moonwire-console[data-path="${path}"] .rows`);

test('a link carries the project to somebody who has never seen it, and runs nothing by itself', async ({
  moonwire,
  site,
  page,
  browser,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  await moonwire.paste('server.lua', 'print("from a link: 月亮")\n');
  await page.locator('[data-action=share]').click();
  await page.locator('[data-action=copy-link]').click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/#code=[\w-]+$/);
  await expect(page.locator('moonwire-share')).toContainText('means this computer');

  const context = await browser.newContext();
  const other = new Moonwire(await context.newPage());
  await other.open(link);
  await expect(other.editor).toContainText('from a link');
  await expect(other.page.locator('.caution')).toContainText('Read it before you run it');
  await expect(other.page.locator('moonwire-console')).toHaveCount(0);
  await other.runProject();
  await expect(other.output(other.console('server.lua'))).toContainText('from a link: 月亮');

  // What is changed stays with the link, and can be taken back; Back leads to it from another project.
  await other.editor.focus();
  await other.page.keyboard.insertText('-- mine\n');
  await expect.poll(() => other.keptProjects()).toHaveLength(1);
  await other.openProject('version');
  await expect(other.editor).toContainText('module tree');
  await other.page.goBack();
  await expect(other.editor).toContainText('-- mine');
  await other.page.locator('[data-action=reset]').click();
  await other.page.getByRole('button', { name: 'Reset to original' }).last().click();
  await expect(other.editor).not.toContainText('-- mine');
  expect(other.complaints).toEqual([]);
  await context.close();
});

test('on plain http, without a clipboard API, the dialog copies what it says it copied', async ({
  moonwire,
  site,
  page,
}) => {
  await page.route('http://lan.test/**', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    await route.fulfill({
      response: await route.fetch({ url: `${site.origin}${pathname}${search}` }),
    });
  });
  await moonwire.open('http://lan.test/?example=own');
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await page.locator('[data-action=share]').click();
  await page.locator('[data-action=copy-link]').click();
  await expect(page.locator('.notice')).toHaveText('Copied');
  await page.keyboard.press('Escape');
  await moonwire.editor.focus();
  await page.keyboard.press('ControlOrMeta+v');
  await expect(moonwire.editor).toContainText('http://lan.test/#code=');
});

test('a link that was cut off says so', async ({ moonwire, site, page }) => {
  await moonwire.open(`${site.origin}/#code=q1ZKU7KqVip`);
  await expect(page.locator('.notice')).toContainText('cut off');
  await page.evaluate(() => (location.hash = '#example=no-such'));
  await expect(page.locator('.notice').last()).toContainText('no-such');
});

test('the HTML of the dialog makes a runnable part of a foreign page, with the changes taken along in full', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=echo`);
  await page.locator('[data-action=share]').click();
  await page.locator('[data-action=copy-html]').click();
  tutorial.body = await page.evaluate(() => navigator.clipboard.readText());
  expect(tutorial.body).toContain('#embed=1&amp;example=echo');

  await page.goto(tutorial.address);
  const frame = page.frameLocator('iframe');
  await expect(frame.locator('.cm-content')).toBeVisible();
  await expect(frame.locator('moonwire-header')).toHaveCount(0);
  await expect(frame.locator('moonwire-console')).toHaveCount(0); // not before somebody clicks
  await frame.locator('moonwire-embed-bar [data-action=run-project]').click();
  await expect(outputOf(frame, 'client.lua').first()).toContainText('Hello, you are client 1.');
  await expect(frame.locator('.cm-content')).toBeVisible(); // code and consoles, one above the other

  await frame.locator('.cm-content').focus();
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.insertText('-- changed by a reader\n');
  await expect(frame.locator('[data-action=open-in-full]')).toHaveAttribute('href', /#code=/);
  const opened = page.waitForEvent('popup');
  await frame.locator('[data-action=open-in-full]').click();
  const full = await opened;
  await expect(full.locator('.cm-content')).toContainText('changed by a reader');
  await expect(full.locator('moonwire-header')).toBeVisible();
  await full.close();
});

test('one script in plain text, read only, run on load: what a tutorial writes by hand', async ({
  site,
  page,
  moonwire,
}) => {
  const code = encodeURIComponent('print("1 + 1 = " .. 1 + 1)');
  tutorial.body = `<iframe src="${site.origin}/#embed=1&readonly=1&run=1&lua=${code}" width="600" height="460"></iframe>`;
  await page.goto(tutorial.address);
  const frame = page.frameLocator('iframe');
  await expect(outputOf(frame, 'main.lua')).toContainText('1 + 1 = 2');
  await frame.locator('.cm-content').focus();
  await page.keyboard.insertText('no');
  await expect(frame.locator('.cm-content')).toHaveText('print("1 + 1 = " .. 1 + 1)');
  await expect(frame.locator('moonwire-files [data-action=run-file]')).toHaveCount(0);
  expect(moonwire.complaints).toEqual([]);
});

test('a foreign page that frames the proxy’s page gets no tunnel, embedded or in full; a tab of its own does', async ({
  page,
  moonwire,
}) => {
  const proxy = await Proxy.start();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  page.on('websocket', (socket) => asked.push(socket.url()));
  const script = [
    'local socket = require("socket")',
    'print(socket.connect("proxy.internal", 80))',
    'print(socket.bind("*", 12399) and "bound")',
    'socket.sleep(0.5) print("done")',
  ].join('\n');
  const code = encodeURIComponent(script);
  for (const wish of ['embed=1&run=1&', '']) {
    asked.length = 0;
    tutorial.body = `<iframe src="${proxy.origin}/#${wish}lua=${code}" width="1000" height="700"></iframe>`;
    await page.goto(tutorial.address);
    const frame = page.frameLocator('iframe');
    if (wish === '') await frame.locator('moonwire-header [data-action=run-project]').click();
    await expect(outputOf(frame, 'main.lua')).toContainText('Network is unreachable');
    await expect(outputOf(frame, 'main.lua')).toContainText('done');
    await expect(frame.locator('moonwire-door')).toHaveCount(0);
    expect(asked.filter((one) => /moonwire\.json|wisp|websockify/.test(one))).toEqual([]);
  }
  await page.frameLocator('iframe').locator('moonwire-tunnel .pill').click();
  const dialog = page.frameLocator('iframe').locator('moonwire-tunnel moonwire-dialog');
  await expect(dialog).toContainText('page of another site');
  await expect(dialog.locator('input')).toHaveCount(0);

  await page.goto(`${proxy.origin}/#lua=${code}`);
  await expect(page.locator('moonwire-tunnel .pill[data-phase=open]')).toBeVisible();
  await expect(page.locator('moonwire-console')).toHaveCount(0);
  // The embedded form stays inside the tab wherever it stands, so that running on load harms nobody.
  await page.goto('about:blank');
  asked.length = 0;
  await page.goto(`${proxy.origin}/#embed=1&run=1&lua=${code}`);
  const alone = moonwire.output(moonwire.console('main.lua'));
  await expect(alone).toContainText('Network is unreachable');
  await expect(alone).toContainText('done');
  expect(asked.filter((one) => /moonwire\.json|wisp|websockify/.test(one))).toEqual([]);
  expect(moonwire.complaints).toEqual([]);
  await proxy.kill();
});
