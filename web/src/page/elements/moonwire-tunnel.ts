// The tunnel as a pill, and a dialog that says what it reaches and where else it could lead.

import { css, html, LitElement, nothing } from 'lit';

import type { Strings } from '../strings.ts';
import {
  readTypedUrl,
  shownUrl,
  shownWhy,
  type TunnelChoice,
  type TunnelOffer,
} from '../tunnel-source.ts';
import type { TunnelState } from '../../protocol.ts';
import type { MoonwireDialog } from './moonwire-dialog.ts';
import './moonwire-dialog.ts';
import { shared } from './shared-styles.ts';

/** Sends `choose` with a TunnelChoice, `try-now`. */
export class MoonwireTunnel extends LitElement {
  static override properties = {
    strings: { attribute: false },
    tunnel: { attribute: false },
    choice: { attribute: false },
    offer: { attribute: false },
    isConfined: { attribute: false },
    typed: { state: true },
    picked: { state: true },
    isWrong: { state: true },
    secondsLeft: { state: true },
  };
  static override styles = [
    shared,
    css`
      :host {
        min-width: 0;
      }
      .pill {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        max-width: 100%;
        height: 30px;
        padding: 0 12px 0 10px;
        border: 1px solid var(--line);
        border-radius: 15px;
        background: var(--surface-2);
        color: var(--text-2);
        font-size: 12.5px;
        cursor: pointer;
      }
      .pill:hover {
        border-color: var(--line-strong);
      }
      .pill span:last-child {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .lamp {
        flex: none;
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--text-3);
      }
      [data-phase='open'] {
        color: var(--good);
      }
      [data-phase='open'] .lamp {
        background: var(--good);
      }
      [data-phase='connecting'] .lamp {
        background: var(--warn);
        animation: pulse 1.1s infinite alternate;
      }
      [data-phase='waiting'] {
        color: var(--warn);
      }
      [data-phase='waiting'] .lamp {
        background: var(--warn);
      }
      [data-phase='blocked'] {
        color: var(--bad);
      }
      [data-phase='blocked'] .lamp {
        background: var(--bad);
      }
      @keyframes pulse {
        to {
          opacity: 0.35;
        }
      }
      p {
        margin: 0 0 10px;
        color: var(--text-2);
        overflow-wrap: anywhere;
      }
      ul {
        margin: 0 0 14px;
        padding-left: 18px;
        color: var(--text-2);
      }
      fieldset {
        margin: 16px 0 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0;
        margin-bottom: 6px;
        font-weight: 600;
        font-size: 13px;
      }
      label.option {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 32px;
        cursor: pointer;
      }
      input[type='radio'] {
        width: 16px;
        height: 16px;
        margin: 0;
        accent-color: var(--accent-fill);
      }
      .address {
        margin: 6px 0 0 25px;
      }
      .address .row {
        display: flex;
        gap: 8px;
      }
      .address .field {
        font: 13px var(--mono);
      }
      .address .button {
        height: 34px;
      }
      .small-print {
        margin: 5px 0 0;
        font-size: 12.5px;
        color: var(--text-3);
      }
      .problem {
        color: var(--bad);
      }
    `,
  ];

  declare strings: Strings;
  declare tunnel: TunnelState;
  declare choice: TunnelChoice;
  declare offer: TunnelOffer | null;
  /** Nothing can be chosen: the page stands inside a foreign one. */
  declare isConfined: boolean;
  declare typed: string;
  declare picked: TunnelChoice['kind'] | null;
  declare isWrong: boolean;
  declare secondsLeft: number;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor() {
    super();
    this.isConfined = false;
    this.typed = '';
    this.picked = null;
    this.isWrong = false;
    this.secondsLeft = 0;
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('tunnel')) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    if (this.tunnel.phase !== 'waiting') return;
    this.secondsLeft = Math.ceil(this.tunnel.retryInMs / 1000);
    this.#timer = setInterval(() => (this.secondsLeft = Math.max(0, this.secondsLeft - 1)), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  get #label(): string {
    const { tunnel, strings } = this;
    switch (tunnel.phase) {
      case 'off':
        return strings.tunnelOff;
      case 'connecting':
        return strings.tunnelConnecting;
      case 'open':
        return this.choice.kind === 'url' ? strings.tunnelOpenOther : strings.tunnelOpen;
      case 'waiting':
        return strings.tunnelWaiting(this.secondsLeft);
      case 'blocked':
        return strings.tunnelBlocked;
    }
  }

  override render() {
    const { strings } = this;
    return html`<button
        class="pill"
        type="button"
        data-phase=${this.tunnel.phase}
        aria-haspopup="dialog"
        title=${strings.tunnelTitle}
        @click=${() => {
          this.picked = null;
          this.isWrong = false;
          this.typed = this.choice.kind === 'url' ? this.choice.url : '';
          void this.renderRoot.querySelector<MoonwireDialog>('moonwire-dialog')?.show();
        }}
      >
        <span class="lamp"></span><span>${this.#label}</span>
      </button>
      <span class="reader-only" role="status"
        >${strings.tunnelTitle}:
        ${this.tunnel.phase === 'waiting' ? strings.tunnelWaiting(0) : this.#label}</span
      >
      <moonwire-dialog .heading=${strings.tunnelTitle} .closeLabel=${strings.close}>
        ${this.#explanation()} ${this.isConfined ? nothing : this.#choices()}
      </moonwire-dialog>`;
  }

  #explanation() {
    const { tunnel, strings } = this;
    const again = html`<button
      class="button"
      type="button"
      @click=${() => this.dispatchEvent(new CustomEvent('try-now'))}
    >
      ${strings.tryNow}
    </button>`;
    switch (tunnel.phase) {
      case 'off':
        return html`<p>${strings.tunnelOffText}</p>
          ${this.isConfined ? html`<p>${strings.tunnelConfinedText}</p>` : nothing}
          ${this.choice.kind === 'auto' && this.offer?.kind !== 'proxy' ? html`<p>${strings.tunnelNoProxyText}</p>` : nothing}`;
      case 'connecting':
        return html`<p>${strings.tunnelConnecting}</p>`;
      case 'open':
        return html`<p>${strings.tunnelOpenText(shownUrl(tunnel.url), tunnel.version)}</p>
          <ul>
            <li>${strings.tunnelReachTcp}</li>
            <li>${tunnel.sockets ? strings.tunnelReachSockets : strings.tunnelReachNoSockets}</li>
          </ul>`;
      case 'waiting':
        return html`<p>${strings.tunnelWaitingText(shownWhy(tunnel.why))}</p>
          ${again}`;
      case 'blocked':
        return html`<p>${strings.tunnelBlockedText(shownWhy(tunnel.why))}</p>
          ${again}`;
    }
  }

  #choices() {
    const { strings } = this;
    const picked = this.picked ?? this.choice.kind;
    const option = (kind: TunnelChoice['kind'], label: string) =>
      html`<label class="option">
        <input
          type="radio"
          name="way"
          .checked=${picked === kind}
          @change=${() => {
            this.picked = kind;
            if (kind !== 'url') this.#choose({ kind });
          }}
        />${label}
      </label>`;
    return html`<fieldset>
      <legend>${strings.tunnelChoice}</legend>
      ${option('auto', strings.tunnelAuto)} ${option('off', strings.tunnelStay)}
      ${option('url', strings.tunnelCustom)}
      ${
        picked === 'url'
          ? html`<div class="address">
              <div class="row">
                <input
                  class="field"
                  aria-label=${strings.tunnelAddress}
                  aria-describedby="hint"
                  placeholder="wss://"
                  autocomplete="off"
                  autocapitalize="off"
                  spellcheck="false"
                  .value=${this.typed}
                  @input=${(event: InputEvent) => {
                    this.typed = (event.target as HTMLInputElement).value;
                    this.isWrong = false;
                  }}
                  @keydown=${(event: KeyboardEvent) => {
                    if (event.key === 'Enter' && !event.isComposing) this.#useTyped();
                  }}
                />
                <button class="button primary" type="button" @click=${() => this.#useTyped()}>
                  ${strings.tunnelApply}
                </button>
              </div>
              <p
                class="small-print ${this.isWrong ? 'problem' : ''}"
                id="hint"
                role=${this.isWrong ? 'alert' : nothing}
              >
                ${this.isWrong ? strings.tunnelAddressWrong : strings.tunnelAddressHint}
              </p>
            </div>`
          : nothing
      }
    </fieldset>`;
  }

  #useTyped(): void {
    const url = readTypedUrl(this.typed);
    this.isWrong = url === null;
    if (url !== null) this.#choose({ kind: 'url', url });
  }

  #choose(choice: TunnelChoice): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: choice }));
  }
}

customElements.define('moonwire-tunnel', MoonwireTunnel);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-tunnel': MoonwireTunnel;
  }
}
