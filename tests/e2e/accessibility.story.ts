// What axe-core finds in the page's main states, light and dark: nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Page } from '@playwright/test';
import type Axe from 'axe-core';

import type { Moonwire } from './support/moonwire.ts';
import { root } from './support/site.ts';
import { expect, test } from './support/story.ts';

const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** One line for each node that breaks a rule. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(`${axe}; undefined`);
  return await page.evaluate(async () => {
    const { axe: run } = window as unknown as { axe: typeof Axe };
    const { violations: found } = await run.run(document, {
      resultTypes: ['violations'],
      // A page that is an application has its landmarks inside it; best practices are ours to weigh.
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.flatMap((one) =>
      one.nodes.map(
        (node) => `${one.id}: ${node.target.flat().join(' ')} | ${node.failureSummary ?? ''}`,
      ),
    );
  });
}

interface State {
  readonly name: string;
  readonly address: string;
  readonly reach?: (moonwire: Moonwire, page: Page) => Promise<void>;
}

const bench = async (_: Moonwire, page: Page): Promise<void> => {
  await expect(page.locator('moonwire-board')).toBeVisible();
};
const view =
  (name: string) =>
  async (moonwire: Moonwire, page: Page): Promise<void> => {
    await bench(moonwire, page);
    await moonwire.runProject();
    await expect(page.locator('moonwire-readouts')).toContainText('860000000000017');
    await page.locator(`moonwire-module [data-view=${name}]`).click();
  };

const states: readonly State[] = [
  { name: 'the first visit', address: '?example=echo' },
  { name: 'a project of one’s own', address: '?example=own' },
  {
    name: 'a running example with its wire',
    address: '?example=echo',
    reach: async (moonwire, page) => {
      await page.locator('[data-action=show-wire]').click();
      await moonwire.runProject();
      await expect(moonwire.output(moonwire.console('client.lua'))).toContainText('Hello');
      await page.locator('moonwire-wire moonwire-rows .row').first().click();
    },
  },
  {
    name: 'a script that failed',
    address: '?example=own',
    reach: async (moonwire, page) => {
      await moonwire.paste('server.lua', 'print("x")\nlocal t\nio.stderr:write("e\\n") t.x = 1');
      await page.keyboard.press('Control+Enter');
      await expect(moonwire.output(moonwire.console('server.lua'))).toContainText('traceback');
      await moonwire.paste('client.lua', 'print(');
      await expect(page.locator('moonwire-files .verdict.bad')).toBeVisible();
    },
  },
  {
    name: 'the choice of projects',
    address: '?example=echo',
    reach: async (_, page) => page.locator('[data-action=open-projects]').click(),
  },
  {
    name: 'the help',
    address: '?example=echo',
    reach: async (_, page) => page.keyboard.press('F1'),
  },
  {
    name: 'the way out of the tab',
    address: '?example=echo',
    reach: async (_, page) => {
      await page.locator('moonwire-tunnel .pill').click();
      await page.getByLabel('Another server').click();
    },
  },
  {
    name: 'sharing',
    address: '?example=own',
    reach: async (_, page) => {
      await page.locator('[data-action=share]').click();
      await expect(page.locator('[data-share=html]')).toBeVisible();
    },
  },
  {
    name: 'a menu',
    address: '?example=echo',
    reach: async (_, page) =>
      page.getByRole('button', { name: 'More for this file' }).first().click(),
  },
  { name: 'the embedded form', address: '#embed=1&run=1&lua=print(1)' },
  { name: 'a module that is off', address: '?example=luat-longlink', reach: bench },
  ...['log', 'at', 'uart', 'pins', 'sockets', 'lab', 'others', 'wire'].map((name) => ({
    name: `a module that is on, its ${name}`,
    address: '?example=luat-longlink',
    reach: view(name),
  })),
];

for (const theme of ['light', 'dark'] as const) {
  test(`axe-core finds nothing to mend, ${theme}`, async ({ moonwire, site, page }) => {
    test.setTimeout(300_000);
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const found: string[] = [];
    for (const { name, address, reach } of states) {
      await page.goto('about:blank');
      await moonwire.open(`${site.origin}/${address}`);
      await reach?.(moonwire, page);
      found.push(...(await violations(page)).map((line) => `${name}: ${line}`));
    }
    expect(found.join('\n\n')).toBe('');
  });
}
