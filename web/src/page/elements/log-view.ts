// Draws a scrollback into a scrolling box: adds what is new, takes away what fell out, and stays at the end only while
// the person is there.

import { plain, type Colour, type Style } from '../ansi.ts';
import type { Line, Scrollback, Span } from '../scrollback.ts';

const atEndPixels = 12;

// Lines stand in chunks that the browser neither lays out nor paints while they are out of sight (content-visibility): a
// process that prints for ever costs the page what is seen, not what is kept.
const chunkLines = 50;
const lineRems = 1.21; // what a line that was never laid out is taken to be high, in the root's em

/** What the view needs to word and link. */
export interface LogWords {
  readonly note: (line: Line) => string;
  /** Whether a name such as `server.lua` is a file that can be shown. */
  readonly isFile: (path: string) => boolean;
  /** Gives a row looks of its own; told whenever the row is drawn. */
  readonly dress?: (row: HTMLElement, line: Line) => void;
}

const place = /([\w./-]+\.lua):(\d+)/g;

function paint(
  element: HTMLElement,
  name: 'color' | 'background-color',
  colour: Colour | null,
): void {
  if (colour === null) return;
  element.style.setProperty(name, typeof colour === 'number' ? `var(--ansi-${colour})` : colour);
}

function dress(element: HTMLElement, style: Style): void {
  if (style.bold) element.classList.add('bold');
  if (style.dim) element.classList.add('dim');
  if (style.italic) element.classList.add('italic');
  if (style.underline) element.classList.add('underline');
  if (style.strike) element.classList.add('strike');
  if (style.inverse) {
    element.classList.add('inverse');
    paint(element, 'color', style.background);
    paint(element, 'background-color', style.foreground);
  } else {
    paint(element, 'color', style.foreground);
    paint(element, 'background-color', style.background);
  }
}

export class LogView {
  readonly #box: HTMLElement;
  readonly #rows: HTMLElement;
  readonly #onPlace: (path: string, line: number) => void;
  readonly #onStick: (isAtEnd: boolean) => void;
  #words: LogWords;
  #first = 1;
  #drawn: { serial: number; version: number }[] = [];
  #isAtEnd = true;

  constructor(
    box: HTMLElement,
    rows: HTMLElement,
    words: LogWords,
    events: { onPlace: (path: string, line: number) => void; onStick: (isAtEnd: boolean) => void },
  ) {
    this.#box = box;
    this.#rows = rows;
    this.#words = words;
    this.#onPlace = events.onPlace;
    this.#onStick = events.onStick;
    box.addEventListener('scroll', () => this.#handleScroll(), { passive: true });
    // A box that changes its height, or comes into sight again, keeps showing the end. It goes with the box.
    new ResizeObserver(() => {
      if (this.#isAtEnd) this.toEnd();
    }).observe(box);
  }

  /** Draws all anew, in other words (another language). */
  reword(words: LogWords, scrollback: Scrollback): void {
    this.#words = words;
    this.#rows.replaceChildren();
    this.#drawn = [];
    this.sync(scrollback);
  }

  sync(scrollback: Scrollback): void {
    const { lines } = scrollback;
    const first = lines[0]?.serial ?? Number.POSITIVE_INFINITY;
    let gone = 0;
    while (gone < this.#drawn.length && (this.#drawn[gone]?.serial ?? 0) < first) gone++;
    if (gone === this.#drawn.length) this.#rows.replaceChildren();
    else this.#removeFirst(gone);
    this.#drawn.splice(0, gone);
    this.#first = first;
    // Only the last line drawn can have changed; whatever comes after is new.
    const last = this.#drawn[this.#drawn.length - 1];
    let from = 0;
    if (last) {
      from = last.serial - this.#first;
      const line = lines[from];
      if (line && line.version !== last.version) {
        this.#rows.lastElementChild?.lastElementChild?.replaceWith(this.#row(line));
        last.version = line.version;
      }
      from++;
    }
    for (let at = from; at < lines.length; at++) {
      const line = lines[at] as Line;
      this.#append(this.#row(line));
      this.#drawn.push({ serial: line.serial, version: line.version });
    }
    if (this.#isAtEnd) this.toEnd();
  }

  #append(row: HTMLElement): void {
    let chunk = this.#rows.lastElementChild;
    if (!chunk || chunk.childElementCount >= chunkLines) {
      const fresh = document.createElement('div');
      fresh.className = 'chunk';
      fresh.style.setProperty('contain-intrinsic-size', `auto ${chunkLines * lineRems}rem`);
      this.#rows.append(fresh);
      chunk = fresh;
    }
    chunk.append(row);
  }

  #removeFirst(count: number): void {
    let left = count;
    while (left > 0) {
      const chunk = this.#rows.firstElementChild;
      if (!chunk) return;
      if (chunk.childElementCount <= left) {
        left -= chunk.childElementCount;
        chunk.remove();
      } else {
        for (; left > 0; left--) chunk.firstElementChild?.remove();
      }
    }
  }

  toEnd(): void {
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  #handleScroll(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#box;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - atEndPixels;
    if (isAtEnd === this.#isAtEnd) return;
    this.#isAtEnd = isAtEnd;
    this.#onStick(isAtEnd);
  }

  #row(line: Line): HTMLElement {
    const row = this.#plainRow(line);
    this.#words.dress?.(row, line);
    return row;
  }

  #plainRow(line: Line): HTMLElement {
    const row = document.createElement('div');
    if (line.note) {
      row.className = `note ${line.note.kind}`;
      if (line.note.kind === 'exited') row.dataset['reason'] = line.note.reason;
      row.textContent = this.#words.note(line);
      return row;
    }
    row.className = 'line';
    for (const span of line.spans) this.#addSpan(row, span);
    return row;
  }

  #addSpan(row: HTMLElement, span: Span): void {
    if (span.origin === 'stdout' && span.style === plain) {
      this.#addText(row, span.text);
      return;
    }
    const element = document.createElement('span');
    if (span.origin !== 'stdout') element.className = span.origin;
    dress(element, span.style);
    this.#addText(element, span.text);
    row.append(element);
  }

  // `server.lua:12` becomes a button that shows the line.
  #addText(parent: HTMLElement, text: string): void {
    let at = 0;
    if (text.includes('.lua:')) {
      for (const found of text.matchAll(place)) {
        const [whole, path = '', number = ''] = found;
        if (!this.#words.isFile(path)) continue;
        parent.append(text.slice(at, found.index));
        const link = document.createElement('button');
        link.type = 'button';
        link.className = 'place';
        link.textContent = whole;
        link.addEventListener('click', () => this.#onPlace(path, Number(number)));
        parent.append(link);
        at = found.index + whole.length;
      }
    }
    parent.append(at === 0 ? text : text.slice(at));
  }
}
