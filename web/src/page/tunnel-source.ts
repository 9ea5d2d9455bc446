// Where the tunnel leads: what the proxy that served this page says (moonwire.json), or what a person entered.
// Its answer changes when the proxy starts again (a new token), so it is asked again whenever the tunnel is down.

import { limits } from './limits.ts';

/** What the person chose. */
export type TunnelChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'off' }
  | { readonly kind: 'url'; readonly url: string };

/** What asking the page's own server gave. */
export type TunnelOffer =
  // A proxy stands behind the page.
  | { readonly kind: 'proxy'; readonly url: string; readonly version: string }
  // The page comes from a plain file server.
  | { readonly kind: 'none' }
  // Nothing answered: the proxy may be down.
  | { readonly kind: 'unreachable' };

/** Resolves the proxy's `wisp` path against the page's own address. */
export function tunnelUrl(path: string, page: string): string | null {
  try {
    const url = new URL(path, page);
    if (url.protocol === 'https:') url.protocol = 'wss:';
    else if (url.protocol === 'http:') url.protocol = 'ws:';
    return url.protocol === 'ws:' || url.protocol === 'wss:' ? url.href : null;
  } catch {
    return null;
  }
}

/** Reads moonwire.json; anything else than what we wrote there counts as no proxy. */
export function readOffer(text: string, page: string): TunnelOffer {
  if (text.length > limits.tunnelConfigChars) return { kind: 'none' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'none' };
  }
  if (typeof value !== 'object' || value === null || !('wisp' in value)) return { kind: 'none' };
  const url = typeof value.wisp === 'string' ? tunnelUrl(value.wisp, page) : null;
  if (url === null) return { kind: 'none' };
  const version = 'version' in value && typeof value.version === 'string' ? value.version : '';
  return { kind: 'proxy', url, version };
}

/** Asks the page's own server. `page` is the page's address. */
export async function askOffer(page: string, fetchFile: typeof fetch): Promise<TunnelOffer> {
  try {
    const response = await fetchFile(new URL('./moonwire.json', page), { cache: 'no-store' });
    if (!response.ok) return { kind: response.status >= 500 ? 'unreachable' : 'none' };
    return readOffer(await response.text(), page);
  } catch {
    return { kind: 'unreachable' };
  }
}

/** Checks what a person typed; null when it cannot be a tunnel's address. */
export function readTypedUrl(text: string): string | null {
  const typed = text.trim();
  if (typed === '' || typed.length > limits.tunnelUrlChars) return null;
  const scheme = /^([a-z]+):\/\/[^/]/i.exec(typed)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return typed.replace(/^http/i, 'ws');
  const known = ['ws', 'wss', 'websockify', 'websockifys'];
  return scheme !== undefined && known.includes(scheme) ? typed : null;
}

/** A reason with its addresses as they may be shown. */
export const shownWhy = (why: string): string =>
  why.replace(/\bwss?:\/\/\S*[^\s:.,;)]/g, (found) => shownUrl(found));

/** The address without its token, for showing: a token is a password. */
export function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname.replace(/\/[\w-]{16,}\/?/, '/…/')}`;
  } catch {
    return url;
  }
}
