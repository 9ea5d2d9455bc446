// The page left open for long: what is done again and again leaves nothing behind, in the document, on the heap, in the worker.
import type { CDPSession } from '@playwright/test';

import { expect, test } from './support/story.ts';

const rounds = 200;
const warmUp = 20;
const heapGrowth = 1 << 20; // bytes: inline caches and compiled code settle late

interface Size {
  readonly heap: number;
  readonly nodes: number;
  readonly listeners: number;
}

async function sizeOf(session: CDPSession): Promise<Size> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
  return { heap: usedSize, nodes, listeners: jsEventListeners };
}

test('a script that is run and stopped 200 times leaves the page as it was', async ({
  moonwire,
  site,
  page,
}) => {
  test.setTimeout(240_000);
  await moonwire.open(`${site.origin}/?example=own`);
  const text = [
    'local socket = require("socket")',
    'local server = assert(socket.bind("127.0.0.1", 7000))',
    'for i = 1, 50 do print("line", i) end',
    'server:accept()',
  ].join('\n');
  const console = await moonwire.run('again.lua', text);
  await expect(console).toHaveAttribute('data-phase', 'running');

  // The clicks are made inside the page: 400 round trips to the browser would measure those.
  const again = async (count: number): Promise<void> =>
    await console.evaluate(async (element, times) => {
      const click = (action: string): void =>
        element.shadowRoot?.querySelector<HTMLElement>(`[data-action=${action}]`)?.click();
      const reach = async (phase: string): Promise<void> => {
        while (element.dataset['phase'] !== phase)
          await new Promise((resolve) => setTimeout(resolve, 1));
      };
      for (let round = 0; round < times; round++) {
        await reach('running');
        click('stop');
        await reach('ended');
        click('restart');
      }
      await reach('running');
    }, count);

  const session = await page.context().newCDPSession(page);
  await again(warmUp);
  await expect(console.locator('.line')).toHaveCount(50);
  const before = await sizeOf(session);
  await again(rounds);
  await expect(console.locator('.line')).toHaveCount(50);
  const after = await sizeOf(session);
  test.info().annotations.push({
    type: 'sizes',
    description: JSON.stringify({ before, after }),
  });
  expect(after.nodes - before.nodes).toBeLessThan(50);
  expect(after.listeners - before.listeners).toBeLessThan(10);
  expect(after.heap - before.heap).toBeLessThan(heapGrowth);
  await expect(page.locator('moonwire-listeners li')).toHaveCount(1);
});

test('projects opened and dialogs shown again and again leave the page as it was', async ({
  moonwire,
  site,
  page,
}) => {
  test.setTimeout(240_000);
  await moonwire.open(`${site.origin}/?example=echo`);
  const session = await page.context().newCDPSession(page);
  const round = async (): Promise<void> => {
    for (const id of ['luat-gpio', 'version']) {
      await moonwire.openProject(id);
      await expect(
        page.locator(id === 'version' ? 'moonwire-consoles' : 'moonwire-board'),
      ).toBeVisible();
    }
    await page.locator('[data-action=share]').click();
    await expect(page.locator('[data-share=html]')).toBeVisible();
    await page.keyboard.press('Escape');
  };
  for (let count = 0; count < 4; count++) await round();
  const before = await sizeOf(session);
  for (let count = 0; count < 12; count++) await round();
  const after = await sizeOf(session);
  test.info().annotations.push({
    type: 'sizes',
    description: JSON.stringify({ before, after }),
  });
  expect(after.nodes - before.nodes).toBeLessThan(300);
  expect(after.listeners - before.listeners).toBeLessThan(40);
  expect(after.heap - before.heap).toBeLessThan(heapGrowth);
});
