// A bad day: what can go wrong around a module, one thing after the other, in a minute. A robust script survives it.

import type { ModuleAction } from '../../protocol.ts';

export type Mishap = ModuleAction | { readonly do: 'reset-clients' };

/** What happens, and how many milliseconds after the day began. */
export const badDay: readonly { readonly atMs: number; readonly mishap: Mishap }[] = [
  { atMs: 0, mishap: { do: 'reset-clients' } },
  { atMs: 8_000, mishap: { do: 'signal', csq: 9 } },
  { atMs: 10_000, mishap: { do: 'signal', csq: 3 } },
  { atMs: 12_000, mishap: { do: 'network', available: false } },
  { atMs: 22_000, mishap: { do: 'network', available: true } },
  { atMs: 23_000, mishap: { do: 'signal', csq: 21 } },
  { atMs: 32_000, mishap: { do: 'drop-pdp' } },
  { atMs: 42_000, mishap: { do: 'sim', sim: 'absent' } },
  { atMs: 50_000, mishap: { do: 'sim', sim: 'ready' } },
  { atMs: 60_000, mishap: { do: 'signal', csq: 24 } },
];

/** Plays the day. `after` calls back after a span and returns what cancels it; `onEnd` is called once, at the end. */
export function playBadDay(
  after: (spanMs: number, run: () => void) => () => void,
  happen: (mishap: Mishap) => void,
  onEnd: () => void,
): () => void {
  const cancels = badDay.map(({ atMs, mishap }, at) =>
    after(atMs, () => {
      happen(mishap);
      if (at === badDay.length - 1) onEnd();
    }),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}
