// What the bench's instruments read: lamp, registration, addresses, clocks, watchdogs. The changes that matter are told to
// screen readers, once each.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import type { LampPattern } from '../module/lamp.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import { clock, type Strings } from '../strings.ts';
import type { ModuleState } from '../../protocol.ts';
import { shared } from './shared-styles.ts';

const compactRows = 6;

export class MoonwireReadouts extends LitElement {
  static override properties = {
    words: { attribute: false },
    strings: { attribute: false },
    state: { attribute: false },
    net: { attribute: false },
    compact: { type: Boolean },
    isOpen: { state: true },
  };
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-width: 0;
        font-size: 12.5px;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(215px, 100%), 1fr));
        gap: 0 26px;
        margin: 0;
        padding: 0;
      }
      dl > div {
        display: flex;
        gap: 8px;
        min-width: 0;
      }
      dt {
        flex: none;
        color: var(--text-3);
      }
      dd {
        flex: 1;
        min-width: 0;
        margin: 0;
        overflow-wrap: anywhere;
        text-align: end;
        font: 12px/1.6 var(--mono);
        font-variant-numeric: tabular-nums;
      }
      dd.word {
        font-family: var(--sans);
      }
      .good {
        color: var(--good);
      }
      .warn {
        color: var(--warn);
      }
      .bad {
        color: var(--bad);
      }
    `,
  ];

  declare words: ModuleStrings;
  declare strings: Strings;
  declare state: ModuleState;
  declare net: LampPattern;
  /** Little room: the first ones, and the others when asked for. */
  declare compact: boolean;
  declare isOpen: boolean;

  constructor() {
    super();
    this.compact = false;
    this.isOpen = false;
  }

  override render() {
    const { words, state, strings } = this;
    const isOn = state.power === 'on';
    const or = (text: string): string => (isOn && text !== '' ? text : words.nothing);
    const meaning = words.lampMeanings[this.net.meaning];
    const times =
      this.net.onMs !== null && this.net.offMs !== null
        ? words.lampTimes(this.net.onMs, this.net.offMs)
        : '';
    const rows: [name: string, value: string, tone?: string][] = [
      [words.netLamp, or(meaning), 'word'],
      [
        words.registration,
        or(
          [words.registrations[state.registration], state.accessTechnology ?? '', state.operator]
            .filter((part) => part !== '')
            .join(' · '),
        ),
        `word ${state.registration === 'registered' ? 'good' : state.registration === 'denied' ? 'bad' : ''}`,
      ],
      [words.address, or(state.address ?? ''), state.address ? 'good' : ''],
      [words.attached, or(state.attached ? words.attachedYes : words.attachedNo), 'word'],
      ['CSQ', String(state.csq)],
      [
        words.flyMode,
        or(state.flyMode ? words.flyModes.on : words.flyModes.off),
        `word ${state.flyMode ? 'warn' : ''}`,
      ],
      [words.imei, or(state.imei)],
      [words.iccid, or(state.iccid)],
      [words.imsi, or(state.imsi)],
      [words.cell, or(state.lac === '' ? '' : `${state.lac} / ${state.cell}`)],
      [words.core, or(state.coreVersion)],
      [words.reason, or(reasonOf(state, words)), 'word'],
      [
        words.memory,
        or(`${strings.bytes(state.memoryBytes)} / ${strings.bytes(state.memoryLimitBytes)}`),
      ],
      [words.tick, or(clock(state.tickMs))],
      [words.clock, or(localTime(state.unixSeconds).slice('2026-'.length))],
      ...state.watchdog.map((dog): [string, string, string] => [
        `${words.watchdog} (${words.watchdogKinds[dog.kind]})`,
        or(words.watchdogState(dog.armed, dog.fedMsAgo, dog.resets)),
        'word',
      ]),
    ];
    const titles = new Map([
      [words.clock, or(localTime(state.unixSeconds))],
      ...(times === '' ? [] : [[words.netLamp, times] as const]),
    ]);
    const shown = this.compact && !this.isOpen ? rows.slice(0, compactRows) : rows;
    return html`<dl aria-label=${words.readouts}>
        ${shown.map(
          ([name, value, tone = '']) =>
            html`<div>
              <dt>${name}</dt>
              <dd class=${tone} title=${titles.get(name) ?? value} .textContent=${value}></dd>
            </div>`,
        )}
      </dl>
      ${
        this.compact
          ? html`<button
              class="button small quiet"
              type="button"
              aria-expanded=${this.isOpen}
              @click=${() => (this.isOpen = !this.isOpen)}
            >
              ${icon('more')}${this.isOpen ? words.fewerReadouts : words.moreReadouts}
            </button>`
          : nothing
      }
      <p class="reader-only" role="status">
        ${words.updates}:
        ${isOn ? words.powerOn : words.powerOff}${isOn ? `. ${words.netLamp}: ${meaning}. ${words.registration}: ${words.registrations[state.registration]}. ${state.flyMode ? words.flyMode : ''}` : ''}
      </p>`;
  }
}

function reasonOf(state: ModuleState, words: ModuleStrings): string {
  if (state.powerOnReason === null) return '';
  return `${String(state.powerOnReason)} · ${words.reasons[state.powerOnReason] ?? ''}`;
}

const chinaSeconds = 8 * 3600;

function localTime(unixSeconds: number): string {
  if (unixSeconds === 0) return '';
  return new Date((unixSeconds + chinaSeconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

customElements.define('moonwire-readouts', MoonwireReadouts);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-readouts': MoonwireReadouts;
  }
}
