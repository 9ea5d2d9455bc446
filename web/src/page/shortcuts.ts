// The page's keys, named once: the help lists them, the page obeys them.

/** What a key asks for; `tab` carries which. */
export type Shortcut =
  | { readonly kind: 'runFile' }
  | { readonly kind: 'runProject' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'stopAll' }
  | { readonly kind: 'tab'; readonly index: number }
  | { readonly kind: 'panes' }
  | { readonly kind: 'panesBack' }
  | { readonly kind: 'help' };

/** The part of a KeyboardEvent that is read. */
export interface Keys {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
}

/** As the help shows them. */
export const shortcutKeys = {
  runFile: ['Ctrl-Enter'],
  runProject: ['Ctrl-Shift-Enter'],
  stop: ['Ctrl-.'],
  stopAll: ['Ctrl-Shift-.'],
  tab: ['Alt-1', 'Alt-9'],
  panes: ['F6'],
  panesBack: ['Shift-F6'],
  find: ['Ctrl-F'],
  indent: ['Ctrl-]', 'Ctrl-['],
  comment: ['Ctrl-/'],
  history: ['↑', '↓'],
  endInput: ['Ctrl-D'],
  help: ['F1'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export function shortcutOf(event: Keys): Shortcut | null {
  if (event.isComposing) return null;
  const isControl = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isControl && event.key === 'Enter')
    return { kind: event.shiftKey ? 'runProject' : 'runFile' };
  // With Shift the key says '>' on many keyboards; the code says which key it is.
  if (isControl && (event.key === '.' || event.code === 'Period'))
    return { kind: event.shiftKey ? 'stopAll' : 'stop' };
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && digit !== undefined) {
    return { kind: 'tab', index: Number(digit) - 1 };
  }
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (event.key === 'F6') return { kind: event.shiftKey ? 'panesBack' : 'panes' };
  return event.key === 'F1' ? { kind: 'help' } : null;
}
