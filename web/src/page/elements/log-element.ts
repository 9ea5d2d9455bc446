// What a console and the module's log have in common: a scrollback drawn into a box that scrolls, follows its end while the
// reader is there, and offers the way back when not.

import {
  css,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
} from 'lit';

import { icon } from '../icons.ts';
import type { Scrollback } from '../scrollback.ts';
import { LogView, type LogWords } from './log-view.ts';

export const logStyles = css`
  .log-area {
    position: relative;
    flex: 1;
    min-height: 0;
  }
  /* Out of the flow: however much is printed, the element keeps its height. */
  .log {
    position: absolute;
    inset: 0;
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    font: 12.5px/1.55 var(--mono);
  }
  .log:focus-visible {
    outline-offset: -2px;
  }
  .rows {
    padding: 8px 12px 10px;
  }
  .chunk {
    content-visibility: auto;
  }
  .line {
    min-height: 1.55em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    tab-size: 8;
  }
  .place {
    padding: 0;
    border: 0;
    background: none;
    font: inherit;
    color: inherit;
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 2px;
    cursor: pointer;
  }
  .note {
    margin: 2px 0;
    font: 12px/1.7 var(--sans);
    color: var(--text-3);
  }
  .note[data-reason='error'],
  .note.refused {
    color: var(--bad);
  }
  .note.lost {
    color: var(--warn);
  }
  .jump {
    position: absolute;
    right: 14px;
    bottom: 8px;
    box-shadow: var(--shadow);
  }
`;

/** Sends (composed) `place` with {path, line}. What extends it puts `logArea` into its own drawing, once. */
export abstract class LogElement extends LitElement {
  static override properties: PropertyDeclarations = {
    scrollback: { attribute: false },
    paths: { attribute: false },
    isAtEnd: { state: true },
  };

  declare scrollback: Scrollback | null;
  /** The project's files: their names in the output become links. */
  declare paths: ReadonlySet<string>;
  declare isAtEnd: boolean;
  #view: LogView | null = null;
  #release: (() => void) | null = null;

  constructor() {
    super();
    this.scrollback = null;
    this.paths = new Set();
    this.isAtEnd = true;
  }

  /** How rows are worded, linked and dressed. */
  protected abstract get logWords(): LogWords;

  /** Called when other lines than before are shown: another scrollback. */
  protected handleBegin?(): void;

  /** Called after new lines were drawn. */
  protected handleSync?(scrollback: Scrollback): void;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.#view) this.#subscribe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release?.();
    this.#release = null;
  }

  override firstUpdated(): void {
    const box = this.renderRoot.querySelector<HTMLElement>('.log');
    const rows = this.renderRoot.querySelector<HTMLElement>('.rows');
    if (!box || !rows) return;
    this.#view = new LogView(box, rows, this.logWords, {
      onPlace: (path, line) =>
        this.dispatchEvent(
          new CustomEvent('place', { detail: { path, line }, bubbles: true, composed: true }),
        ),
      onStick: (isAtEnd) => (this.isAtEnd = isAtEnd),
    });
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('scrollback')) this.#subscribe();
  }

  /** Shows the newest line, and those that follow. */
  protected toEnd(): void {
    this.#view?.toEnd();
  }

  /** Draws every row anew: in another language, through another filter. */
  protected redraw(): void {
    if (this.scrollback) this.#view?.reword(this.logWords, this.scrollback);
  }

  /** The box with its rows, and the way to its end. `live`: whether a screen reader is told what comes. */
  protected logArea(label: string, toEnd: string, look: { rows?: string; live?: 'off' } = {}) {
    return html`<div
        class="log"
        role="log"
        tabindex="0"
        aria-live=${look.live ?? nothing}
        aria-label=${label}
      >
        <div class="rows ${look.rows ?? ''}"></div>
      </div>
      ${
        this.isAtEnd
          ? nothing
          : html`<button class="button small jump" type="button" @click=${() => this.toEnd()}>
              ${icon('down')}${toEnd}
            </button>`
      }`;
  }

  #subscribe(): void {
    this.#release?.();
    this.#release = null;
    this.handleBegin?.();
    const { scrollback } = this;
    if (!scrollback) return;
    const sync = (): void => {
      this.#view?.sync(scrollback);
      this.handleSync?.(scrollback);
    };
    this.#release = scrollback.onFlush(sync);
    this.redraw();
    sync();
  }
}
