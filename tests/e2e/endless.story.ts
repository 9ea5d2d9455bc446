// A process that never rests must not stop the others, the page or Stop.
import type { Locator } from '@playwright/test';

import type { Moonwire } from './support/moonwire.ts';
import { expect, test } from './support/story.ts';

const stopLimitMs = 100;

/** The page draws and answers while something runs: the longest gap between frames over half a second. */
async function longestFrame(moonwire: Moonwire): Promise<number> {
  return await moonwire.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const began = performance.now();
        let before = began;
        let longest = 0;
        const frame = (): void => {
          const now = performance.now();
          longest = Math.max(longest, now - before);
          before = now;
          if (now - began > 500) resolve(longest);
          else requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
  );
}

async function othersAnswer(moonwire: Moonwire, client: Locator, line: string): Promise<void> {
  await moonwire.type(client, line);
  await expect(client.locator('.line', { hasText: new RegExp(`^echo: ${line}$`) })).toBeVisible({
    timeout: 2000,
  });
}

const hogs = {
  'an endless loop': 'print("begin")\nwhile true do end\n',
  'a pathological pattern':
    'print("begin")\nprint(("a"):rep(30):find(("a?"):rep(30) .. ("a"):rep(30)))\nwhile true do end\n',
  'a loop that prints for ever':
    'print("begin")\nlocal n = 0\nwhile true do n = n + 1 print("line", n) end\n',
  'a loop that swallows errors': 'print("begin")\nwhile true do pcall(error, "x") end\n',
  'a server that polls': `
    print("begin")
    local server = assert(require("socket").bind("127.0.0.1", 0))
    server:settimeout(0)
    while true do server:accept() end`,
};

for (const [name, text] of Object.entries(hogs)) {
  test(`${name} leaves the others and the page alone, and Stop ends it within ${String(stopLimitMs)} ms`, async ({
    moonwire,
    site,
  }) => {
    await moonwire.open(`${site.origin}/?example=echo`);
    await moonwire.runProject();
    const client = moonwire.console('client.lua', 1);
    await expect(moonwire.output(client)).toContainText('Hello');

    const hog = await moonwire.run('hog.lua', text);
    await expect(hog.locator('.line').first()).toBeVisible();
    await othersAnswer(moonwire, client, 'first');
    expect(await longestFrame(moonwire)).toBeLessThan(250);
    await othersAnswer(moonwire, client, 'second');

    expect(await moonwire.timeStop(hog)).toBeLessThan(stopLimitMs);
    await expect(moonwire.output(hog).locator('.note.exited').last()).toContainText(
      'Stopped after',
    );
    await othersAnswer(moonwire, client, 'third');
  });
}
