// Builds the page into dist/ and puts a .br and a .gz beside each file that gets smaller by it.
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = process.env.MOONWIRE_DIST ?? join(root, 'dist');
const compressible = new Set([
  '.html',
  '.js',
  '.css',
  '.svg',
  '.wasm',
  '.json',
  '.txt',
  '.map',
  '.webmanifest',
]);
const smallest = 512; // bytes; below that a header costs more than it saves

await build({ configFile: join(root, 'web/vite.config.ts'), logLevel: 'warn' });

const brotli = promisify(brotliCompress);
const gz = promisify(gzip);

/** Writes the compressed twins of one file; returns [plain, brotli] sizes. */
async function compress(path) {
  const bytes = await readFile(path);
  if (!compressible.has(extname(path)) || bytes.length < smallest)
    return [bytes.length, bytes.length];
  const small = await brotli(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  await writeFile(`${path}.br`, small);
  await writeFile(`${path}.gz`, await gz(bytes, { level: 9 }));
  return [bytes.length, small.length];
}

const rows = [];
for (const name of await readdir(dist, { recursive: true })) {
  const path = join(dist, name);
  if (!(await stat(path)).isFile() || /\.(br|gz)$/.test(name)) continue;
  rows.push([name, ...(await compress(path))]);
}
rows.sort((a, b) => b[1] - a[1]);
for (const [name, plain, small] of rows) {
  console.log(`${String(plain).padStart(9)} ${String(small).padStart(9)}  ${name}`);
}
const total = rows.reduce((sum, row) => sum + row[2], 0);
console.log(`${' '.repeat(10)}${String(total).padStart(9)}  all, compressed with brotli`);
