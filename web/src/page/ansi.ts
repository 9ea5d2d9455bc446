// Escape sequences of a terminal, as far as a log can show them: colours (SGR), erase line, erase screen.
// Everything else a script sends is swallowed, never shown as rubbish.

import { limits } from './limits.ts';

/** A palette entry (0 to 15) or a colour of its own ("#rrggbb"). */
export type Colour = number | string;

/** How a piece of text looks. */
export interface Style {
  readonly foreground: Colour | null;
  readonly background: Colour | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  readonly strike: boolean;
}

export const plain: Style = {
  foreground: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strike: false,
};

/** What a stream of characters asks the console to do. */
export type Operation =
  | { readonly kind: 'text'; readonly text: string; readonly style: Style }
  | { readonly kind: 'newline' }
  | { readonly kind: 'return' }
  | { readonly kind: 'erase-line' }
  | { readonly kind: 'erase-screen' };

const cube = [0, 95, 135, 175, 215, 255];
const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** The colour of an entry of xterm's 256: the first 16 stay palette entries, which follow the theme. */
export function indexedColour(index: number): Colour | null {
  if (!Number.isInteger(index) || index < 0 || index > 255) return null;
  if (index < 16) return index;
  if (index >= 232) return `#${hex(8 + (index - 232) * 10).repeat(3)}`;
  const at = index - 16;
  const channel = (step: number): string => hex(cube[Math.floor(at / step) % 6] ?? 0);
  return `#${channel(36)}${channel(6)}${channel(1)}`;
}

// Reads what follows 38 or 48: `5;n` or `2;r;g;b`. Returns the colour and how many parameters it took.
function extendedColour(parameters: readonly number[], at: number): [Colour | null, number] {
  if (parameters[at] === 5) return [indexedColour(parameters[at + 1] ?? -1), 2];
  if (parameters[at] !== 2) return [null, 0];
  const channels = parameters.slice(at + 1, at + 4);
  if (channels.length < 3 || channels.some((value) => value > 255)) return [null, 4];
  return [`#${channels.map(hex).join('')}`, 4];
}

/** The style after one SGR sequence. Unknown numbers change nothing. */
export function applySgr(style: Style, parameters: readonly number[]): Style {
  let next: Style = style;
  for (let at = 0; at < parameters.length; at++) {
    const code = parameters[at] ?? 0;
    if (code === 0) next = plain;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 3) next = { ...next, italic: true };
    else if (code === 4) next = { ...next, underline: true };
    else if (code === 7) next = { ...next, inverse: true };
    else if (code === 9) next = { ...next, strike: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next = { ...next, italic: false };
    else if (code === 24) next = { ...next, underline: false };
    else if (code === 27) next = { ...next, inverse: false };
    else if (code === 29) next = { ...next, strike: false };
    else if (code >= 30 && code <= 37) next = { ...next, foreground: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, foreground: code - 82 };
    else if (code === 39) next = { ...next, foreground: null };
    else if (code >= 40 && code <= 47) next = { ...next, background: code - 40 };
    else if (code >= 100 && code <= 107) next = { ...next, background: code - 92 };
    else if (code === 49) next = { ...next, background: null };
    else if (code === 38 || code === 48) {
      const [colour, taken] = extendedColour(parameters, at + 1);
      at += taken;
      if (colour !== null) next = { ...next, [code === 38 ? 'foreground' : 'background']: colour };
    }
  }
  return next;
}

const escape = '\x1b';
/* eslint-disable no-control-regex */
// What ends a run of ordinary characters: every control character but the tab.
const control = /[\x00-\x08\x0a-\x1f\x7f]/g;
// A whole sequence at the front: CSI, OSC (ended by BEL or ST), or a two-character one.
const sequence =
  /^\x1b(?:\[([0-9;:?<=>!]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()#%][ -~]|[ -Z\\^-~])/;
// The front of one that has not wholly arrived.
const unfinished = /^\x1b(?:\[[0-9;:?<=>! -/]*|\][^\x07\x1b]*\x1b?|[()#%])?$/;
/* eslint-enable no-control-regex */

/** Reads one output stream; remembers the style and a sequence cut in two. */
export class AnsiDecoder {
  #style: Style = plain;
  #held = '';

  decode(input: string): Operation[] {
    const text = this.#held + input;
    this.#held = '';
    const operations: Operation[] = [];
    let at = 0;
    while (at < text.length) {
      control.lastIndex = at;
      const found = control.exec(text);
      const end = found ? found.index : text.length;
      if (end > at)
        operations.push({ kind: 'text', text: text.slice(at, end), style: this.#style });
      if (!found) break;
      at = end + 1;
      if (found[0] === '\n') operations.push({ kind: 'newline' });
      else if (found[0] === '\r') at = this.#carriageReturn(text, at, operations);
      else if (found[0] === escape) {
        const rest = text.slice(end, end + limits.escapeChars);
        const whole = sequence.exec(rest);
        if (whole) {
          at = end + whole[0].length;
          this.#obey(whole[1], whole[2], operations);
        } else if (unfinished.test(rest) && text.length - end < limits.escapeChars) {
          this.#held = text.slice(end);
          break;
        }
      }
    }
    return operations;
  }

  #carriageReturn(text: string, at: number, operations: Operation[]): number {
    if (text[at] === '\n') {
      operations.push({ kind: 'newline' });
      return at + 1;
    }
    if (at === text.length) this.#held = '\r';
    else operations.push({ kind: 'return' });
    return at;
  }

  #obey(parameters: string | undefined, final: string | undefined, operations: Operation[]): void {
    if (final === 'm' && parameters !== undefined && /^[0-9;:]*$/.test(parameters)) {
      this.#style = applySgr(this.#style, parameters.split(/[;:]/).map(Number));
    } else if (final === 'K') operations.push({ kind: 'erase-line' });
    else if (final === 'J' && (parameters === '2' || parameters === '3')) {
      operations.push({ kind: 'erase-screen' });
    }
  }
}
