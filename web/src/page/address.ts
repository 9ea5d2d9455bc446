// The page's own address: which project a link or an embedding page asks for, in the query or after '#'.

import { isLocale, type Locale } from './strings.ts';

/** What a link asks for. */
export interface Wish {
  readonly project: string | null;
  readonly locale: Locale | null;
  readonly theme: 'light' | 'dark' | null;
}

/** Reads `?example=echo&lang=zh&theme=dark`; the same after '#' wins. */
export function readWish(page: string): Wish {
  const { search, hash } = new URL(page);
  const query = new URLSearchParams(search);
  const fragment = new URLSearchParams(hash.slice(1));
  const value = (name: string): string | null => fragment.get(name) ?? query.get(name);
  const [locale, theme] = [value('lang'), value('theme')];
  return {
    project: value('example'),
    locale: isLocale(locale) ? locale : null,
    theme: theme === 'light' || theme === 'dark' ? theme : null,
  };
}

/** The page's address with this project in it, so that it can be passed on. */
export function addressOf(page: string, project: string): string {
  const url = new URL(page);
  const fragment = new URLSearchParams(url.hash.slice(1));
  fragment.set('example', project);
  url.hash = fragment.toString();
  return url.href;
}
