// A line in which bytes are typed, as text or as hex, and sent. Sends `bytes` with a Uint8Array.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import { limits } from '../limits.ts';
import { fromHex, fromTyped } from '../module/bytes.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import { bench } from './bench-styles.ts';
import { shared } from './shared-styles.ts';

type Ending = keyof ModuleStrings['endings'];
const endings: Readonly<Record<Ending, string>> = { none: '', lf: '\\n', crlf: '\\r\\n' };

export class MoonwireBytes extends LitElement {
  static override properties = {
    words: { attribute: false },
    label: {},
    ending: {},
    disabled: { type: Boolean },
    isHex: { state: true },
    isWrong: { state: true },
  };
  static override styles = [
    shared,
    bench,
    css`
      :host {
        display: flex;
        flex: 1 1 220px;
        flex-wrap: wrap;
        align-items: center;
        gap: 5px 6px;
        min-width: 0;
      }
    `,
  ];

  declare words: ModuleStrings;
  declare label: string;
  declare ending: Ending;
  declare disabled: boolean;
  declare isHex: boolean;
  declare isWrong: boolean;

  constructor() {
    super();
    this.label = '';
    this.ending = 'none';
    this.disabled = false;
    this.isHex = false;
    this.isWrong = false;
  }

  override render() {
    const { words } = this;
    return html`
      <div class="segments" role="group" aria-label=${this.label}>
        ${[false, true].map(
          (isHex) =>
            html`<button
              type="button"
              aria-pressed=${this.isHex === isHex}
              @click=${() => {
                this.isHex = isHex;
                this.isWrong = false;
              }}
            >
              ${isHex ? words.asHex : words.asText}
            </button>`,
        )}
      </div>
      <input
        class="small-field mono grow"
        aria-label=${this.label}
        aria-invalid=${this.isWrong}
        placeholder=${this.isHex ? '11 22 33' : words.sendHint}
        maxlength=${limits.typedChars}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        ?disabled=${this.disabled}
        @input=${() => (this.isWrong = false)}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key !== 'Enter' || event.isComposing) return;
          event.preventDefault();
          this.#send();
        }}
      />
      ${
        this.isHex
          ? nothing
          : html`<select
              aria-label=${words.ending}
              title=${words.ending}
              @change=${(event: Event) =>
                (this.ending = (event.target as HTMLSelectElement).value as Ending)}
            >
              ${(['none', 'lf', 'crlf'] as const).map(
                (ending) =>
                  html`<option value=${ending} ?selected=${this.ending === ending}>
                    ${ending === 'none' ? `${words.ending}: ${words.endings.none}` : words.endings[ending]}
                  </option>`,
              )}
            </select>`
      }
      <button
        class="button small"
        type="button"
        data-action="send"
        ?disabled=${this.disabled}
        @click=${() => this.#send()}
      >
        ${icon('enter')}${words.send}
      </button>
      ${this.isWrong ? html`<span class="wrong" role="alert">${words.hexWrong}</span>` : nothing}
    `;
  }

  #send(): void {
    const input = this.renderRoot.querySelector('input') as HTMLInputElement;
    const bytes = this.isHex ? fromHex(input.value) : fromTyped(input.value + endings[this.ending]);
    this.isWrong = bytes === null;
    if (!bytes || bytes.length === 0) return;
    input.value = '';
    input.focus();
    this.dispatchEvent(new CustomEvent('bytes', { detail: bytes }));
  }
}

customElements.define('moonwire-bytes', MoonwireBytes);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-bytes': MoonwireBytes;
  }
}
