// The AT trace: what the script's library told the modem, and what it answered.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import { limits } from '../limits.ts';
import type { ModuleDesk } from '../module/module-desk.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import { bench } from './bench-styles.ts';
import './moonwire-rows.ts';
import { shared } from './shared-styles.ts';

export type AtEntries = ModuleDesk['at']['entries'];

/** Sends `clear`. */
export class MoonwireAt extends LitElement {
  static override properties = {
    words: { attribute: false },
    entries: { attribute: false },
    lost: { attribute: false },
    search: { state: true },
    chosen: { state: true },
  };
  static override styles = [
    shared,
    bench,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        min-width: 0;
      }
      moonwire-rows {
        flex: 1;
      }
      .whole {
        max-height: 90px;
        overflow: auto;
        margin: 0;
        padding: 7px 12px;
        border-top: 1px solid var(--line);
        font: 12px/1.5 var(--mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];

  declare words: ModuleStrings;
  declare entries: AtEntries;
  declare lost: number;
  declare search: string;
  declare chosen: number | null;

  constructor() {
    super();
    this.search = '';
    this.chosen = null;
    this.lost = 0;
    this.entries = [];
  }

  override render() {
    const { words, chosen } = this;
    const wanted = this.search.toLowerCase();
    const shown =
      wanted === ''
        ? this.entries
        : this.entries.filter((entry) => entry.text.toLowerCase().includes(wanted));
    const picked = chosen === null ? undefined : shown.find((entry) => entry.serial === chosen);
    return html`
      <div class="bar">
        <input
          class="small-field grow"
          type="search"
          aria-label="${words.search}: ${words.at}"
          placeholder=${words.search}
          @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
        />
        <span class="quiet-text"
          >${this.lost > 0 ? words.lostBefore(this.lost) : words.kept(limits.atRecords)}</span
        >
        <span class="spring"></span>
        <button
          class="icon-button small"
          type="button"
          aria-label=${words.copy}
          title=${words.copy}
          @click=${() => this.#copy()}
        >
          ${icon('copy')}
        </button>
        <button
          class="icon-button small"
          type="button"
          aria-label=${words.clear}
          title=${words.clear}
          @click=${() => this.dispatchEvent(new CustomEvent('clear'))}
        >
          ${icon('bin')}
        </button>
      </div>
      ${
        this.entries.length === 0
          ? html`<p class="empty">${words.atEmpty}</p>`
          : html`<moonwire-rows
              .label=${words.atLabel}
              .entries=${shown}
              .chosen=${chosen}
              .draw=${(entry: AtEntries[number]) => this.#row(entry)}
              @pick=${(event: CustomEvent<number | null>) => (this.chosen = event.detail)}
            ></moonwire-rows>`
      }
      ${picked ? html`<p class="whole">${picked.text}</p>` : nothing}
    `;
  }

  #row(entry: AtEntries[number]) {
    const { words } = this;
    const isOut = entry.direction === 'to-modem';
    return html`<span class="time">${machineTime(entry.timeMs)}</span
      ><span class=${isOut ? 'out' : 'in'} title=${isOut ? words.atTo : words.atFrom}
        ><span aria-hidden="true">${isOut ? '→' : '←'}</span
        ><span class="reader-only">${isOut ? words.atTo : words.atFrom}</span></span
      ><span class="wide">${entry.text}</span>`;
  }

  #copy(): void {
    const text = this.entries
      .map(
        (entry) =>
          `${machineTime(entry.timeMs)} ${entry.direction === 'to-modem' ? '->' : '<-'} ${entry.text}`,
      )
      .join('\n');
    this.dispatchEvent(
      new CustomEvent('copy-text', { detail: text, bubbles: true, composed: true }),
    );
  }
}

/** Milliseconds of the machine as `12.345`, in seconds. */
export const machineTime = (ms: number): string => (ms / 1000).toFixed(3).padStart(8);

customElements.define('moonwire-at', MoonwireAt);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-at': MoonwireAt;
  }
}
