// What each story begins with: a static host and the page open in its own empty browser profile.
import { test as base } from '@playwright/test';

import { Moonwire } from './moonwire.ts';
import { Site } from './site.ts';

export { expect } from '@playwright/test';

interface Parts {
  /** The page, not yet opened. */
  readonly moonwire: Moonwire;
}

interface WorkerParts {
  readonly site: Site;
}

export const test = base.extend<Parts, WorkerParts>({
  site: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const site = await Site.start();
      await use(site);
      await site.stop();
    },
    { scope: 'worker' },
  ],
  moonwire: async ({ page, context }, use) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const moonwire = new Moonwire(page);
    await use(moonwire);
    if (moonwire.complaints.length > 0)
      throw new Error(`the browser complained: ${moonwire.complaints.join('; ')}`);
  },
});
