// What one console shows: a bounded list of lines, filled a little per animation frame from a bounded queue.
// The workbench gives it its share of each frame, the element draws it; nothing here knows the DOM.

import { AnsiDecoder, plain, type Operation, type Style } from './ansi.ts';
import { limits } from './limits.ts';
import type { ExitReason } from '../protocol.ts';

/** Where a piece of a line came from. */
export type Origin = 'stdout' | 'stderr' | 'typed';

/** A piece of a line in one look. */
export interface Span {
  readonly text: string;
  readonly style: Style;
  readonly origin: Origin;
}

/** What the console itself has to say; worded by the element, so it follows the language. */
export type Note =
  | { readonly kind: 'started'; readonly time: number }
  | {
      readonly kind: 'exited';
      readonly status: number;
      readonly reason: ExitReason;
      readonly spanMs: number;
    }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'input-ended' }
  // The names of Lua 5.1 are there, because the script uses these; or they are not, and it failed for want of one.
  | { readonly kind: 'lua51-on'; readonly names: readonly string[] }
  | { readonly kind: 'lua51-missing'; readonly name: string }
  | { readonly kind: 'lost'; readonly size: number };

/** One line. `serial` never repeats in a console; `version` grows when an open line changes. */
export interface Line {
  readonly serial: number;
  readonly version: number;
  readonly spans: readonly Span[];
  readonly note: Note | null;
  readonly size: number;
}

type Pending =
  | {
      readonly kind: 'output';
      readonly origin: 'stdout' | 'stderr';
      readonly text: string;
      readonly bytes: number;
      /** Line ends in the text. */
      readonly lines: number;
    }
  | { readonly kind: 'typed'; readonly text: string }
  | { readonly kind: 'note'; readonly note: Note };

/** Bounds, in one argument so that tests can make them small. */
export interface ScrollbackLimits {
  readonly scrollbackLines: number;
  readonly scrollbackChars: number;
  readonly lineChars: number;
  readonly pendingChars: number;
}

/** What one console may take in one frame. */
export interface FrameShare {
  readonly chars: number;
  readonly lines: number;
}

/** A piece of output as the worker sent it; see `output` in protocol.ts. */
export interface Output {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly bytes: number;
  readonly dropped: number;
}

// Cuts between two UTF-16 units that are not halves of one character.
function cutAt(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1);
  return at > 1 && at < text.length && unit >= 0xd800 && unit <= 0xdbff ? at - 1 : at;
}

// Counts line ends; `limit` of them are enough. Returns how many, and the place after the last one counted.
function countLines(
  text: string,
  limit = Infinity,
): { readonly lines: number; readonly end: number } {
  let lines = 0;
  let end = 0;
  while (lines < limit) {
    const at = text.indexOf('\n', end);
    if (at < 0) break;
    lines++;
    end = at + 1;
  }
  return { lines, end };
}

// Pieces of one look become one span, so a script that writes byte by byte does not make thousands.
function joined(spans: readonly Span[], next: Span): Span[] {
  const last = spans[spans.length - 1];
  if (last === undefined || last.style !== next.style || last.origin !== next.origin)
    return [...spans, next];
  return [...spans.slice(0, -1), { ...last, text: last.text + next.text }];
}

/** The console's memory. `wake` is called when a `flush` would show something new; `onFlush` tells when one did. */
export class Scrollback {
  readonly #limits: ScrollbackLimits;
  readonly #wake: () => void;
  #decoders = { stdout: new AnsiDecoder(), stderr: new AnsiDecoder() };
  #pending: Pending[] = [];
  #pendingChars = 0;
  #pendingLines = 0;
  #lostWaiting = 0;
  #lines: Line[] = [];
  #chars = 0;
  #nextSerial = 1;
  #lineIsOpen = false;
  #returned = false;
  #lost = 0;
  #shown = 0;
  #listeners = new Set<() => void>();

  constructor(wake: () => void, bounds: ScrollbackLimits = limits) {
    this.#wake = wake;
    this.#limits = bounds;
  }

  /** The lines now kept, oldest first. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** Whether something waits for a `flush`. */
  get hasPending(): boolean {
    return this.#pending.length > 0 || this.#lostWaiting > 0;
  }

  /** Characters (or bytes, when the worker dropped them) that were never shown. */
  get lost(): number {
    return this.#lost;
  }

  onFlush(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The bytes of output dealt with since this was asked last: what the worker may send anew. */
  takeShown(): number {
    const shown = this.#shown;
    this.#shown = 0;
    return shown;
  }

  output(output: Output): void {
    if (output.text === '') this.#shown += output.bytes;
    else {
      const { stream: origin, text, bytes } = output;
      const { lines } = countLines(text);
      this.#pending.push({ kind: 'output', origin, text, bytes, lines });
      this.#pendingChars += text.length;
      this.#pendingLines += lines;
      this.#skipScrolledOut();
      this.#dropOldest();
    }
    if (output.dropped > 0) this.#lose(output.dropped);
    this.#wake();
  }

  /** A line that was typed: it goes on where the prompt stands, as a terminal echoes it. */
  typed(text: string): void {
    this.#pending.push({ kind: 'typed', text });
    this.#wake();
  }

  note(note: Note): void {
    this.#pending.push({ kind: 'note', note });
    this.#wake();
  }

  /** Forgets all, what waits too; the escape sequences begin anew. */
  clear(): void {
    this.#lines = [];
    this.#chars = 0;
    this.#lineIsOpen = false;
    this.#returned = false;
    this.#decoders = { stdout: new AnsiDecoder(), stderr: new AnsiDecoder() };
    for (const item of this.#pending) if (item.kind === 'output') this.#shown += item.bytes;
    this.#pending = [];
    this.#pendingChars = 0;
    this.#pendingLines = 0;
    this.#lostWaiting = 0;
    this.#lost = 0;
    this.#tell();
  }

  /** Takes at most one frame's share from the queue. Returns whether more waits. */
  flush(share: FrameShare): boolean {
    if (this.#lostWaiting > 0) {
      this.#push({ spans: [], note: { kind: 'lost', size: this.#lostWaiting }, size: 0 });
      this.#lostWaiting = 0;
    }
    const endSerial = this.#nextSerial + share.lines;
    let chars = share.chars;
    let taken = 0; // items, taken off the front in one go
    while (taken < this.#pending.length && chars > 0 && this.#nextSerial < endSerial) {
      const next = this.#pending[taken] as Pending;
      if (next.kind === 'output') {
        const used = this.#fitting(next.text, chars, endSerial - this.#nextSerial);
        chars -= used;
        this.#pendingChars -= used;
        for (const operation of this.#decoders[next.origin].decode(next.text.slice(0, used))) {
          this.#obey(operation, next.origin);
        }
        const { lines } = countLines(next.text.slice(0, used));
        this.#pendingLines -= lines;
        if (used < next.text.length) {
          const rest = next.text.slice(used);
          this.#pending[taken] = { ...next, text: rest, lines: next.lines - lines };
          break;
        }
        this.#shown += next.bytes;
      } else if (next.kind === 'typed') {
        this.#write({ text: next.text, style: plain, origin: 'typed' });
        this.#lineIsOpen = false;
      } else {
        this.#push({ spans: [], note: next.note, size: 0 });
      }
      taken++;
    }
    if (taken > 0) this.#pending = this.#pending.slice(taken);
    this.#trim();
    this.#tell();
    return this.hasPending;
  }

  /** All that is kept, as plain text. */
  text(): string {
    return this.#lines
      .filter((line) => line.note === null)
      .map((line) => line.spans.map((span) => span.text).join(''))
      .join('\n');
  }

  // How many characters of `text` fit this frame: by count, and by the lines they make.
  #fitting(text: string, chars: number, lines: number): number {
    const end = Math.min(text.length, chars);
    let at = -1;
    for (let count = 0; count < lines; count++) {
      at = text.indexOf('\n', at + 1);
      if (at < 0 || at >= end) return cutAt(text, end);
    }
    return at + 1;
  }

  #obey(operation: Operation, origin: 'stdout' | 'stderr'): void {
    switch (operation.kind) {
      case 'text':
        this.#write({ text: operation.text, style: operation.style, origin });
        break;
      case 'newline':
        if (!this.#lineIsOpen) this.#push({ spans: [], note: null, size: 0 });
        this.#lineIsOpen = false;
        this.#returned = false;
        break;
      case 'return':
        this.#returned = true; // what comes next overwrites the line
        break;
      case 'erase-line':
        if (this.#lineIsOpen) this.#replaceLast([]);
        break;
      case 'erase-screen':
        this.#lines = [];
        this.#chars = 0;
        this.#lineIsOpen = false;
        break;
    }
  }

  #write(span: Span): void {
    let rest = span;
    if (this.#returned) {
      this.#returned = false;
      if (this.#lineIsOpen) this.#replaceLast([]);
    }
    for (;;) {
      if (!this.#lineIsOpen) {
        this.#push({ spans: [], note: null, size: 0 });
        this.#lineIsOpen = true;
      }
      const line = this.#lines[this.#lines.length - 1] as Line;
      const room = this.#limits.lineChars - line.size;
      if (rest.text.length <= room) {
        this.#replaceLast(joined(line.spans, rest));
        return;
      }
      const cut = cutAt(rest.text, room);
      this.#replaceLast(joined(line.spans, { ...rest, text: rest.text.slice(0, cut) }));
      this.#lineIsOpen = false;
      rest = { ...rest, text: rest.text.slice(cut) };
    }
  }

  #replaceLast(spans: readonly Span[]): void {
    const line = this.#lines[this.#lines.length - 1] as Line;
    const size = spans.reduce((sum, span) => sum + span.text.length, 0);
    this.#chars += size - line.size;
    this.#lines[this.#lines.length - 1] = { ...line, version: line.version + 1, spans, size };
  }

  #push(line: Omit<Line, 'serial' | 'version'>): void {
    this.#lineIsOpen = false;
    this.#lines.push({ ...line, serial: this.#nextSerial++, version: 0 });
    this.#chars += line.size;
  }

  #trim(): void {
    let gone = Math.max(0, this.#lines.length - this.#limits.scrollbackLines);
    let chars = this.#chars;
    for (let at = 0; at < gone; at++) chars -= this.#lines[at]?.size ?? 0;
    while (chars > this.#limits.scrollbackChars && gone < this.#lines.length - 1) {
      chars -= this.#lines[gone++]?.size ?? 0;
    }
    if (gone > 0) this.#lines = this.#lines.slice(gone);
    this.#chars = chars;
  }

  // Output that more lines already follow than the console keeps would scroll out unseen: it need not be drawn. So a process
  // that printed for ever has its end on the screen soon after it came.
  #skipScrolledOut(): void {
    let excess = this.#pendingLines - this.#limits.scrollbackLines;
    if (excess <= 0) return;
    this.#cutPending((item) => {
      const { lines, end } = countLines(item.text, excess);
      excess -= lines;
      return excess > 0 ? item.text.length : end;
    });
    this.#lineIsOpen = false;
    this.#returned = false;
  }

  #dropOldest(): void {
    let excess = this.#pendingChars - this.#limits.pendingChars;
    if (excess <= 0) return;
    this.#cutPending((item) => {
      const cut = Math.min(item.text.length, excess);
      excess -= cut;
      this.#lose(cut);
      return cut;
    });
  }

  // Takes from the front of each waiting output what `share` says, until that is nothing.
  #cutPending(share: (item: Pending & { kind: 'output' }) => number): void {
    const kept: Pending[] = [];
    let isDone = false;
    for (const item of this.#pending) {
      const cut = item.kind === 'output' && !isDone ? share(item) : 0;
      if (item.kind !== 'output' || cut === 0) {
        isDone ||= item.kind === 'output';
        kept.push(item);
        continue;
      }
      const { lines } = countLines(item.text.slice(0, cut));
      this.#pendingChars -= cut;
      this.#pendingLines -= lines;
      if (cut < item.text.length) {
        kept.push({ ...item, text: item.text.slice(cut), lines: item.lines - lines });
      } else this.#shown += item.bytes;
    }
    this.#pending = kept;
  }

  #lose(size: number): void {
    this.#lost += size;
    this.#lostWaiting += size;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
