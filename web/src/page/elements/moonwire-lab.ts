// The TCP/UDP lab: a test server beside the module, its clients, what they sent, and what to answer.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import { limits } from '../limits.ts';
import { readable, toHex } from '../module/bytes.ts';
import type { Lab, LabClient, LabKind, LabPlace, ShownLabRecord } from '../module/lab.ts';
import { isSound, type LabRule, type RuleAnswer, type RuleMatch } from '../module/lab-rules.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import type { Strings } from '../strings.ts';
import type { Listener } from '../../protocol.ts';
import { bench } from './bench-styles.ts';
import { hexView } from './hex-view.ts';
import './moonwire-bytes.ts';
import { wallTime } from './moonwire-module-log.ts';
import './moonwire-rows.ts';
import { shared } from './shared-styles.ts';

const matchKinds = ['any', 'begins', 'equals', 'contains'] as const;
const answerKinds = ['echo', 'text', 'hex', 'time', 'close', 'reset'] as const;
const labHost = '127.0.0.1';

/** What `put-address` carries. */
export interface TestAddress {
  readonly host: string;
  readonly port: number;
}

/** Sends `put-address` with a TestAddress, `tell` with a text and (composed) `copy-text`. */
export class MoonwireLab extends LitElement {
  static override properties = {
    words: { attribute: false },
    strings: { attribute: false },
    lab: { attribute: false },
    listeners: { attribute: false },
    hasTunnel: { attribute: false },
    version: { attribute: false },
    protocol: { state: true },
    place: { state: true },
    port: { state: true },
    to: { state: true },
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
      .port {
        width: 68px;
      }
      .address {
        font: 600 13px var(--mono);
        color: var(--good);
        user-select: all;
      }
      .clients {
        max-height: 112px;
        margin: 0;
        padding: 2px 0;
        overflow: auto;
        list-style: none;
        border-bottom: 1px solid var(--line);
      }
      .clients li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 9px;
        padding: 1px 6px 1px 12px;
        font-size: 12.5px;
      }
      .peer {
        font-family: var(--mono);
      }
      moonwire-rows {
        flex: 1 1 110px;
        min-height: 92px;
      }
      .hex {
        max-height: 40%;
        border-top: 1px solid var(--line);
      }
      details {
        border-top: 1px solid var(--line);
        font-size: 12.5px;
        max-height: 45%;
        overflow: auto;
      }
      summary {
        padding: 5px 12px;
        font-weight: 600;
        color: var(--text-2);
        cursor: pointer;
      }
      .rule {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 6px;
        padding: 3px 10px 3px 12px;
      }
      .rule .small-field {
        flex: 1 1 70px;
        max-width: 150px;
      }
      .failed {
        color: var(--bad);
      }
      .empty {
        min-height: 60px;
      }
    `,
  ];

  declare words: ModuleStrings;
  declare strings: Strings;
  declare lab: Lab;
  declare listeners: readonly Listener[];
  declare hasTunnel: boolean;
  /** Changes whenever the lab has something new. */
  declare version: number;
  declare protocol: LabKind;
  declare place: LabPlace;
  declare port: number;
  declare to: number | null;
  declare isHex: boolean;
  declare chosen: number | null;

  constructor() {
    super();
    this.protocol = 'tcp';
    this.place = 'tab';
    this.port = 0;
    this.to = null;
    this.isHex = false;
    this.chosen = null;
  }

  override render() {
    const { lab, words } = this;
    const picked = lab.records.entries.find((record) => record.serial === this.chosen);
    return html`
      ${this.#server()} ${lab.phase.kind === 'open' ? this.#clients() : nothing} ${this.#data()}
      ${picked && 'bytes' in picked ? hexView(picked.bytes, words.labData) : nothing}
      ${this.#rules()} ${lab.phase.kind === 'open' ? this.#sender() : nothing}
    `;
  }

  #server() {
    const { words, lab } = this;
    const { phase } = lab;
    const isOpen = phase.kind === 'open' || phase.kind === 'opening';
    if (phase.kind === 'open') {
      const address = `${labHost}:${String(phase.port)}`;
      const real = this.listeners.find((one) => one.pid === lab.pid && one.published !== null);
      return html`<div class="bar">
        <span class="kind">${phase.protocol.toUpperCase()}</span>
        <span class="reader-only">${words.labAddress}</span>
        <span class="address" data-lab-address>${address}</span>
        ${this.#copyButton(address)}
        <button
          class="button small primary"
          type="button"
          data-action="put-address"
          @click=${() => this.#send('put-address', { host: labHost, port: phase.port })}
        >
          ${icon('code')}${words.labPut}
        </button>
        ${
          phase.place !== 'real'
            ? nothing
            : real
              ? html`<span
                  >${words.labReal}:
                  <span class="address" data-lab-real>${real.published}</span>
                  ${this.#copyButton(real.published ?? '')}</span
                >`
              : html`<span class="quiet-text">${words.labNoProxy}</span>`
        }
        <span class="spring"></span>
        <button
          class="button small"
          type="button"
          data-action="lab-close"
          @click=${() => lab.close()}
        >
          ${icon('stop')}${words.labClose}
        </button>
      </div>`;
    }
    return html`<form
      class="bar"
      @submit=${(event: Event) => {
        event.preventDefault();
        void lab.open({ protocol: this.protocol, place: this.place, port: this.port });
      }}
    >
      <div class="segments" role="group" aria-label=${words.labProtocol}>
        ${(['tcp', 'udp'] as const).map(
          (protocol) =>
            html`<button
              type="button"
              aria-pressed=${this.protocol === protocol}
              @click=${() => (this.protocol = protocol)}
            >
              ${protocol.toUpperCase()}
            </button>`,
        )}
      </div>
      <select
        aria-label=${words.labWhere}
        @change=${(event: Event) =>
          (this.place = (event.target as HTMLSelectElement).value as LabPlace)}
      >
        ${(['tab', 'real'] as const).map(
          (place) =>
            html`<option value=${place} ?selected=${this.place === place}>
              ${words.labPlaces[place]}
            </option>`,
        )}
      </select>
      <label
        >${words.labPort}
        <input
          class="small-field port"
          type="number"
          min="0"
          max="65535"
          title=${words.labPortHint}
          .value=${String(this.port)}
          @input=${(event: Event) => {
            const value = (event.target as HTMLInputElement).valueAsNumber;
            this.port = Number.isInteger(value) ? value : 0;
          }}
      /></label>
      <button class="button small primary" type="submit" data-action="lab-open" ?disabled=${isOpen}>
        ${icon('play')}${phase.kind === 'opening' ? words.labOpening : words.labOpen}
      </button>
      ${this.place === 'real' && !this.hasTunnel ? html`<span class="quiet-text">${words.labNoProxy}</span>` : nothing}
      ${phase.kind === 'failed' ? html`<span class="failed" role="alert">${words.labFailed(phase.why)}</span>` : nothing}
    </form>`;
  }

  #copyButton(text: string) {
    const { strings } = this;
    return html`<button
      class="icon-button small"
      type="button"
      aria-label=${strings.copyAddress}
      title=${strings.copyAddress}
      @click=${() =>
        this.dispatchEvent(
          new CustomEvent('copy-text', { detail: text, bubbles: true, composed: true }),
        )}
    >
      ${icon('copy')}
    </button>`;
  }

  #clients() {
    const { words, lab } = this;
    if (lab.clients.length === 0)
      return html`<p class="bar quiet-text" role="status">${words.labNoClients}</p>`;
    return html`<ul class="clients" aria-label=${words.labClients}>
      ${lab.clients.map((client) => this.#client(client))}
    </ul>`;
  }

  #client(client: LabClient) {
    const { words, strings, lab } = this;
    return html`<li data-client=${client.id}>
      <b>${words.labClient(client.id)}</b><span class="peer">${client.peer}</span>
      <span class="quiet-text"
        >${words.labTraffic(strings.bytes(client.received), strings.bytes(client.sent))}${client.waiting > 0 ? ` · ${words.labWaiting(client.waiting)}` : ''}</span
      >
      <span class="spring"></span>
      <button
        class="button small quiet"
        type="button"
        data-action="close-client"
        aria-label=${words.labCloseClient(client.peer)}
        @click=${() => lab.closeClient(client.id)}
      >
        ${icon('close')}${strings.close}
      </button>
      <button
        class="button small quiet"
        type="button"
        data-action="reset-client"
        aria-label=${words.labResetClient(client.peer)}
        title=${words.labResetClient(client.peer)}
        @click=${() => lab.resetClient(client.id)}
      >
        ${icon('warn')}${words.labResetShort}
      </button>
    </li>`;
  }

  #data() {
    const { words, lab } = this;
    const { entries, lost } = lab.records;
    return html`<div class="bar">
        <b>${words.labData}</b>
        ${lost > 0 ? html`<span class="quiet-text">${words.lostBefore(lost)}</span>` : nothing}
        <span class="spring"></span>
        <div class="segments" role="group" aria-label=${words.labData}>
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
          @click=${() => lab.clearRecords()}
        >
          ${icon('bin')}
        </button>
      </div>
      ${
        entries.length === 0
          ? html`<p class="empty">${words.labNoData}</p>`
          : html`<moonwire-rows
              .label=${words.labData}
              .entries=${[...entries]}
              .chosen=${this.chosen}
              .draw=${(record: ShownLabRecord) => this.#record(record)}
              @pick=${(event: CustomEvent<number | null>) => (this.chosen = event.detail)}
            ></moonwire-rows>`
      }`;
  }

  #record(record: ShownLabRecord) {
    const { words } = this;
    const head = html`<span class="time">${wallTime(record.time)}</span
      ><span class="quiet">${words.labClient(record.client)}</span>`;
    switch (record.kind) {
      case 'came':
        return html`${head}<span class="badge">${words.labCame}</span
          ><span class="wide quiet">${record.peer}</span>`;
      case 'left':
        return html`${head}<span class="badge">${words.labLeft(record.why)}</span>`;
      case 'in':
      case 'out': {
        const isIn = record.kind === 'in';
        return html`${head}<span class=${isIn ? 'in' : 'out'}
            ><span aria-hidden="true">${isIn ? '←' : '→'}</span
            ><span class="reader-only">${isIn ? words.dataIn : words.dataOut}</span></span
          ><span class="wide">${this.isHex ? toHex(record.bytes) : readable(record.bytes)}</span
          >${record.byRule ? html`<span class="badge">${words.labByRule}</span>` : nothing}<span
            class="size quiet"
            >${record.bytes.length}</span
          >`;
      }
    }
  }

  #rules() {
    const { words, lab } = this;
    return html`<details>
      <summary>
        ${words.labRules}${lab.rules.length > 0 ? ` (${String(lab.rules.length)})` : ''}
      </summary>
      ${lab.rules.map((rule, at) => this.#rule(rule, at))}
      <div class="rule">
        <button
          class="button small"
          type="button"
          data-action="add-rule"
          ?disabled=${lab.rules.length >= limits.labRules}
          @click=${() =>
            lab.setRules([
              ...lab.rules,
              { match: 'begins', pattern: '', answer: 'echo', value: '' },
            ])}
        >
          ${icon('plus')}${words.labAddRule}
        </button>
        <button
          class="button small quiet"
          type="button"
          @click=${() => lab.setRules([{ match: 'any', pattern: '', answer: 'echo', value: '' }])}
        >
          ${words.labTutorialRules}
        </button>
        <span class="quiet-text">${words.labRulesHint}</span>
      </div>
    </details>`;
  }

  #rule(rule: LabRule, at: number) {
    const { words, lab } = this;
    const change = (part: Partial<LabRule>): void =>
      lab.setRules(lab.rules.map((one, index) => (index === at ? { ...one, ...part } : one)));
    const hasValue = rule.answer === 'text' || rule.answer === 'hex';
    return html`<div class="rule" role="group" aria-label="${words.labRules} ${at + 1}">
      <span>${words.labRuleWhen}</span>
      <select
        aria-label=${words.labRuleWhen}
        @change=${(event: Event) =>
          change({ match: (event.target as HTMLSelectElement).value as RuleMatch })}
      >
        ${matchKinds.map(
          (kind) =>
            html`<option value=${kind} ?selected=${rule.match === kind}>
              ${words.matches[kind]}
            </option>`,
        )}
      </select>
      ${
        rule.match === 'any'
          ? nothing
          : html`<input
              class="small-field mono"
              aria-label=${words.labPattern}
              maxlength="200"
              .value=${rule.pattern}
              @input=${(event: Event) =>
                change({ pattern: (event.target as HTMLInputElement).value })}
            />`
      }
      <span>${words.labRuleThen}</span>
      <select
        aria-label=${words.labRuleThen}
        @change=${(event: Event) =>
          change({ answer: (event.target as HTMLSelectElement).value as RuleAnswer })}
      >
        ${answerKinds.map(
          (kind) =>
            html`<option value=${kind} ?selected=${rule.answer === kind}>
              ${words.answers[kind]}
            </option>`,
        )}
      </select>
      ${
        hasValue
          ? html`<input
              class="small-field mono"
              aria-label=${words.labValue}
              aria-invalid=${!isSound({ ...rule, pattern: 'x' })}
              maxlength="1000"
              .value=${rule.value}
              @input=${(event: Event) => change({ value: (event.target as HTMLInputElement).value })}
            />`
          : nothing
      }
      <button
        class="icon-button small"
        type="button"
        aria-label=${words.labRemoveRule}
        title=${words.labRemoveRule}
        @click=${() => lab.setRules(lab.rules.filter((_, index) => index !== at))}
      >
        ${icon('close')}
      </button>
    </div>`;
  }

  #sender() {
    const { words, lab } = this;
    const to = lab.clients.some((client) => client.id === this.to) ? this.to : null;
    return html`<div class="bar foot">
      <select
        aria-label=${words.labTo}
        title=${words.labTo}
        @change=${(event: Event) => {
          const { value } = event.target as HTMLSelectElement;
          this.to = value === '' ? null : Number(value);
        }}
      >
        <option value="" ?selected=${to === null}>${words.labAll}</option>
        ${lab.clients.map(
          (client) =>
            html`<option value=${client.id} ?selected=${to === client.id}>
              ${words.labClient(client.id)} ${client.peer}
            </option>`,
        )}
      </select>
      <moonwire-bytes
        .words=${words}
        .label=${words.toSend}
        .disabled=${lab.clients.length === 0}
        @bytes=${(event: CustomEvent<Uint8Array>) => lab.send(to, event.detail)}
      ></moonwire-bytes>
      <button
        class="button small"
        type="button"
        ?disabled=${lab.clients.length === 0}
        @click=${() => this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click()}
      >
        ${icon('upload')}${words.labFile}
      </button>
      <input type="file" hidden @change=${(event: Event) => void this.#sendFile(event, to)} />
    </div>`;
  }

  async #sendFile(event: Event, to: number | null): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    if (file.size > limits.labFileBytes)
      this.#send('tell', this.words.labFileTooBig(this.strings.bytes(limits.labFileBytes)));
    else this.lab.send(to, new Uint8Array(await file.arrayBuffer()));
  }

  #send(kind: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

customElements.define('moonwire-lab', MoonwireLab);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-lab': MoonwireLab;
  }
}
