// The page's own address: which project a link or an embedding page asks for and how it is to be shown, in the query or
// after '#'.

import { isLocale, type Locale } from './strings.ts';

/** What a link asks for. */
export interface Wish {
  readonly project: string | null;
  /** A packed project; see sharing.ts. */
  readonly code: string | null;
  /** One script, as it stands. */
  readonly lua: string | null;
  readonly locale: Locale | null;
  readonly theme: 'light' | 'dark' | null;
  /** Set when the page is a part of somebody's page. */
  readonly embed: Embed | null;
}

/** How the page shows itself inside another. */
export interface Embed {
  readonly isReadOnly: boolean;
  /** Starts without a click; heeded only where the scripts cannot leave the tab. */
  readonly runs: boolean;
}

/** What an embedding page's address says beside the project. */
export interface EmbedLook extends Embed {
  readonly locale: Locale | null;
  readonly theme: 'light' | 'dark' | null;
}

/** Reads `?example=echo&lang=zh&theme=dark&embed=1&readonly=1&run=1`; the same after '#' wins. */
export function readWish(page: string): Wish {
  const { search, hash } = new URL(page);
  const query = new URLSearchParams(search);
  const fragment = new URLSearchParams(hash.slice(1));
  const value = (name: string): string | null => fragment.get(name) ?? query.get(name);
  const isSet = (name: string): boolean => value(name) === '1';
  const [locale, theme] = [value('lang'), value('theme')];
  return {
    project: value('example'),
    // Code is taken from the fragment only: a query would go through servers and their logs.
    code: fragment.get('code'),
    lua: fragment.get('lua'),
    locale: isLocale(locale) ? locale : null,
    theme: theme === 'light' || theme === 'dark' ? theme : null,
    embed: isSet('embed') ? { isReadOnly: isSet('readonly'), runs: isSet('run') } : null,
  };
}

/** The page's address with this project in it, so that it can be passed on. */
export function addressOf(page: string, project: string): string {
  const url = new URL(page);
  const fragment = new URLSearchParams(url.hash.slice(1));
  for (const name of ['code', 'lua']) fragment.delete(name);
  fragment.set('example', project);
  url.hash = fragment.toString();
  return url.href;
}

/** A link to an example by its id, or to a packed project. */
export type LinkTarget = { readonly example: string } | { readonly code: string };

/** The address that opens a project anywhere: nothing of this page's own wishes goes with it. */
export function linkTo(page: string, target: LinkTarget): string {
  return withFragment(page, new URLSearchParams({ ...target }));
}

/** The address for the `src` of somebody's `<iframe>`. */
export function embedLink(page: string, target: LinkTarget, look: EmbedLook): string {
  return withFragment(
    page,
    new URLSearchParams({
      embed: '1',
      ...(look.isReadOnly ? { readonly: '1' } : {}),
      ...(look.runs ? { run: '1' } : {}),
      ...(look.locale === null ? {} : { lang: look.locale }),
      ...(look.theme === null ? {} : { theme: look.theme }),
      ...target,
    }),
  );
}

/** What to put into a page: an inline frame that loads when it comes near. */
export function embedHtml(link: string, title: string, height: number): string {
  return (
    `<iframe src="${escapeHtml(link)}" title="${escapeHtml(title)}" width="100%" ` +
    `height="${String(height)}" loading="lazy" allow="clipboard-write" ` +
    `style="border:1px solid #c2c8d6;border-radius:10px"></iframe>`
  );
}

/** Whether only this computer can open the address. */
export function isOnlyHere(page: string): boolean {
  const { protocol, hostname } = new URL(page);
  const isLoopback = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  return protocol === 'file:' || isLoopback || hostname.endsWith('.localhost');
}

function withFragment(page: string, fragment: URLSearchParams): string {
  const url = new URL(page);
  url.search = '';
  url.hash = fragment.toString();
  return url.href;
}

const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (found) => `&${named[found] ?? ''};`);
