// What machine.js promises to the page's Content-Security-Policy and to Node.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { newModule } from '../support/machine.ts';

const glue = readFileSync(
  fileURLToPath(new URL('../../../build/wasm/edge/machine.js', import.meta.url)),
  'utf8',
);

test('machine.js makes no code from text: the page forbids eval', () => {
  expect(glue).not.toMatch(/\beval\s*\(|\bnew Function\b/);
});

test('machine.js needs no cross-origin isolation: it shares no memory', () => {
  expect(glue).not.toMatch(/SharedArrayBuffer|Atomics\.wait/);
});

test('loading the machine leaves Node’s own error handling alone', async () => {
  const count = (): number[] =>
    ['uncaughtException', 'unhandledRejection'].map((name) => process.listenerCount(name));
  const before = count();
  await newModule();
  expect(count()).toEqual(before);
});
