// The module as it lies on a bench: a drawn board with its can, antenna, SIM slot, keys and lamps, and the keys to press.
// What is drawn is an SVG; what can be pressed are buttons over it.

import { css, html, LitElement, nothing, svg, type PropertyValues } from 'lit';

import { spans } from '../limits.ts';
import type { LampPattern } from '../module/lamp.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import type { ModuleAction, ModulePin, ModuleState } from '../../protocol.ts';
import { shared } from './shared-styles.ts';

const shownPins = 9;

/** What a lamp shows now, and the pattern it blinks in. */
export interface Lamp {
  readonly isLit: boolean;
  readonly pattern: LampPattern;
}

/** Sends `act` with a ModuleAction, and `power-on`. */
export class MoonwireBoard extends LitElement {
  static override properties = {
    words: { attribute: false },
    state: { attribute: false },
    netLamp: { attribute: false },
    lteLamp: { attribute: false },
    isHeld: { state: true },
  };
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      .board {
        position: relative;
        aspect-ratio: 560 / 336;
        --mask: #15523f;
        --mask-2: #0f4535;
        --silk: #d8efe4;
        --copper: #2b7a60;
        --can: #bfc5cc;
        --can-2: #e2e6ea;
        --can-3: #a4abb3;
        --etch: #4a525c;
      }
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        overflow: visible;
      }
      text {
        font-family: var(--sans);
        fill: var(--silk);
        user-select: none;
      }
      .mono {
        font-family: var(--mono);
      }
      .mask {
        fill: var(--mask);
        stroke: var(--mask-2);
      }
      .trace {
        fill: none;
        stroke: var(--copper);
        stroke-width: 2.2;
        stroke-linejoin: round;
      }
      .gold {
        fill: #d8b25a;
        stroke: #a9843a;
      }
      .etched {
        fill: var(--etch);
      }
      .plastic {
        fill: #1d2126;
        stroke: #0c0f12;
      }
      .glow {
        opacity: 0;
      }
      .lit .glow {
        opacity: 1;
      }
      .lens {
        stroke: rgb(0 0 0 / 45%);
      }
      .green .lens {
        fill: #2d5a3c;
      }
      .green.lit .lens {
        fill: #7dffa4;
      }
      .blue .lens {
        fill: #2b4a70;
      }
      .blue.lit .lens {
        fill: #8fd0ff;
      }
      .red .lens {
        fill: #5d2f2c;
      }
      .red.lit .lens {
        fill: #ff8b7a;
      }
      .cap {
        fill: #2a2f36;
        stroke: #0f1215;
      }
      .cap.down {
        fill: #14171b;
      }
      .arc {
        fill: none;
        stroke: var(--line-strong);
        stroke-width: 3;
        stroke-linecap: round;
      }
      .arc.on {
        stroke: var(--good);
      }
      .arc.on.weak {
        stroke: var(--warn);
      }
      .card {
        transition: transform 0.25s ease-out;
      }
      .card.out {
        transform: translate(-6px, 46px);
      }
      .ring {
        fill: none;
        stroke: #ffd98a;
        stroke-width: 3.5;
        stroke-linecap: round;
        stroke-dasharray: 126;
        stroke-dashoffset: 126;
        opacity: 0;
      }
      .held .ring {
        opacity: 1;
        stroke-dashoffset: 0;
        transition: stroke-dashoffset ${spans.powerOnMs}ms linear;
      }
      /* The keys: nothing to see but the ring of the keyboard's focus. */
      .key {
        position: absolute;
        padding: 0;
        border: 0;
        border-radius: 10px;
        background: transparent;
        cursor: pointer;
        touch-action: none;
      }
      .key:hover {
        background: rgb(255 255 255 / 8%);
      }
      .key:focus-visible {
        outline: 3px solid #ffd98a;
        outline-offset: 1px;
      }
      .power {
        left: 32.1%;
        top: 75%;
        width: 10.4%;
        height: 21%;
      }
      .reset {
        left: 45.3%;
        top: 75%;
        width: 10.4%;
        height: 21%;
      }
      .sim {
        left: 5%;
        top: 58%;
        width: 22.5%;
        height: 36%;
      }
      .header {
        position: absolute;
        left: 75.6%;
        top: 25.5%;
        width: 21.4%;
        height: 69.5%;
        display: flex;
        flex-direction: column;
        margin: 0;
        padding: 1.4cqw 1.2cqw;
        gap: 0.5cqw;
        list-style: none;
        font: 2.25cqw/1.35 var(--mono);
        color: #dfe4ea;
      }
      .header li {
        display: flex;
        align-items: center;
        gap: 1cqw;
        height: 4.2cqw;
      }
      .pad {
        flex: none;
        width: 2.4cqw;
        height: 2.4cqw;
        border-radius: 0.5cqw;
        background: #57451d;
        box-shadow: inset 0 0 0 0.3cqw #a9843a;
      }
      .pad.high {
        background: #ffd560;
        box-shadow:
          inset 0 0 0 0.3cqw #d8b25a,
          0 0 1.6cqw #ffcf55;
      }
      .header .name {
        flex: 1;
        overflow: hidden;
        white-space: nowrap;
      }
      .header .out {
        color: #98a2ad;
        font-size: 1.9cqw;
      }
      .switch {
        flex: none;
        position: relative;
        width: 5cqw;
        height: 3.4cqw;
        padding: 0;
        border: 0.25cqw solid #6b7684;
        border-radius: 2cqw;
        background: #10141a;
        cursor: pointer;
      }
      .switch::after {
        content: '';
        position: absolute;
        left: 0.35cqw;
        top: 0.3cqw;
        width: 2.2cqw;
        height: 2.2cqw;
        border-radius: 50%;
        background: #98a2ad;
      }
      .switch[aria-checked='true'] {
        background: #6b5416;
        border-color: #ffd560;
      }
      .switch[aria-checked='true']::after {
        left: 2cqw;
        background: #ffd560;
      }
      .switch:focus-visible {
        outline-color: #ffd98a;
      }
      .more {
        color: #98a2ad;
        font: 2cqw/1.2 var(--sans);
      }
    `,
  ];

  declare words: ModuleStrings;
  declare state: ModuleState;
  declare netLamp: Lamp;
  declare lteLamp: Lamp;
  declare isHeld: boolean;
  #holding: ReturnType<typeof setTimeout> | null = null;
  // Whether the key went down at a module that is on, which then wants to hear of it coming up.
  #toldDown = false;

  constructor() {
    super();
    this.isHeld = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release();
  }

  override updated(changed: PropertyValues<this>): void {
    // Switched off while held (a long press): the finger is still there, the module is not.
    if (changed.has('state') && this.state.power === 'off') this.#toldDown = false;
  }

  override render() {
    const { words, state } = this;
    const isOn = state.power === 'on';
    return html`<div class="board" role="group" aria-label=${words.bench}>
      ${this.#drawing()}
      <button
        class="key sim"
        type="button"
        data-key="sim"
        aria-label=${state.sim === 'absent' ? words.simInsert : words.simPull}
        title=${state.sim === 'absent' ? words.simInsert : words.simPull}
        @click=${() => this.#act({ do: 'sim', sim: state.sim === 'absent' ? 'ready' : 'absent' })}
      ></button>
      <button
        class="key power"
        type="button"
        data-key="power"
        aria-label=${isOn ? words.powerKeyOn : words.powerKeyOff}
        aria-pressed=${this.isHeld}
        title=${words.powerKeyHint}
        @pointerdown=${this.#handlePointer}
        @pointerup=${() => this.#release()}
        @pointercancel=${() => this.#release()}
        @lostpointercapture=${() => this.#release()}
        @keydown=${this.#handleKeyDown}
        @keyup=${this.#handleKeyUp}
        @blur=${() => this.#release()}
        @click=${this.#handleClick}
        @contextmenu=${(event: Event) => event.preventDefault()}
      ></button>
      <button
        class="key reset"
        type="button"
        data-key="reset"
        aria-label=${words.reset}
        title=${words.resetHint}
        ?disabled=${!isOn}
        @click=${() => this.#act({ do: 'reset' })}
      ></button>
      ${this.#header()}
    </div>`;
  }

  #drawing() {
    const { state, words } = this;
    const isOn = state.power === 'on';
    const isLte = state.profile === 'air724u';
    return html`<svg viewBox="0 0 560 336" aria-hidden="true">
      <defs>
        <linearGradient id="metal" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stop-color="var(--can-2)" />
          <stop offset="0.5" stop-color="var(--can)" />
          <stop offset="1" stop-color="var(--can-3)" />
        </linearGradient>
        ${['7dffa4', '8fd0ff', 'ff8b7a'].map(
          (colour, at) =>
            svg`<radialGradient id="glow-${at}"><stop offset="0" stop-color="#${colour}" stop-opacity="0.95"/><stop offset="1" stop-color="#${colour}" stop-opacity="0"/></radialGradient>`,
        )}
      </defs>
      <rect class="mask" x="10" y="44" width="540" height="286" rx="16" stroke-width="2" />
      ${[28, 532].map((x) =>
        [62, 312].map(
          (y) =>
            svg`<circle cx=${x} cy=${y} r="9" class="gold" /><circle cx=${x} cy=${y} r="5" fill="var(--page)" />`,
        ),
      )}
      <path
        class="trace"
        d="M130 120h20l16 16h14M130 136h14l16 16h20M150 290h20l10-10v-36M239 258v-16M312 258l-12-16M360 268v-30M412 268v-50l-16-16M392 110h20l12-12M392 140h32M392 160h32M392 180h32M392 200h32M100 200v-30l26-22h54"
      />
      ${this.#antenna()} ${this.#power()} ${this.#simSlot()}
      <g>
        <rect
          x="172"
          y="86"
          width="222"
          height="152"
          rx="7"
          fill="url(#metal)"
          stroke="var(--can-3)"
          stroke-width="2"
        />
        <rect
          x="181"
          y="95"
          width="204"
          height="134"
          rx="4"
          fill="none"
          stroke="var(--can-3)"
          stroke-width="1.2"
        />
        <circle cx="194" cy="108" r="5" fill="none" stroke="var(--etch)" stroke-width="1.6" />
        <text
          x="283"
          y="146"
          text-anchor="middle"
          font-size="32"
          font-weight="700"
          class="etched"
          letter-spacing="0.5"
        >
          ${isLte ? 'Air724U' : 'Air202'}
        </text>
        <text x="283" y="167" text-anchor="middle" font-size="13" class="etched">
          ${isLte ? 'LTE Cat.1 · LuaTask' : 'GSM / GPRS · LuaTask'}
        </text>
        <text x="283" y="196" text-anchor="middle" font-size="12.5" class="etched mono">
          ${state.imei === '' ? '' : `IMEI ${state.imei}`}
        </text>
        <text x="283" y="214" text-anchor="middle" font-size="12.5" class="etched mono">
          ${state.address ?? ''}
        </text>
      </g>
      ${this.#keyDrawing(209, words.powerKey, this.isHeld)}
      ${this.#keyDrawing(283, words.reset, false)}
      ${lampDrawing(352, 'green', this.netLamp.isLit, 'NET', state.netLampPin ?? '')}
      ${isLte ? lampDrawing(396, 'blue', this.lteLamp.isLit, 'LTE', state.lteLampPin ?? '') : nothing}
      <g class="red ${isOn ? 'lit' : ''}">
        <circle class="glow" cx="160" cy="262" r="15" fill="url(#glow-2)" />
        <rect class="lens" x="154" y="258" width="12" height="8" rx="2" />
        <text x="160" y="282" text-anchor="middle" font-size="11">PWR</text>
      </g>
      <rect class="plastic" x="422" y="84" width="123" height="236" rx="6" stroke-width="1.5" />
    </svg>`;
  }

  #keyDrawing(x: number, label: string, isDown: boolean) {
    return svg`<g class=${isDown ? 'held' : ''}>
      <rect x=${x - 22} y="256" width="44" height="44" rx="5" fill="url(#metal)" stroke="var(--can-3)" />
      <circle class="cap ${isDown ? 'down' : ''}" cx=${x} cy="278" r=${isDown ? 13 : 14.5} stroke-width="1.5" />
      <circle class="ring" cx=${x} cy="278" r="20" transform="rotate(-90 ${x} 278)" />
      <text x=${x} y="315" text-anchor="middle" font-size="12">${label}</text>
    </g>`;
  }

  #antenna() {
    const { state } = this;
    const isOut = state.flyMode || state.power === 'off' || state.csq === 99;
    const bars = isOut ? 0 : Math.ceil((Math.min(31, state.csq) + 1) / 8);
    const weak = bars <= 1 ? 'weak' : '';
    return svg`<g>
      <path class="trace" d="M394 100h60l20-20v-16" />
      <rect x="462" y="40" width="24" height="20" rx="2" class="gold" stroke-width="1.5" />
      <rect x="466" y="2" width="16" height="40" rx="7" class="plastic" stroke-width="1.5" />
      ${[1, 2, 3, 4].map((bar) => {
        const radius = 6 + bar * 8;
        const [up, low] = [18 - radius * 0.7, 18 + radius * 0.7];
        const on = bar <= bars ? `on ${weak}` : '';
        return svg`<path class="arc ${on}" d="M${460 - radius * 0.7} ${up}a${radius} ${radius} 0 0 0 0 ${low - up}"/><path class="arc ${on}" d="M${488 + radius * 0.7} ${up}a${radius} ${radius} 0 0 1 0 ${low - up}"/>`;
      })}
      ${
        state.flyMode
          ? svg`<text x="446" y="76" text-anchor="end" font-size="17">✈</text>`
          : nothing
      }
    </g>`;
  }

  // The battery and the serial ports, top left.
  #power() {
    const { state } = this;
    const open = new Map(state.uarts.filter((uart) => uart.open).map((uart) => [uart.port, uart]));
    return svg`<g>
      <rect x="48" y="58" width="86" height="34" rx="4" fill="#ece8dc" stroke="#a59f8c" stroke-width="1.5" />
      <path d="M58 66h14M65 59.5v13" stroke="#b3261e" stroke-width="3" /><path d="M58 82h14" stroke="#1a1f2e" stroke-width="3" />
      <text x="102" y="80" text-anchor="middle" font-size="14" font-weight="600" class="etched">${(state.batteryMillivolts / 1000).toFixed(2)} V</text>
      ${[1, 2, 3].map((port, at) => {
        const uart = open.get(port);
        return svg`<g transform="translate(30 ${108 + at * 26})">
          <rect class="plastic" width="100" height="21" rx="3" />
          <circle cx="11" cy="10.5" r="4" fill=${uart ? '#7dffa4' : '#3a4450'} />
          <text x="20" y="14.5" font-size="11" class="mono">UART${port}</text>
          <text x="96" y="14.5" text-anchor="end" font-size="10" class="mono">${uart ? uart.baud : ''}</text>
        </g>`;
      })}
    </g>`;
  }

  #simSlot() {
    const { state } = this;
    return svg`<g>
      <g class="card ${state.sim === 'absent' ? 'out' : ''}">
        <path d="M42 208h76l18 18v80a5 5 0 0 1-5 5H47a5 5 0 0 1-5-5z" fill="#f4f1e8" stroke="#b8b2a0" stroke-width="1.5" />
        <rect x="66" y="222" width="44" height="36" rx="6" class="gold" />
        <path d="M66 234h14M66 246h14M96 234h14M96 246h14M80 222v36M96 222v36" stroke="#a9843a" stroke-width="1.5" />
        <text x="88" y="298" text-anchor="middle" font-size="16" font-weight="700" class="etched">${state.sim === 'ready' || state.sim === 'absent' ? 'SIM' : state.sim === 'pin' ? 'PIN?' : 'PUK'}</text>
      </g>
      <path d="M32 196h112a4 4 0 0 1 4 4v64h-14v-14h-92v14H28v-64a4 4 0 0 1 4-4z" fill="url(#metal)" stroke="var(--can-3)" stroke-width="1.5" opacity="0.94" />
    </g>`;
  }

  #header() {
    const { state, words } = this;
    const shown = state.pins.slice(0, shownPins);
    const rest = state.pins.length - shown.length;
    return html`<ul class="header" aria-label=${words.pinsLabel}>
      ${shown.map((pin) => this.#pin(pin))}
      ${rest > 0 ? html`<li class="more">${words.morePins(rest)}</li>` : nothing}
    </ul>`;
  }

  #pin(pin: ModulePin) {
    const { words } = this;
    const level = pin.level === 1 ? words.pinHigh : words.pinLow;
    const label = words.pinLabel(pin.name, words.directions[pin.direction], level);
    return html`<li title=${label}>
      <span class="pad ${pin.level === 1 ? 'high' : ''}"></span>
      <span class="name" aria-hidden="true">${pin.name}</span>
      ${
        pin.direction === 'out'
          ? html`<span class="out" aria-hidden="true">out</span
              ><span class="reader-only">${pin.name}, ${words.directions.out}</span>`
          : html`<button
              class="switch"
              type="button"
              role="switch"
              data-pin=${pin.name}
              aria-checked=${pin.level === 1}
              aria-label=${words.drive(pin.name)}
              @click=${() => this.#act({ do: 'pin', pin: pin.name, level: pin.level === 1 ? 0 : 1 })}
            ></button>`
      }
    </li>`;
  }

  #handlePointer(event: PointerEvent): void {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#press();
  }

  #handleKeyDown(event: KeyboardEvent): void {
    if ((event.key !== 'Enter' && event.key !== ' ') || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!event.repeat) this.#press();
  }

  #handleKeyUp(event: KeyboardEvent): void {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault(); // else a space ends in a click
    this.#release();
  }

  // A click that no pointer and no key made: a screen reader's. It cannot hold, so it does what one means.
  #handleClick(event: PointerEvent): void {
    if (event.detail !== 0 || this.isHeld) return;
    if (this.state.power === 'off') this.dispatchEvent(new CustomEvent('power-on'));
    else {
      this.#act({ do: 'power-key', down: true });
      this.#act({ do: 'power-key', down: false });
    }
  }

  #press(): void {
    if (this.isHeld) return;
    this.isHeld = true;
    if (this.state.power === 'on') {
      this.#toldDown = true;
      this.#act({ do: 'power-key', down: true });
      return;
    }
    this.#holding = setTimeout(() => {
      this.#holding = null;
      this.dispatchEvent(new CustomEvent('power-on'));
    }, spans.powerOnMs);
  }

  #release(): void {
    if (this.#holding !== null) clearTimeout(this.#holding);
    this.#holding = null;
    if (this.#toldDown) this.#act({ do: 'power-key', down: false });
    this.#toldDown = false;
    if (this.isHeld) this.isHeld = false;
  }

  #act(action: ModuleAction): void {
    this.dispatchEvent(new CustomEvent('act', { detail: action }));
  }
}

function lampDrawing(
  x: number,
  colour: 'green' | 'blue',
  isLit: boolean,
  label: string,
  pin: string,
) {
  return svg`<g class="${colour} ${isLit ? 'lit' : ''}" data-lamp=${label} data-lit=${isLit}>
    <circle class="glow" cx=${x} cy="274" r="28" fill="url(#glow-${colour === 'green' ? 0 : 1})" />
    <circle class="lens" cx=${x} cy="274" r="10" stroke-width="1.5" />
    <circle cx=${x - 3} cy="271" r="2.5" fill="#fff" opacity=${isLit ? 0.9 : 0.3} />
    <text x=${x} y="301" text-anchor="middle" font-size="12.5" font-weight="650">${label}</text>
    <text x=${x} y="315" text-anchor="middle" font-size="11" class="mono">${pin}</text>
  </g>`;
}

customElements.define('moonwire-board', MoonwireBoard);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-board': MoonwireBoard;
  }
}
