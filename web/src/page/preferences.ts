// What a person chose about the page itself, kept in localStorage where there is one.

import { isLocale, type Locale } from './strings.ts';
import { readTypedUrl, type TunnelChoice } from './tunnel-source.ts';

export type Theme = 'auto' | 'light' | 'dark';

export interface Preferences {
  /** null: as the browser asks. */
  readonly locale: Locale | null;
  readonly theme: Theme;
  /** The editor's share of the width, 0.2 to 0.8. */
  readonly split: number;
  readonly tabIndents: boolean;
  readonly lastProject: string | null;
  readonly tunnel: TunnelChoice;
}

export const defaults: Preferences = {
  locale: null,
  theme: 'auto',
  split: 0.46,
  tabIndents: false,
  lastProject: null,
  tunnel: { kind: 'auto' },
};

const key = 'moonwire.preferences';

function readTunnel(value: unknown): TunnelChoice {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return defaults.tunnel;
  if (value.kind === 'off') return { kind: 'off' };
  const url =
    value.kind === 'url' && 'url' in value && typeof value.url === 'string'
      ? readTypedUrl(value.url)
      : null;
  return url === null ? defaults.tunnel : { kind: 'url', url };
}

/** Reads what was kept; anything that does not fit falls back to its default. */
export function readPreferences(text: string | null): Preferences {
  let value: unknown = null;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    // not ours: start from the defaults
  }
  if (typeof value !== 'object' || value === null) return defaults;
  const kept = value as Partial<Record<keyof Preferences, unknown>>;
  return {
    locale: isLocale(kept.locale) ? kept.locale : null,
    theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'auto',
    split:
      typeof kept.split === 'number' && kept.split >= 0.2 && kept.split <= 0.8
        ? kept.split
        : defaults.split,
    tabIndents: kept.tabIndents === true,
    lastProject: typeof kept.lastProject === 'string' ? kept.lastProject : null,
    tunnel: readTunnel(kept.tunnel),
  };
}

/** localStorage, or nothing at all where the browser forbids it. */
export class PreferenceStore {
  readonly #storage: Storage | null;

  constructor(open: () => Storage) {
    try {
      this.#storage = open();
    } catch {
      this.#storage = null;
    }
  }

  load(): Preferences {
    try {
      return readPreferences(this.#storage?.getItem(key) ?? null);
    } catch {
      return defaults;
    }
  }

  save(preferences: Preferences): void {
    try {
      this.#storage?.setItem(key, JSON.stringify(preferences));
    } catch {
      // full or forbidden: the choice lasts as long as the tab
    }
  }
}
