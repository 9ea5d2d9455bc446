// A long list of rows of one height, of which only those in sight are in the document. Stays at the end while the person
// is there; arrow keys move a choice. Properties in, `pick` events out.

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

import type { Numbered } from '../module/bounded-list.ts';
import { shared } from './shared-styles.ts';

const rowPixels = 23;
const beyond = 6; // rows drawn above and below what is in sight
const atEndPixels = 12;

/** Draws one row: its cells are slotted into a line of one height. */
export type DrawRow = (entry: never) => TemplateResult;

/** Sends `pick` with a serial number, or null. */
export class MoonwireRows extends LitElement {
  static override properties = {
    entries: { attribute: false },
    draw: { attribute: false },
    label: {},
    chosen: { attribute: false },
    top: { state: true },
    height: { state: true },
  };
  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        display: block;
        min-height: 0;
        min-width: 0;
        container-type: inline-size;
      }
      .box {
        position: absolute;
        inset: 0;
        overflow: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        font: 12px var(--mono);
      }
      .box:focus-visible {
        outline-offset: -2px;
      }
      .whole {
        position: relative;
      }
      .window {
        position: absolute;
        inset: 0 0 auto;
      }
      .row {
        display: flex;
        align-items: center;
        gap: 10px;
        height: ${rowPixels}px;
        padding: 0 12px;
        white-space: pre;
        overflow: hidden;
        cursor: default;
      }
      .row:hover {
        background: var(--line-active);
      }
      .row[aria-selected='true'] {
        background: var(--accent-soft);
      }
      .row > * {
        flex: none;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .row > .wide {
        flex: 1 1 0;
        min-width: 60px;
      }
      .time {
        color: var(--text-3);
        font-variant-numeric: tabular-nums;
      }
      .in {
        color: var(--good);
      }
      .out {
        color: var(--accent);
      }
      .bad {
        color: var(--bad);
      }
      .quiet {
        color: var(--text-3);
      }
      .kind {
        width: 8ch;
        font-family: var(--sans);
      }
      .who {
        width: 13ch;
      }
      .address {
        width: 16ch;
      }
      .size {
        width: 6ch;
        text-align: end;
        font-variant-numeric: tabular-nums;
      }
      /* Little width: what was said counts more than where from; the whole is in the detail of a chosen row. */
      @container (max-width: 640px) {
        .row {
          gap: 8px;
        }
        .spare {
          display: none;
        }
        .who {
          width: 11ch;
        }
        .kind {
          width: 6ch;
        }
      }
      @container (max-width: 430px) {
        .said,
        .size {
          display: none;
        }
      }
      .badge {
        padding: 0 6px;
        border-radius: 5px;
        background: var(--surface-2);
        color: var(--text-2);
        font: 11px/17px var(--sans);
      }
    `,
  ];

  declare entries: readonly Numbered[];
  declare draw: DrawRow;
  declare label: string;
  declare chosen: number | null;
  declare top: number;
  declare height: number;
  #isAtEnd = true;
  #observer: ResizeObserver | null = null;

  constructor() {
    super();
    this.entries = [];
    this.label = '';
    this.chosen = null;
    this.top = 0;
    this.height = 0;
  }

  override firstUpdated(): void {
    this.#watch();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
  }

  override updated(changed: PropertyValues<this>): void {
    const whole = this.renderRoot.querySelector<HTMLElement>('.whole');
    const shownWindow = this.renderRoot.querySelector<HTMLElement>('.window');
    whole?.style.setProperty('height', `${String(this.entries.length * rowPixels)}px`);
    shownWindow?.style.setProperty('transform', `translateY(${String(this.#first * rowPixels)}px)`);
    if ((changed.has('entries') || changed.has('height')) && this.#isAtEnd) this.#toEnd();
  }

  get #box(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.box');
  }

  get #first(): number {
    return Math.max(0, Math.floor(this.top / rowPixels) - beyond);
  }

  override render() {
    const { entries } = this;
    const count = Math.ceil(this.height / rowPixels) + 2 * beyond;
    const first = Math.min(this.#first, Math.max(0, entries.length - count));
    const shown = entries.slice(first, first + count);
    const hasChosen = shown.some((entry) => entry.serial === this.chosen);
    return html`<div
      class="box"
      role="listbox"
      tabindex="0"
      aria-label=${this.label}
      aria-activedescendant=${hasChosen ? `row-${String(this.chosen)}` : nothing}
      @scroll=${this.#handleScroll}
      @keydown=${this.#handleKey}
    >
      <div class="whole">
        <div class="window">
          ${repeat(
            shown,
            (entry) => entry.serial,
            (entry, at) =>
              html`<div
                class="row"
                id="row-${entry.serial}"
                role="option"
                aria-selected=${entry.serial === this.chosen}
                aria-setsize=${entries.length}
                aria-posinset=${first + at + 1}
                @click=${() => this.#pick(entry.serial === this.chosen ? null : entry.serial)}
              >
                ${this.draw(entry as never)}
              </div>`,
          )}
        </div>
      </div>
    </div>`;
  }

  #watch(): void {
    const box = this.#box;
    if (!box) return;
    this.#observer?.disconnect();
    this.#observer = new ResizeObserver(() => (this.height = box.clientHeight));
    this.#observer.observe(box);
  }

  #handleScroll(): void {
    const box = this.#box;
    if (!box) return;
    this.top = box.scrollTop;
    this.#isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - atEndPixels;
  }

  #toEnd(): void {
    const box = this.#box;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    this.top = box.scrollTop;
  }

  #handleKey(event: KeyboardEvent): void {
    const { entries } = this;
    const page = Math.max(1, Math.floor(this.height / rowPixels) - 1);
    const at = entries.findIndex((entry) => entry.serial === this.chosen);
    const from = at < 0 ? entries.length : at;
    const target: Readonly<Record<string, number>> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: entries.length - 1,
    };
    const wanted = target[event.key];
    if (event.key === 'Escape' && this.chosen !== null) {
      event.preventDefault();
      this.#pick(null);
      return;
    }
    if (wanted === undefined || entries.length === 0) return;
    event.preventDefault();
    const next = Math.min(entries.length - 1, Math.max(0, wanted));
    this.#show(next);
    this.#pick(entries[next]?.serial ?? null);
  }

  #show(at: number): void {
    const box = this.#box;
    if (!box) return;
    const above = at * rowPixels;
    if (above < box.scrollTop) box.scrollTop = above;
    else if (above + rowPixels > box.scrollTop + box.clientHeight)
      box.scrollTop = above + rowPixels - box.clientHeight;
    this.#handleScroll();
  }

  #pick(serial: number | null): void {
    this.dispatchEvent(new CustomEvent('pick', { detail: serial }));
  }
}

customElements.define('moonwire-rows', MoonwireRows);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-rows': MoonwireRows;
  }
}
