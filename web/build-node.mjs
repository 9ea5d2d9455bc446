// Bundles the Node runner (`./moonwire lua`) into build/node/: one file, and ws beside it for when there is a tunnel.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  configFile: false,
  root: here('.'),
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: here('src/node/lua.ts'),
    outDir: here('../build/node'),
    emptyOutDir: true,
    target: 'node20',
    rollupOptions: {
      external: ['bufferutil', 'utf-8-validate'], // what ws would like to have, and does without
      output: { entryFileNames: 'lua.mjs', chunkFileNames: 'ws.mjs' },
    },
  },
});
