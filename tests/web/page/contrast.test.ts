// The colours of styles/tokens.css keep WCAG AA: 4.5 to 1 for text on what it stands on, in both themes.
import { readFileSync } from 'node:fs';

const css = readFileSync(
  new URL('../../../web/src/page/styles/tokens.css', import.meta.url),
  'utf8',
);

/** The colour tokens of the blocks that begin with `selector`. */
function tokens(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

const light = tokens(':root');
const themes = { light, dark: new Map([...light, ...tokens(":root[data-theme='dark']")]) };

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, bright = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dark + 0.05);
}

const grounds = ['page', 'surface', 'surface-2', 'raised'];
const pairs: [string, string][] = [
  ...['text', 'text-2', 'text-3', 'accent', 'good', 'warn', 'bad'].flatMap((text) =>
    grounds.map((ground): [string, string] => [text, ground]),
  ),
  ...['accent', 'good', 'warn', 'bad'].map((text): [string, string] => [text, `${text}-soft`]),
  ['text', 'accent-soft'],
  ['text-2', 'accent-soft'],
  ['on-accent', 'accent-fill'],
  ['on-accent', 'accent-fill-hover'],
  ...[...light.keys()]
    .filter((name) => name.startsWith('code-'))
    .flatMap((name): [string, string][] => [
      [name, 'surface'],
      [name, 'line-active'],
    ]),
  ...Array.from({ length: 16 }, (_, index): [string, string] => [
    `ansi-${String(index)}`,
    'surface',
  ]),
];

test.each(Object.entries(themes))('every text can be read in the %s theme', (_, theme) => {
  const weak = pairs.flatMap(([text, ground]) => {
    const ratio = contrast(theme.get(text) ?? '#000000', theme.get(ground) ?? '#000000');
    return ratio < 4.5 ? [`${text} on ${ground}: ${ratio.toFixed(2)}`] : [];
  });
  expect(weak).toEqual([]);
});
