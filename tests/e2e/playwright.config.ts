// Stories in a real browser: Debian's Chromium, one at a time (they measure time, and two cores are few).
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '*.story.ts',
  outputDir: 'results',
  workers: 1,
  fullyParallel: false,
  timeout: 40_000,
  expect: { timeout: 8_000 },
  reporter: 'list',
  use: {
    viewport: { width: 1360, height: 860 },
    locale: 'en-GB',
    launchOptions: {
      executablePath: process.env['MOONWIRE_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    trace: 'off',
    screenshot: 'only-on-failure',
  },
});
