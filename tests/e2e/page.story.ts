// The page itself: languages, themes, keyboard, narrow screens, weight and speed, other hosts.
import { Site } from './support/site.ts';
import { expect, test } from './support/story.ts';

test('the page speaks Chinese and English, chooses by the browser, and remembers', async ({
  moonwire,
  site,
  browser,
  page,
}) => {
  await moonwire.open(site.origin);
  await expect(page.locator('moonwire-header [data-action=run-project]')).toHaveText(/Run project/);
  await page.locator('[data-action=language]').click();
  await expect(page.locator('moonwire-header [data-action=run-project]')).toHaveText(/运行项目/);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await page.reload();
  await expect(page.locator('moonwire-header [data-action=run-project]')).toHaveText(/运行项目/);
  await moonwire.runProject();
  await expect(page.locator('moonwire-console .status').first()).toContainText('运行中');
  await page.locator('[data-action=stop-all]').click();
  await expect(page.locator('moonwire-console .note.exited').first()).toContainText('已停止');
  await page.locator('[data-action=language]').click();
  await expect(page.locator('moonwire-console .note.exited').first()).toContainText(
    'Stopped after',
  );

  const context = await browser.newContext({ locale: 'zh-CN' });
  const chinese = await context.newPage();
  await chinese.goto(site.origin);
  await expect(chinese.locator('moonwire-header [data-action=run-project]')).toHaveText(/运行项目/);
  await context.close();
});

test('dark follows the system until somebody chooses', async ({ moonwire, site, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await moonwire.open(site.origin);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.locator('[data-action=theme]').click();
  await page.locator('[data-action=theme]').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('everything can be done with the keyboard alone', async ({ moonwire, site, page }) => {
  await moonwire.open(`${site.origin}/?example=own`);
  const { keyboard } = page;

  // The help is a dialog: it takes the focus and gives it back.
  await keyboard.press('F1');
  await expect(page.locator('moonwire-help')).toBeVisible();
  await expect(page.locator('moonwire-help')).toContainText('Ctrl-Enter');
  await keyboard.press('Escape');
  await expect(page.locator('moonwire-help')).toBeHidden();

  await keyboard.press('Alt+2');
  await expect(moonwire.tab('client.lua')).toHaveAttribute('aria-selected', 'true');
  await expect(moonwire.editor).toBeFocused();
  await keyboard.insertText('for line in io.lines() do print("got " .. line) end\nprint("end")');
  await keyboard.press('Control+Enter');
  const console = moonwire.console('client.lua');
  await expect(console).toHaveAttribute('data-phase', 'running');
  await expect(moonwire.editor).toContainText('io.lines'); // the key did not write into the text

  await keyboard.press('F6');
  await expect(console.locator('input')).toBeFocused();
  await keyboard.type('one');
  await keyboard.press('Enter');
  await expect(moonwire.output(console)).toContainText('got one');
  await keyboard.press('ArrowUp');
  await expect(console.locator('input')).toHaveValue('one');
  await keyboard.press('Enter');
  await expect(console.locator('.line', { hasText: 'got one' })).toHaveCount(2);
  await keyboard.press('Control+d');
  await expect(moonwire.output(console)).toContainText('Finished normally');

  await keyboard.press('F6');
  await keyboard.press('Control+Enter');
  await expect(console).toHaveAttribute('data-phase', 'running');
  await keyboard.press('Control+.');
  await expect(console).toHaveAttribute('data-phase', 'ended');
});

test('Tab leaves the editor, and indents only when asked to', async ({ moonwire, site, page }) => {
  await moonwire.open(`${site.origin}/?example=own`);
  await moonwire.editor.focus();
  await page.keyboard.insertText('x');
  await page.keyboard.press('Tab');
  await expect(moonwire.editor).not.toBeFocused();
  await expect(moonwire.editor).toHaveText('x');
  await page.getByRole('button', { name: 'Tab key: next control' }).click();
  await moonwire.editor.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Tab');
  await expect(moonwire.editor).toBeFocused();
  await expect(moonwire.editor).toHaveText(/^\s+x$/);
});

test('at 360 pixels one pane shows at a time, nothing overflows, and a script can be run and answered', async ({
  moonwire,
  site,
  page,
}) => {
  await page.setViewportSize({ width: 360, height: 680 });
  await moonwire.open(`${site.origin}/?example=echo`);
  await expect(page.locator('moonwire-consoles')).toBeHidden();
  await moonwire.runProject();
  await expect(page.locator('moonwire-files')).toBeHidden();
  const client = moonwire.console('client.lua', 1);
  await expect(moonwire.output(client)).toContainText('Hello');
  await client.scrollIntoViewIfNeeded();
  await moonwire.type(client, 'narrow');
  await expect(moonwire.output(client)).toContainText('echo: narrow');
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await page.locator('.panes [data-pane=files]').click();
  await expect(moonwire.editor).toBeVisible();
});

test('Enter that chooses a word of an input method does not send the line', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  const console = await moonwire.run('ask.lua', 'print("got " .. io.read())');
  const input = console.locator('input');
  await input.focus();
  const session = await page.context().newCDPSession(page);
  await session.send('Input.imeSetComposition', { text: '月', selectionStart: 1, selectionEnd: 1 });
  await input.evaluate((element) => {
    element.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }),
    );
  });
  await session.send('Input.insertText', { text: '月亮' });
  await expect(console).toHaveAttribute('data-phase', 'running');
  await expect(input).toHaveValue('月亮');
  await input.press('Enter');
  await expect(moonwire.output(console)).toContainText('got 月亮');
});

test('a console keeps the newest of a million lines and stays where the reader is', async ({
  moonwire,
  site,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  const text = 'for i = 1, 20000 do print("line " .. i) end';
  const console = await moonwire.run('many.lua', text);
  await expect(moonwire.output(console)).toContainText('Finished normally', { timeout: 20_000 });
  await expect(console.locator('.line').last()).toHaveText('line 20000');
  expect(await console.locator('.line').count()).toBeLessThanOrEqual(5000);
  const log = console.locator('.log');
  await log.evaluate((element) => (element.scrollTop = 0));
  await expect(console.getByRole('button', { name: 'New output' })).toBeVisible();
  await console.getByRole('button', { name: 'New output' }).click();
  await expect
    .poll(() =>
      log.evaluate((box) => Math.abs(box.scrollHeight - box.clientHeight - box.scrollTop)),
    )
    .toBeLessThan(20);
});

test('colours of a terminal are shown, other sequences are not', async ({ moonwire, site }) => {
  await moonwire.open(`${site.origin}/?example=own`);
  const console = await moonwire.run(
    'colour.lua',
    String.raw`print("\27[1;32mgreen\27[0m \27[2Kplain \27[38;5;208mown")`,
  );
  await expect(console.locator('.line').first()).toHaveText('plain own');
  await expect(console.locator('.line span').last()).toHaveCSS('color', 'rgb(255, 135, 0)');
});

test('the first output comes within a second of a cold click, from less than 500 KB', async ({
  moonwire,
  page,
}) => {
  const site = await Site.start();
  await page.goto(`${site.origin}/?example=version`);
  await page.locator('moonwire-header [data-action=run-project]').waitFor();
  const began = Date.now();
  await page.locator('moonwire-header [data-action=run-project]').click();
  await expect(page.locator('moonwire-console .line').first()).toBeVisible();
  expect(Date.now() - began).toBeLessThan(1000);
  expect(site.sent).toBeLessThan(500_000);
  expect(moonwire.complaints).toEqual([]);
  await site.stop();
});

test('the page asks no other host for anything and runs no inline script', async ({
  moonwire,
  site,
  page,
}) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  await moonwire.open(`${site.origin}/?example=echo`);
  await moonwire.runProject();
  await expect(moonwire.output(moonwire.console('client.lua'))).toContainText('Hello');
  expect([...hosts]).toEqual([site.origin]);
});

test('it works from any folder of a static host, inside a frame, by plain http on a name', async ({
  moonwire,
  page,
}) => {
  const site = await Site.start('/some/folder/');
  // A name that is not 127.0.0.1 or localhost has no secure context: no clipboard API, as on a school's network.
  const inner = `http://lan.test:${String(site.port)}/some/folder/?example=echo`;
  await page.route('http://frame.test/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<iframe src="${inner}" width="1200" height="800"></iframe>`,
    }),
  );
  await page.route('http://lan.test:*/**', async (route) => {
    const url = new URL(route.request().url());
    const response = await route.fetch({ url: `${site.origin}${url.pathname}${url.search}` });
    await route.fulfill({ response });
  });
  await page.goto('http://frame.test/');
  const frame = page.frameLocator('iframe');
  await frame.locator('moonwire-header [data-action=run-project]').click();
  const client = frame.locator('moonwire-console[data-path="client.lua"][data-copy="1"]');
  await expect(client.locator('.rows')).toContainText('Hello, you are client 1.');
  expect(moonwire.complaints).toEqual([]);
  await site.stop();
});
