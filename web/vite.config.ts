// How the page is bundled: relative addresses (any static host, any folder), nothing inlined (strict CSP), hashed names.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// MOONWIRE_FAKE_WORKER is for working on the page alone: a scripted worker from the tests. It never ships.
const fake = process.env['MOONWIRE_FAKE_WORKER'] === '1';
const worker = fake ? here('../tests/web/support/fake-worker-main.ts') : here('src/worker/main.ts');
const machine = fake ? here('../tests/web/support/fake-machine') : here('../build/wasm/edge');
for (const name of [
  'machine.wasm',
  'machine.js',
  'machine-luasocket.wasm',
  'machine-luasocket.js',
]) {
  if (!existsSync(`${machine}/${name}`)) {
    throw new Error(
      `${name} is missing: build the machine first (cmake --preset wasm, then build it)`,
    );
  }
}

export default defineConfig({
  root: here('.'),
  base: './',
  publicDir: here('public'),
  resolve: {
    alias: [
      { find: /^#worker/, replacement: worker },
      { find: /^#machine\//, replacement: `${machine}/` },
    ],
  },
  build: {
    outDir: process.env['MOONWIRE_DIST'] ?? here('../dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  worker: { format: 'iife' },
});
