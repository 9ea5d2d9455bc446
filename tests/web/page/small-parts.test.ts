import { addressOf, readWish } from '../../../web/src/page/address.ts';
import { InputHistory } from '../../../web/src/page/input-history.ts';
import { limits } from '../../../web/src/page/limits.ts';
import { defaults, PreferenceStore, readPreferences } from '../../../web/src/page/preferences.ts';
import { shortcutOf, type Keys } from '../../../web/src/page/shortcuts.ts';
import { chooseLocale, clock, tables } from '../../../web/src/page/strings.ts';

describe('the strings', () => {
  const keysOf = (value: object, path = ''): string[] =>
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
      typeof inner === 'object' &&
      inner !== null &&
      !Array.isArray(inner) &&
      key !== 'searchPhrases'
        ? keysOf(inner, `${path}${key}.`)
        : [`${path}${key}`],
    );

  test('both languages have the same words to say', () => {
    expect(keysOf(tables.zh)).toEqual(keysOf(tables.en));
  });

  test('no Chinese word was left in English', () => {
    const known = new Set(['appTitle', 'luasocket', 'luat', 'chuck', 'listenerLine']);
    const untranslated = Object.entries(tables.zh).filter(
      ([key, value]) =>
        typeof value === 'string' &&
        !known.has(key) &&
        !/\p{Script=Han}/u.test(value) &&
        value !== '、',
    );
    expect(untranslated).toEqual([]);
  });

  test('the browser’s first known language is taken', () => {
    expect(chooseLocale(['zh-TW', 'en'])).toBe('zh');
    expect(chooseLocale(['fr', 'en-GB', 'zh'])).toBe('en');
    expect(chooseLocale(['fr'])).toBe('en');
  });

  test('spans and sizes read well', () => {
    expect(clock(65_000)).toBe('1:05');
    expect(clock(3_725_000)).toBe('1:02:05');
    expect(tables.en.bytes(1)).toBe('1 byte');
    expect(tables.en.bytes(1_500_000)).toBe('1.5 MB');
    expect(tables.zh.seconds(1500)).toBe('1.5 秒');
  });
});

describe('shortcuts', () => {
  const press = (change: Partial<Keys>): Keys => ({
    key: '',
    code: '',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    ...change,
  });

  test('each key asks for what the help says', () => {
    expect(shortcutOf(press({ key: 'Enter', ctrlKey: true }))).toEqual({ kind: 'runFile' });
    expect(shortcutOf(press({ key: 'Enter', metaKey: true, shiftKey: true }))).toEqual({
      kind: 'runProject',
    });
    expect(shortcutOf(press({ key: '.', ctrlKey: true }))).toEqual({ kind: 'stop' });
    expect(shortcutOf(press({ key: '>', code: 'Period', ctrlKey: true, shiftKey: true }))).toEqual({
      kind: 'stopAll',
    });
    expect(shortcutOf(press({ key: '¡', code: 'Digit1', altKey: true }))).toEqual({
      kind: 'tab',
      index: 0,
    });
    expect(shortcutOf(press({ key: 'F6', shiftKey: true }))).toEqual({ kind: 'panesBack' });
  });

  test('ordinary keys and an input method’s keys ask for nothing', () => {
    expect(shortcutOf(press({ key: 'Enter' }))).toBeNull();
    expect(shortcutOf(press({ key: '.', code: 'Period' }))).toBeNull();
    expect(shortcutOf(press({ key: 'Enter', ctrlKey: true, isComposing: true }))).toBeNull();
    expect(shortcutOf(press({ code: 'Digit1', altKey: true, ctrlKey: true }))).toBeNull();
  });
});

describe('the input’s history', () => {
  test('walks back and forth and keeps the line being typed', () => {
    const history = new InputHistory();
    history.add('one');
    history.add('two');
    history.add('two');
    expect(history.older('draft')).toBe('two');
    expect(history.older('two')).toBe('one');
    expect(history.older('one')).toBeNull();
    expect(history.newer()).toBe('two');
    expect(history.newer()).toBe('draft');
    expect(history.newer()).toBeNull();
  });

  test('forgets the oldest beyond its limit', () => {
    const history = new InputHistory();
    for (let count = 0; count < limits.historyLines + 5; count++) history.add(String(count));
    let oldest = '';
    for (let line = history.older(''); line !== null; line = history.older(line)) oldest = line;
    expect(oldest).toBe('5');
  });
});

describe('preferences', () => {
  test('what does not fit falls back, each by itself', () => {
    const text = JSON.stringify({
      locale: 'zh',
      theme: 'pink',
      split: 9,
      tunnel: { kind: 'url', url: 'nonsense' },
    });
    expect(readPreferences(text)).toEqual({ ...defaults, locale: 'zh' });
    expect(readPreferences('{')).toEqual(defaults);
    expect(readPreferences(null)).toEqual(defaults);
  });

  test('a browser without storage still works', () => {
    const store = new PreferenceStore(() => {
      throw new Error('SecurityError');
    });
    store.save({ ...defaults, theme: 'dark' });
    expect(store.load()).toEqual(defaults);
  });
});

test('a link opens an example, in the query or after #', () => {
  expect(readWish('http://x/?example=echo&lang=zh').project).toBe('echo');
  expect(readWish('http://x/?example=echo#example=chat').project).toBe('chat');
  expect(readWish('http://x/?lang=xx&theme=dark')).toEqual({
    project: null,
    code: null,
    lua: null,
    locale: null,
    theme: 'dark',
    embed: null,
  });
  expect(addressOf('http://x/p/#lang=zh', 'chat')).toBe('http://x/p/#lang=zh&example=chat');
});
