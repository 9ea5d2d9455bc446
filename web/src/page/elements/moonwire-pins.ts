// Every pin in use with its level, the switches that drive inputs, and the analog inputs.

import { css, html, LitElement } from 'lit';

import type { ModuleStrings } from '../module/module-strings.ts';
import type { ModuleAction, ModulePin, ModuleState } from '../../protocol.ts';
import { bench } from './bench-styles.ts';
import { shared } from './shared-styles.ts';

const channels = [0, 1, 2, 3];
const pinForm = /^P[012]_([0-9]|[12][0-9]|3[01])$/;

/** Sends `act` with a ModuleAction. */
export class MoonwirePins extends LitElement {
  static override properties = {
    words: { attribute: false },
    state: { attribute: false },
    isWrong: { state: true },
  };
  static override styles = [
    shared,
    bench,
    css`
      :host {
        display: block;
        overflow: auto;
        padding: 10px 12px;
        font-size: 12.5px;
      }
      h3 {
        margin: 12px 0 6px;
        font-size: 12.5px;
        color: var(--text-2);
      }
      h3:first-child {
        margin-top: 0;
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(148px, 1fr));
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 42px;
        padding: 4px 9px;
        border: 1px solid var(--line);
        border-radius: 8px;
        background: var(--surface-2);
      }
      .lamp {
        flex: none;
        width: 13px;
        height: 13px;
        border-radius: 50%;
        background: var(--line-strong);
        box-shadow: inset 0 0 0 1.5px rgb(0 0 0 / 25%);
      }
      .lamp.high {
        background: #ffc93c;
        box-shadow:
          inset 0 0 0 1.5px #c58f00,
          0 0 8px #ffc93c;
      }
      .words {
        flex: 1;
        min-width: 0;
        line-height: 1.25;
      }
      b {
        display: block;
        font: 600 12.5px var(--mono);
      }
      small {
        color: var(--text-3);
        font-size: 11.5px;
      }
      .switch {
        flex: none;
        position: relative;
        width: 36px;
        height: 22px;
        padding: 0;
        border: 1px solid var(--line-strong);
        border-radius: 11px;
        background: var(--surface);
        cursor: pointer;
      }
      .switch::after {
        content: '';
        position: absolute;
        left: 3px;
        top: 3px;
        width: 14px;
        height: 14px;
        border-radius: 50%;
        background: var(--text-3);
        transition: left 0.1s;
      }
      .switch[aria-checked='true'] {
        background: var(--accent-fill);
        border-color: transparent;
      }
      .switch[aria-checked='true']::after {
        left: 17px;
        background: #fff;
      }
      .row {
        display: flex;
        align-items: center;
        gap: 8px;
        margin: 4px 0;
      }
      .row input[type='range'] {
        flex: 1;
        min-width: 80px;
        max-width: 340px;
        accent-color: var(--accent);
      }
      .row .name {
        width: 52px;
        color: var(--text-2);
      }
      .row .value {
        width: 70px;
        text-align: end;
        font-variant-numeric: tabular-nums;
      }
      .other {
        width: 88px;
      }
    `,
  ];

  declare words: ModuleStrings;
  declare state: ModuleState;
  declare isWrong: boolean;

  constructor() {
    super();
    this.isWrong = false;
  }

  override render() {
    const { words, state } = this;
    return html`
      <h3>${words.pinsLabel}</h3>
      ${
        state.pins.length === 0
          ? html`<p class="quiet-text">${words.pinsEmpty}</p>`
          : html`<ul>
              ${state.pins.map((pin) => this.#pin(pin))}
            </ul>`
      }
      <div class="row">
        <span>${words.driveOther}</span>
        <input
          class="small-field mono other"
          aria-label=${words.pinName}
          title=${words.pinName}
          aria-invalid=${this.isWrong}
          placeholder="P0_6"
          maxlength="6"
          @input=${() => (this.isWrong = false)}
        />
        <button class="button small" type="button" @click=${() => this.#drive(1)}>
          ${words.driveHigh}
        </button>
        <button class="button small" type="button" @click=${() => this.#drive(0)}>
          ${words.driveLow}
        </button>
      </div>
      <h3>${words.analog}</h3>
      ${channels.map((channel) => this.#adc(channel))}
    `;
  }

  #pin(pin: ModulePin) {
    const { words } = this;
    const isHigh = pin.level === 1;
    const level = isHigh ? words.pinHigh : words.pinLow;
    const roles = [
      ...(pin.name === this.state.netLampPin ? [words.netLamp] : []),
      ...(pin.name === this.state.lteLampPin ? [words.lteLamp] : []),
    ];
    const parts = [words.directions[pin.direction], level, words.pulls[pin.pull], ...roles];
    return html`<li>
      <span class="lamp ${isHigh ? 'high' : ''}"></span>
      <span class="words"
        ><b>${pin.name}</b><small>${parts.filter((part) => part !== '').join(' · ')}</small></span
      >
      ${
        pin.direction === 'out'
          ? ''
          : html`<button
              class="switch"
              type="button"
              role="switch"
              data-pin=${pin.name}
              aria-checked=${isHigh}
              aria-label=${words.drive(pin.name)}
              @click=${() => this.#act({ do: 'pin', pin: pin.name, level: isHigh ? 0 : 1 })}
            ></button>`
      }
    </li>`;
  }

  #adc(channel: number) {
    const { words } = this;
    const found = this.state.adc.find((one) => one.channel === channel);
    const value = found?.millivolts ?? 0;
    return html`<label class="row"
      ><span class="name">${words.adc(channel)}</span
      ><input
        type="range"
        min="0"
        max="4200"
        step="10"
        data-adc=${channel}
        aria-valuetext=${words.millivolts(value)}
        .value=${String(value)}
        @input=${(event: Event) =>
          this.#act({
            do: 'adc',
            channel,
            millivolts: Number((event.target as HTMLInputElement).value),
          })}
      /><span class="value">${words.millivolts(value)}</span></label
    >`;
  }

  #drive(level: 0 | 1): void {
    const input = this.renderRoot.querySelector<HTMLInputElement>('.other');
    const pin = input?.value.trim().toUpperCase() ?? '';
    this.isWrong = !pinForm.test(pin);
    if (!this.isWrong) this.#act({ do: 'pin', pin, level });
  }

  #act(action: ModuleAction): void {
    this.dispatchEvent(new CustomEvent('act', { detail: action }));
  }
}

customElements.define('moonwire-pins', MoonwirePins);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-pins': MoonwirePins;
  }
}
