// Files: kept, reset, added, renamed, removed, checked.
import { expect, test } from './support/story.ts';

test('a changed file is marked, outlives a reload, and reset brings the original back', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=version`);
  await moonwire.paste('version.lua', 'print("mine")');
  await expect(moonwire.tab('version.lua').locator('.dot')).toBeVisible();
  await expect.poll(() => moonwire.keptProjects()).toHaveLength(1);

  await page.reload();
  await expect(moonwire.editor).toHaveText('print("mine")');
  const console = await moonwire.runFile('version.lua');
  await expect(console.locator('.line').first()).toHaveText('mine');

  await page.locator('[data-action=reset]').click();
  await page.locator('moonwire-ask [data-action=accept]').click();
  await expect(moonwire.editor).toContainText('Version and module tree');
  await expect(moonwire.tab('version.lua').locator('.dot')).toHaveCount(0);
});

test('files are added, renamed and removed, and a script requires its neighbour', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  await moonwire.addFile(
    'greet.lua',
    'return { hello = function(name) return "hello " .. name end }',
  );
  const console = await moonwire.run('main.lua', 'print(require("greet").hello("moon"))');
  await expect(console.locator('.line').first()).toHaveText('hello moon');

  const menu = page.locator('moonwire-files moonwire-menu').nth(1);
  await menu.getByRole('button').first().click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByLabel('Name of the file').fill('greet.lua');
  await page.keyboard.press('Enter');
  await expect(page.locator('moonwire-ask .problem')).toContainText('already there');
  await page.getByLabel('Name of the file').fill('start.lua');
  await page.keyboard.press('Enter');
  await expect(moonwire.tab('start.lua')).toHaveAttribute('aria-selected', 'true');

  await menu.getByRole('button').first().click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.locator('moonwire-ask [data-action=accept]').click();
  await expect(moonwire.tab('start.lua')).toHaveCount(0);
  await expect(page.locator('.tab')).toHaveCount(3);
});

test('a compile error stands on its line and in words, and goes when mended', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  await moonwire.paste('server.lua', 'local x = 1\ngoto nowhere\nprint(x)\n');
  const verdict = page.locator('moonwire-files .verdict');
  await expect(verdict).toContainText("Line 2: no visible label 'nowhere'");
  await expect(page.locator('.cm-lintRange-error')).toHaveText('goto nowhere');
  await expect(moonwire.tab('server.lua').locator('.dot.bad')).toBeVisible();
  await moonwire.paste('server.lua', 'local x <const> = 1\nprint(x)\n');
  await expect(verdict).toHaveText(/Compiles/);
  await expect(page.locator('.cm-lintRange-error')).toHaveCount(0);
});

test('an error’s place in the traceback leads to the line', async ({ moonwire, site, page }) => {
  await moonwire.open(`${site.origin}/?example=own`);
  const console = await moonwire.run('broken.lua', 'local t\n\nprint("first")\nprint(t.x)\n');
  await expect(moonwire.output(console)).toContainText('Ended by an error (status 1)');
  await expect(console.locator('.stderr').first()).toContainText(
    "attempt to index a nil value (local 't')",
  );
  await moonwire.tab('server.lua').click();
  await console.locator('.place').first().click();
  await expect(moonwire.tab('broken.lua')).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator('.where')).toHaveText('Line 4, column 1');
});

test('what a script writes becomes a file of the project', async ({ moonwire, site }) => {
  await moonwire.open(`${site.origin}/?example=own`);
  const text =
    'local f = assert(io.open("out.txt", "w"))\nf:write("written by Lua\\n")\nf:close()\nprint("done")';
  const console = await moonwire.run('writer.lua', text);
  await expect(moonwire.output(console)).toContainText('done');
  await moonwire.tab('out.txt').click();
  await expect(moonwire.editor).toContainText('written by Lua');
});

test('uploaded files become tabs, an empty server.lua is filled', async ({
  moonwire,
  site,
  page,
}) => {
  await moonwire.open(`${site.origin}/?example=own`);
  await page.locator('moonwire-files input[type=file]').setInputFiles([
    { name: 'server.lua', mimeType: 'text/plain', buffer: Buffer.from('print("uploaded")') },
    { name: 'data.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 255, 1]) },
  ]);
  await expect(page.locator('.tab')).toHaveCount(3);
  await expect(page.locator('moonwire-editor')).toContainText('A binary file of 3 bytes');
  const console = await moonwire.runFile('server.lua');
  await expect(console.locator('.line').first()).toHaveText('uploaded');
});
