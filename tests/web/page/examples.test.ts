import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { makeCatalog } from '../../../web/src/page/example-catalog.ts';
import { readExampleHeader } from '../../../web/src/page/example-header.ts';

const folder = fileURLToPath(new URL('../../../examples/', import.meta.url));
const sources = Object.fromEntries(
  globSync('**/*.lua', { cwd: folder }).map((path) => [path, readFileSync(folder + path, 'utf8')]),
);

const header = [
  '-- Title: One',
  '-- 标题: 一',
  '-- Watch: Look.',
  '-- 看点: 看。',
  '-- Proxy: optional',
  '-- Run: a.lua, b.lua, b.lua',
];

describe('the head comment of an example', () => {
  test('gives titles, what to watch, the need of a proxy and what runs', () => {
    expect(readExampleHeader([...header, '', '-- Title: later'].join('\n'))).toEqual({
      title: { en: 'One', zh: '一' },
      watch: { en: 'Look.', zh: '看。' },
      proxy: 'optional',
      run: ['a.lua', 'b.lua', 'b.lua'],
      module: null,
    });
    expect(readExampleHeader([...header, '-- Module: air724u'].join('\n'))?.module).toBe('air724u');
  });

  test('counts only when each field is there and the proxy is one of three words', () => {
    for (let at = 0; at < 5; at++) {
      expect(readExampleHeader(header.filter((_, index) => index !== at).join('\n'))).toBeNull();
    }
    expect(readExampleHeader(header.join('\n').replace('optional', 'perhaps'))).toBeNull();
  });
});

describe('the shipped examples', () => {
  const catalog = makeCatalog(sources);

  test('every file belongs to an example in the menu', () => {
    const files = catalog.flatMap((example) => Object.keys(example.files));
    expect(files).toHaveLength(Object.keys(sources).length);
    expect(new Set(catalog.map((example) => example.id)).size).toBe(catalog.length);
  });

  test.each(catalog.map((example) => [example.id, example] as const))(
    '%s runs files that it has',
    (_, example) => {
      expect(example.header.run.length).toBeGreaterThan(0);
      for (const path of example.header.run) expect(Object.keys(example.files)).toContain(path);
      expect(example.header.title.zh).toMatch(/\p{Script=Han}/u);
      expect(example.header.watch.zh).toMatch(/\p{Script=Han}/u);
    },
  );

  test('the first one needs no proxy: it is what a newcomer runs', () => {
    expect(catalog[0]?.id).toBe('echo');
    expect(catalog[0]?.header.proxy).toBe('no');
  });
});
