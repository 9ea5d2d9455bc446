// The page as a person uses it: what the stories are told in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, type Locator, type Page } from '@playwright/test';

import { root } from './site.ts';

export const seed = (name: string): string =>
  readFileSync(join(root, 'tests/data/seeds', name), 'utf8');

export class Moonwire {
  readonly page: Page;
  /** What the browser complained about; a story ends by finding it empty. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      const isExpected = /moonwire\.json|ERR_CONNECTION_REFUSED|WebSocket connection to/.test(
        `${message.text()} ${message.location().url}`,
      );
      if (message.type() === 'error' && !isExpected) this.complaints.push(message.text());
    });
  }

  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await expect(this.page.locator('.cm-content')).toBeVisible();
  }

  async openProject(id: string): Promise<void> {
    await this.page.locator('[data-action=open-projects]').click();
    await this.page.locator(`[data-project="${id}"]`).click();
    await expect(this.page.locator('moonwire-projects')).toBeHidden();
  }

  get editor(): Locator {
    return this.page.locator('.cm-content');
  }

  /** What the browser keeps of the projects, as the page wrote it. */
  async keptProjects(): Promise<readonly unknown[]> {
    return await this.page.evaluate(async () => {
      const databases = await indexedDB.databases();
      if (!databases.some(({ name }) => name === 'moonwire')) return [];
      return await new Promise<readonly unknown[]>((resolve) => {
        const open = indexedDB.open('moonwire');
        open.onsuccess = () => {
          const all = open.result.transaction('projects').objectStore('projects').getAll();
          all.onsuccess = () => {
            open.result.close();
            resolve(all.result as readonly unknown[]);
          };
        };
      });
    });
  }

  tab(path: string): Locator {
    return this.page.locator(`.tab[data-path="${path}"]`);
  }

  /** Puts a text into a file by way of the clipboard, as one who copied it from a tutorial. */
  async paste(path: string, text: string): Promise<void> {
    await this.tab(path).click();
    await expect(this.tab(path)).toHaveAttribute('aria-selected', 'true');
    await this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await this.editor.focus();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.press('ControlOrMeta+v');
  }

  /** Makes a file of this name with this content. */
  async addFile(path: string, text: string): Promise<void> {
    await this.page
      .locator('moonwire-files moonwire-menu')
      .first()
      .getByRole('button')
      .first()
      .click();
    await this.page.getByRole('menuitem', { name: 'New file', exact: true }).click();
    const field = this.page.getByLabel('Name of the file');
    await field.fill(path);
    await field.press('Enter');
    await expect(this.tab(path)).toHaveAttribute('aria-selected', 'true');
    await this.paste(path, text);
  }

  async runFile(path: string): Promise<Locator> {
    await this.tab(path).click();
    await this.page.locator('[data-action=run-file]').click();
    return this.console(path);
  }

  async runProject(): Promise<void> {
    await this.page.locator('moonwire-header [data-action=run-project]').click();
  }

  /** A project of one's own with one file, started. */
  async run(path: string, text: string): Promise<Locator> {
    await this.addFile(path, text);
    return await this.runFile(path);
  }

  console(path: string, copy = 1): Locator {
    return this.page.locator(`moonwire-console[data-path="${path}"][data-copy="${String(copy)}"]`);
  }

  /** Types a line into a console and sends it. */
  async type(console: Locator, line: string): Promise<void> {
    const input = console.locator('input');
    await input.fill(line);
    await input.press('Enter');
  }

  output(console: Locator): Locator {
    return console.locator('.rows');
  }

  async stop(console: Locator): Promise<void> {
    await console.locator('[data-action=stop]').click();
  }

  /** Clicks Stop inside the page and says how long it took until the console told the end, in milliseconds. */
  async timeStop(console: Locator): Promise<number> {
    return await console.evaluate(async (element) => {
      const button = element.shadowRoot?.querySelector<HTMLElement>('[data-action=stop]');
      const began = performance.now();
      button?.click();
      while (element.dataset['phase'] !== 'ended') {
        if (performance.now() - began > 5000) break;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return performance.now() - began;
    });
  }
}
