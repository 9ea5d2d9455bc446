// The shipped examples, bundled as text.

import { makeCatalog } from './example-catalog.ts';

const bundled = import.meta.glob<string>('../../../examples/**/*.lua', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const sources = Object.fromEntries(
  Object.entries(bundled).map(([path, text]) => [path.replace(/^.*?examples\//, ''), text]),
);

export const examples = makeCatalog(sources);
