// The terminals on the module's three serial ports: what the script wrote, what was sent to it, as text or hex.

import { css, html, LitElement, nothing, type PropertyValues } from 'lit';

import { icon } from '../icons.ts';
import { readable, toHex } from '../module/bytes.ts';
import {
  uartPorts,
  type ModuleDesk,
  type UartPiece,
  type UartPort,
} from '../module/module-desk.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import type { ModuleState } from '../../protocol.ts';
import { bench } from './bench-styles.ts';
import './moonwire-bytes.ts';
import { wallTime } from './moonwire-module-log.ts';
import './moonwire-rows.ts';
import { shared } from './shared-styles.ts';

export class MoonwireUart extends LitElement {
  static override properties = {
    words: { attribute: false },
    desk: { attribute: false },
    state: { attribute: false },
    version: { attribute: false },
    port: { state: true },
    isHex: { state: true },
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
        max-height: 40%;
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
  declare desk: ModuleDesk;
  declare state: ModuleState;
  /** Changes whenever a terminal has something new. */
  declare version: string;
  declare port: UartPort;
  declare isHex: boolean;
  declare chosen: number | null;
  #wasOpen = new Set<number>();

  constructor() {
    super();
    this.port = 1;
    this.isHex = false;
    this.chosen = null;
  }

  // The port that a script has just opened is the one to look at, unless somebody uses the present one.
  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('state')) return;
    const open = new Set(this.state.uarts.filter((uart) => uart.open).map((uart) => uart.port));
    const fresh = uartPorts.find((port) => open.has(port) && !this.#wasOpen.has(port));
    if (fresh && !open.has(this.port)) this.port = fresh;
    this.#wasOpen = open;
  }

  override render() {
    const { words, port } = this;
    const terminal = this.desk.terminals[port];
    const uart = this.state.uarts.find((one) => one.port === port && one.open);
    const picked = terminal.entries.find((entry) => entry.serial === this.chosen);
    const shown = (bytes: Uint8Array): string => (this.isHex ? toHex(bytes) : readable(bytes));
    return html`
      <div class="bar">
        <div class="segments" role="group" aria-label="UART">
          ${uartPorts.map(
            (one) =>
              html`<button
                type="button"
                data-port=${one}
                aria-pressed=${port === one}
                @click=${() => {
                  this.port = one;
                  this.chosen = null;
                }}
              >
                ${words.uart(one)}
              </button>`,
          )}
        </div>
        <span class="quiet-text">${uart ? words.uartOpen(uart.baud) : words.uartClosed}</span>
        <span class="spring"></span>
        <div class="segments" role="group" aria-label=${words.uartLabel(port)}>
          ${[false, true].map(
            (isHex) =>
              html`<button
                type="button"
                aria-pressed=${this.isHex === isHex}
                @click=${() => (this.isHex = isHex)}
              >
                ${isHex ? words.asHex : words.asText}
              </button>`,
          )}
        </div>
        <button
          class="icon-button small"
          type="button"
          aria-label=${words.clear}
          title=${words.clear}
          @click=${() => {
            terminal.clear();
            this.requestUpdate();
          }}
        >
          ${icon('bin')}
        </button>
      </div>
      <moonwire-rows
        .label=${words.uartLabel(port)}
        .entries=${[...terminal.entries]}
        .chosen=${this.chosen}
        .draw=${(piece: UartPiece) =>
          html`<span class="time">${wallTime(piece.time)}</span
            ><span class=${piece.direction === 'in' ? 'out' : 'in'}
              ><span aria-hidden="true">${piece.direction === 'in' ? '→' : '←'}</span
              ><span class="reader-only"
                >${piece.direction === 'in' ? words.uartIn : words.uartOut}</span
              ></span
            ><span class="wide">${shown(piece.bytes)}</span
            ><span class="size quiet">${piece.bytes.length}</span>`}
        @pick=${(event: CustomEvent<number | null>) => (this.chosen = event.detail)}
      ></moonwire-rows>
      ${picked ? html`<p class="whole">${shown(picked.bytes)}</p>` : nothing}
      ${terminal.lost > 0 ? html`<p class="bar foot">${words.lostBefore(terminal.lost)}</p>` : nothing}
      <div class="bar foot">
        <moonwire-bytes
          .words=${words}
          .label=${words.toSend}
          .ending=${'crlf'}
          .disabled=${this.state.power === 'off'}
          @bytes=${(event: CustomEvent<Uint8Array>) => this.desk.sendUart(port, event.detail)}
        ></moonwire-bytes>
      </div>
    `;
  }
}

customElements.define('moonwire-uart', MoonwireUart);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-uart': MoonwireUart;
  }
}
