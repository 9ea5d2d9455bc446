// What a hand can turn on the bench: power, SIM, signal, network, latency, battery.

import { css, html, LitElement, nothing, type PropertyValues } from 'lit';

import { icon } from '../icons.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import type { ModuleAction, ModuleProfile, ModuleState } from '../../protocol.ts';
import { bench } from './bench-styles.ts';
import { shared } from './shared-styles.ts';

export type Latency = 'quick' | 'real' | 'slow';
/** An answer of the modem, and a round trip by radio. `real` is what the module has by itself: Timings in wasm/modem. */
const latencies: Readonly<
  Record<ModuleProfile, Readonly<Record<Latency, { atMs: number; networkMs: number }>>>
> = {
  air202: {
    quick: { atMs: 0, networkMs: 0 },
    real: { atMs: 20, networkMs: 500 },
    slow: { atMs: 100, networkMs: 3000 },
  },
  air724u: {
    quick: { atMs: 0, networkMs: 0 },
    real: { atMs: 10, networkMs: 80 },
    slow: { atMs: 100, networkMs: 1500 },
  },
};

/** Sends `act` with a ModuleAction, `power` (toggle), `bad-day` (toggle). */
export class MoonwireBenchControls extends LitElement {
  static override properties = {
    words: { attribute: false },
    state: { attribute: false },
    isNetworkThere: { attribute: false },
    isBadDay: { attribute: false },
    isStarting: { attribute: false },
    latency: { state: true },
  };
  static override styles = [
    shared,
    bench,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 8px;
        min-width: 0;
        font-size: 12.5px;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 5px 7px;
      }
      .label {
        flex: none;
        min-width: 62px;
        color: var(--text-3);
      }
      input[type='range'] {
        flex: 1 1 90px;
        min-width: 70px;
        accent-color: var(--accent);
      }
      .value {
        min-width: 92px;
        text-align: end;
        font-variant-numeric: tabular-nums;
        color: var(--text-2);
      }
      .pin {
        width: 76px;
      }
    `,
  ];

  declare words: ModuleStrings;
  declare state: ModuleState;
  declare isNetworkThere: boolean;
  declare isBadDay: boolean;
  declare isStarting: boolean;
  declare latency: Latency;

  constructor() {
    super();
    this.latency = 'real';
    this.isBadDay = false;
    this.isStarting = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('state');
    // Another module has its own times again.
    if (before && before.profile !== this.state.profile) this.latency = 'real';
  }

  override render() {
    const { words, state } = this;
    const isOn = state.power === 'on';
    return html`
      <div class="row" role="group" aria-label=${words.controls}>
        <button
          class="button small ${isOn ? '' : 'primary'}"
          type="button"
          data-action="power"
          ?disabled=${this.isStarting}
          @click=${() => this.#send('power', undefined)}
        >
          ${icon('power')}${isOn ? words.switchOff : words.switchOn}
        </button>
        <select
          aria-label=${words.profile}
          data-control="profile"
          ?disabled=${isOn}
          @change=${(event: Event) =>
            this.#act({
              do: 'profile',
              profile: (event.target as HTMLSelectElement).value as ModuleProfile,
            })}
        >
          ${(['air202', 'air724u'] as const).map(
            (profile) =>
              html`<option value=${profile} .selected=${state.profile === profile}>
                ${words.profileNames[profile]}
              </option>`,
          )}
        </select>
        <span class="spring"></span>
        <button
          class="button small quiet"
          type="button"
          data-action="bad-day"
          aria-pressed=${this.isBadDay}
          title=${words.badDayHint}
          ?disabled=${!isOn && !this.isBadDay}
          @click=${() => this.#send('bad-day', undefined)}
        >
          ${icon('storm')}${this.isBadDay ? words.badDayStop : words.badDay}
        </button>
      </div>
      ${this.#sim()}
      <label class="row"
        ><span class="label">${words.signal}</span
        ><input
          type="range"
          min="0"
          max="32"
          data-control="signal"
          aria-valuetext=${words.signalValue(state.csq)}
          .value=${String(state.csq === 99 ? 32 : state.csq)}
          @input=${(event: Event) => {
            const value = Number((event.target as HTMLInputElement).value);
            this.#act({ do: 'signal', csq: value > 31 ? 99 : value });
          }}
        /><span class="value">${words.signalValue(state.csq)}</span></label
      >
      <div class="row">
        <span class="label">${words.network}</span>
        <button
          class="button small"
          type="button"
          role="switch"
          data-control="network"
          aria-checked=${this.isNetworkThere}
          aria-label=${words.network}
          title=${this.isNetworkThere ? words.networkOff : words.networkOn}
          @click=${() => this.#act({ do: 'network', available: !this.isNetworkThere })}
        >
          ${icon(this.isNetworkThere ? 'broadcast' : 'close')}${this.isNetworkThere ? words.networkThere : words.networkGone}
        </button>
        <button
          class="button small"
          type="button"
          data-control="drop-pdp"
          title=${words.dropPdpHint}
          ?disabled=${state.address === null}
          @click=${() => this.#act({ do: 'drop-pdp' })}
        >
          ${words.dropPdp}
        </button>
        <select
          aria-label=${words.latency}
          title=${words.latency}
          data-control="latency"
          @change=${(event: Event) => {
            this.latency = (event.target as HTMLSelectElement).value as Latency;
            this.#act({ do: 'latency', ...latencies[state.profile][this.latency] });
          }}
        >
          ${(['quick', 'real', 'slow'] as const).map(
            (latency) =>
              html`<option value=${latency} .selected=${this.latency === latency}>
                ${words.latency}: ${words.latencyNames[latency]}
              </option>`,
          )}
        </select>
      </div>
      <label class="row"
        ><span class="label">${words.battery}</span
        ><input
          type="range"
          min="3000"
          max="4300"
          step="10"
          data-control="battery"
          aria-valuetext=${words.millivolts(state.batteryMillivolts)}
          .value=${String(state.batteryMillivolts)}
          @input=${(event: Event) =>
            this.#act({
              do: 'battery',
              millivolts: Number((event.target as HTMLInputElement).value),
            })}
        /><span class="value">${words.millivolts(state.batteryMillivolts)}</span></label
      >
    `;
  }

  #sim() {
    const { words, state } = this;
    const isLocked = state.sim !== 'ready' && state.sim !== 'absent';
    return html`<div class="row">
      <span class="label">${words.simCard}</span>
      <div class="segments" role="group" aria-label=${words.simCard}>
        ${(['ready', 'pin', 'absent'] as const).map(
          (sim) =>
            html`<button
              type="button"
              data-sim=${sim}
              aria-pressed=${state.sim === sim}
              @click=${() => this.#act({ do: 'sim', sim })}
            >
              ${words.simStates[sim]}
            </button>`,
        )}
      </div>
      ${
        isLocked
          ? html`<input
                class="small-field pin"
                aria-label=${words.pin}
                placeholder=${words.pin}
                inputmode="numeric"
                maxlength="8"
                autocomplete="off"
                @keydown=${(event: KeyboardEvent) => {
                  if (event.key === 'Enter') this.#enterPin();
                }}
              /><button class="button small" type="button" @click=${() => this.#enterPin()}>
                ${words.pinEnter}</button
              ><span class="quiet-text"
                >${state.sim === 'pin' ? words.pinTries(state.pinTriesLeft) : state.sim.toUpperCase()}</span
              >`
          : nothing
      }
    </div>`;
  }

  #enterPin(): void {
    const input = this.renderRoot.querySelector<HTMLInputElement>('.pin');
    if (!input || input.value === '') return;
    this.#act({ do: 'enter-pin', pin: input.value });
    input.value = '';
  }

  #act(action: ModuleAction): void {
    this.#send('act', action);
  }

  #send(kind: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

customElements.define('moonwire-bench-controls', MoonwireBenchControls);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-bench-controls': MoonwireBenchControls;
  }
}
