// The wire: what crossed the network, line by line, with its bytes. Watches only while it is asked to.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import { limits } from '../limits.ts';
import type { Numbered } from '../module/bounded-list.ts';
import { readable } from '../module/bytes.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import { passesWire, type WireEntry, type WireFilter, type WireLog } from '../wire-log.ts';
import type { WireRecord } from '../../protocol.ts';
import { bench } from './bench-styles.ts';
import { hexView } from './hex-view.ts';
import { machineTime } from './moonwire-at.ts';
import './moonwire-rows.ts';
import { shared } from './shared-styles.ts';

const kinds = ['connect', 'accept', 'data', 'fin', 'rst', 'datagram', 'resolve'] as const;
const lineBytes = 120; // of a record's bytes, what its line shows

/** Sends (composed) `place` and `copy-text`. */
export class MoonwireWire extends LitElement {
  static override properties = {
    words: { attribute: false },
    wire: { attribute: false },
    nameOf: { attribute: false },
    paths: { attribute: false },
    filter: { state: true },
    chosen: { state: true },
    ticks: { state: true },
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
        flex: 1 1 140px;
        min-height: 90px;
      }
      .detail {
        display: flex;
        flex-direction: column;
        flex: 0 1 auto;
        max-height: 45%;
        min-height: 0;
        padding-bottom: 6px;
        border-top: 1px solid var(--line);
      }
      .detail p {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 12px;
        margin: 0;
        padding: 6px 12px 0;
        font-size: 12.5px;
        color: var(--text-2);
      }
      .place {
        padding: 0;
        border: 0;
        background: none;
        font: 12.5px var(--mono);
        color: var(--accent);
        text-decoration: underline;
        cursor: pointer;
      }
    `,
  ];

  declare words: ModuleStrings;
  declare wire: WireLog;
  /** What to call a process. */
  declare nameOf: (pid: number) => string | null;
  declare paths: ReadonlySet<string>;
  declare filter: WireFilter;
  declare chosen: number | null;
  declare ticks: number;
  #release: (() => void) | null = null;
  #frame: number | null = null;

  constructor() {
    super();
    this.filter = { kind: null, search: '' };
    this.chosen = null;
    this.ticks = 0;
    this.paths = new Set();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#subscribe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release?.();
    this.#release = null;
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }

  override firstUpdated(): void {
    this.#subscribe();
  }

  #subscribe(): void {
    this.#release?.();
    // However much crosses, the list is drawn once a frame.
    this.#release = this.wire.onChange(() => {
      this.#frame ??= requestAnimationFrame(() => {
        this.#frame = null;
        this.ticks++;
      });
    });
  }

  #name(entry: WireEntry): string {
    return this.nameOf(entry.pid) ?? this.words.wireProcess(entry.pid);
  }

  override render() {
    const { words, wire, filter } = this;
    const isAll = filter.kind === null && filter.search === '';
    const shown = isAll
      ? [...wire.entries]
      : wire.entries.filter((entry) => passesWire(filter, entry, this.#name(entry)));
    const picked = wire.entries.find((entry) => entry.serial === this.chosen);
    return html`
      <div class="bar">
        <button
          class="button small ${wire.isOn ? '' : 'primary'}"
          type="button"
          data-action="watch-wire"
          aria-pressed=${wire.isOn}
          title=${words.wireHint}
          @click=${() => wire.watch(!wire.isOn)}
        >
          ${icon(wire.isOn ? 'stop' : 'eye')}${wire.isOn ? words.wireOff : words.wireOn}
        </button>
        <select
          aria-label=${words.wireKind}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            this.filter = { ...filter, kind: value === '' ? null : (value as WireRecord['kind']) };
          }}
        >
          <option value="">${words.wireAllKinds}</option>
          ${kinds.map((kind) => html`<option value=${kind}>${words.wireKinds[kind]}</option>`)}
        </select>
        <input
          class="small-field grow"
          type="search"
          aria-label=${words.wireSearch}
          placeholder=${words.search}
          title=${words.wireSearch}
          @input=${(event: Event) =>
            (this.filter = { ...filter, search: (event.target as HTMLInputElement).value })}
        />
        <span class="quiet-text">${wire.lost > 0 ? words.lostBefore(wire.lost) : nothing}</span>
        <button
          class="icon-button small"
          type="button"
          aria-label=${words.clear}
          title=${words.clear}
          @click=${() => {
            wire.clear();
            this.ticks++;
          }}
        >
          ${icon('bin')}
        </button>
      </div>
      ${
        wire.entries.length === 0
          ? html`<p class="empty">${wire.isOn ? words.wireEmpty : words.wireHint}</p>`
          : html`<moonwire-rows
              .label=${words.wireLabel}
              .entries=${shown}
              .chosen=${this.chosen}
              .draw=${(entry: WireEntry & Numbered) => this.#row(entry)}
              @pick=${(event: CustomEvent<number | null>) => (this.chosen = event.detail)}
            ></moonwire-rows>`
      }
      ${picked ? this.#detail(picked) : nothing}
    `;
  }

  #row(entry: WireEntry) {
    const { words } = this;
    const isBad = entry.kind === 'rst';
    return html`<span class="time">${machineTime(entry.timeMs)}</span
      ><span class="kind ${isBad ? 'bad' : 'quiet'}">${words.wireKinds[entry.kind]}</span
      ><span class="who">${this.#name(entry)}</span
      ><span class="address spare" title=${entry.from}>${entry.from}</span
      ><span class="quiet spare" aria-hidden="true">→</span
      ><span class="address ${entry.size > 0 ? 'said' : ''}" title=${entry.to}>${entry.to}</span
      ><span class="size">${entry.size > 0 ? entry.size : ''}</span
      ><span class="wide quiet">${readable(entry.bytes.subarray(0, lineBytes))}</span>`;
  }

  #detail(entry: WireEntry) {
    const { words } = this;
    const place = `${entry.file}:${String(entry.line)}`;
    const path = entry.file.replace(/^\/?project\//, '');
    const shown = Math.min(entry.bytes.length, limits.hexBytes);
    return html`<div class="detail">
      <p>
        <b>${words.wireKinds[entry.kind]}</b><span>${this.#name(entry)}</span>
        ${
          entry.file === ''
            ? nothing
            : this.paths.has(path)
              ? html`<button
                  class="place"
                  type="button"
                  @click=${() =>
                    this.dispatchEvent(
                      new CustomEvent('place', {
                        detail: { path, line: entry.line },
                        bubbles: true,
                        composed: true,
                      }),
                    )}
                >
                  ${place}
                </button>`
              : html`<span class="mono">${place}</span>`
        }
        <span class="mono">${entry.from} → ${entry.to}</span>
        ${shown < entry.size ? html`<span>${words.wireCut(shown, entry.size)}</span>` : nothing}
      </p>
      ${hexView(entry.bytes, words.wireColumns.bytes)}
    </div>`;
  }
}

customElements.define('moonwire-wire', MoonwireWire);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-wire': MoonwireWire;
  }
}
