// docs/limits.md lists every limit of every limits file, with its value and what happens there. `./moonwire format` writes
// it anew; a limit without a word about it is an error here.
import { mkdir, writeFile } from 'node:fs/promises';

import { root } from '../../cli/paths.ts';
import { readText, repositoryFiles } from '../../cli/repository.ts';
import { report } from './support/findings.ts';

interface Limit {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

const TARGET = 'docs/limits.md';

function plain(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*(\/\/\/?<?|\/\*\*?|\*\/|\*)\s?/, '').replace(/\*\/\s*$/, ''))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The product's own values: what the hostile build has instead goes, and the preprocessor's lines with it. */
function withoutHostile(text: string): string {
  return text
    .replace(/^#ifdef MOONWIRE_HOSTILE\n[\s\S]*?^#else\n([\s\S]*?)^#endif\n/gm, '$1')
    .replace(/^#if.* MOONWIRE_HOSTILE\n[\s\S]*?^#endif\n/gm, '');
}

/** Reads `name = value;` with the comment above it or behind it. A comment may serve the lines right below it, too. */
function limitsOf(text: string): Limit[] {
  const limits: Limit[] = [];
  let above: string[] = [];
  let inherited = '';
  let repeats = false;
  let statement = '';
  for (const line of withoutHostile(text).split('\n')) {
    const trimmed = line.trim();
    if (statement === '' && /^(\/\/|\/\*|\*)/.test(trimmed)) {
      above.push(trimmed);
      continue;
    }
    if (statement === '' && (trimmed === '' || /^[#}]|^namespace|^struct|^import/.test(trimmed))) {
      above = [];
      inherited = '';
      continue;
    }
    statement = `${statement} ${trimmed}`.trim();
    const [, name, value, behind] =
      /(?:^|\s)(\w+)(?:: [\w<>]+)?\s*(?:=\s*([^;]+)|\{([^;]+)\});\s*(\/\/.*)?$/.exec(statement) ??
      [];
    if (!statement.includes(';')) continue;
    if (name !== undefined && value !== undefined) {
      if (above.length > 0) {
        inherited = plain(above.join('\n'));
        repeats = false;
      }
      const note = behind ?? /;\s*(\/\/.*)$/.exec(statement)?.[1] ?? '';
      limits.push({
        name,
        value: value.trim(),
        note: plain(note) || (inherited === '' ? '' : repeats ? 'as above' : inherited),
      });
      repeats = true;
    }
    statement = '';
    above = [];
  }
  return limits;
}

function table(limits: readonly Limit[]): string {
  const rows = limits.map(({ name, value, note }) => `| \`${name}\` | \`${value}\` | ${note} |`);
  return ['| limit | value | what it bounds, what happens there |', '|---|---|---|', ...rows].join(
    '\n',
  );
}

const files = (await repositoryFiles('*/limits.h', '*/limits.ts')).filter(
  (file) => !file.startsWith('tests/'),
);
const sections = files.map((file) => ({ file, limits: limitsOf(readText(file)) }));
const wanted = [
  '# Limits',
  'Every buffer and queue has its bound in one of these files, and nowhere else. This page is written from them by `./moonwire format`.',
  ...sections.map(({ file, limits }) => `## ${file}\n\n${table(limits)}`),
].join('\n\n');

if (process.argv.includes('--mend')) {
  await mkdir(`${root}/docs`, { recursive: true });
  await writeFile(`${root}/${TARGET}`, `${wanted}\n`);
} else {
  const found = (await repositoryFiles(TARGET)).length > 0 ? readText(TARGET) : '';
  report([
    ...(found === `${wanted}\n`
      ? []
      : [`${TARGET} is not up to date; ./moonwire format writes it`]),
    ...sections.flatMap(({ file, limits }) =>
      limits
        .filter(({ note }) => note === '')
        .map(({ name }) => `${file}: ${name} has no word about it`),
    ),
  ]);
}
