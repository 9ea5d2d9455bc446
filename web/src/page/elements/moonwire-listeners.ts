// Who listens where: each address inside the tab and, where the proxy published it, the real one.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import type { Strings } from '../strings.ts';
import { consoleOfPid, type ConsoleState, type MachineState } from '../workbench-state.ts';
import type { Listener } from '../../protocol.ts';
import './moonwire-door.ts';
import { shared } from './shared-styles.ts';

/** Sends `copy-text` with an address, `show-console` with a console's id, `shut-listener`, `toggle-wire`. */
export class MoonwireListeners extends LitElement {
  static override properties = {
    strings: { attribute: false },
    machine: { attribute: false },
    hasWire: { attribute: false },
    nameOf: { attribute: false },
    showsWire: { attribute: false },
  };
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--surface);
        overflow: hidden;
      }
      section {
        display: flex;
        align-items: baseline;
        gap: 14px;
        padding: 7px 12px;
      }
      h2 {
        flex: none;
        display: flex;
        align-items: center;
        gap: 7px;
        align-self: flex-start;
        margin: 0;
        height: 26px;
        font-size: 12.5px;
        font-weight: 600;
        color: var(--text-2);
      }
      ul {
        flex: 1;
        display: flex;
        flex-wrap: wrap;
        gap: 2px 22px;
        max-height: 112px;
        margin: 0;
        padding: 0;
        overflow: auto;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 8px;
        min-height: 26px;
        font-size: 12.5px;
      }
      .tag {
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--hue, var(--text-3));
      }
      code {
        font: 12.5px var(--mono);
        user-select: all;
      }
      .inside {
        color: var(--text-3);
      }
      .kind {
        color: var(--text-3);
        font-size: 12px;
        text-transform: uppercase;
        letter-spacing: 0.04em;
      }
      .quiet-text {
        color: var(--text-3);
        font-size: 12.5px;
        line-height: 26px;
      }
      .quiet-text {
        flex: 1;
      }
      .wire {
        align-self: flex-start;
        margin-right: -6px;
      }
      .wire[aria-pressed='true'] {
        background: var(--accent-soft);
        color: var(--text);
      }
      .owner {
        padding: 0;
        border: 0;
        background: none;
        font: 600 12.5px var(--mono);
        cursor: pointer;
      }
      .owner:hover {
        text-decoration: underline;
      }
      @media (max-width: 480px) {
        section {
          gap: 8px;
        }
        .heading {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
      }
      .tag-0 {
        --hue: var(--hue-0);
      }
      .tag-1 {
        --hue: var(--hue-1);
      }
      .tag-2 {
        --hue: var(--hue-2);
      }
      .tag-3 {
        --hue: var(--hue-3);
      }
      .tag-4 {
        --hue: var(--hue-4);
      }
      .tag-5 {
        --hue: var(--hue-5);
      }
      .tag-6 {
        --hue: var(--hue-6);
      }
      .tag-7 {
        --hue: var(--hue-7);
      }
    `,
  ];

  declare strings: Strings;
  declare machine: MachineState;
  /** Whether the wire is opened from here. */
  declare hasWire: boolean;
  /** What to call a process that has no console. */
  declare nameOf: (pid: number) => string | null;
  declare showsWire: boolean;

  constructor() {
    super();
    this.hasWire = true;
    this.nameOf = () => null;
    this.showsWire = false;
  }

  override render() {
    const { listeners } = this.machine;
    return html`<section aria-label=${this.strings.listeners}>
      <h2>${icon('broadcast')}<span class="heading">${this.strings.listeners}</span></h2>
      ${
        listeners.length === 0
          ? html`<span class="quiet-text">${this.strings.nothingListens}</span>`
          : html`<ul>
              ${listeners.map((listener) => this.#row(listener))}
            </ul>`
      }
      ${this.hasWire ? this.#wireButton() : nothing}
    </section>`;
  }

  #wireButton() {
    return html`<button
      class="button small quiet wire"
      type="button"
      data-action="show-wire"
      aria-pressed=${this.showsWire}
      title=${this.strings.showWireTitle}
      @click=${() => this.dispatchEvent(new CustomEvent('toggle-wire'))}
    >
      ${icon('wave')}${this.strings.showWire}
    </button>`;
  }

  #row(listener: Listener) {
    const { strings } = this;
    const owner: ConsoleState | undefined = consoleOfPid(this.machine, listener.pid);
    const name = owner
      ? owner.copy > 1
        ? `${owner.path} #${owner.copy}`
        : owner.path
      : (this.nameOf(listener.pid) ?? `${listener.pid}`);
    const address =
      listener.kind === 'unix' ? listener.address : shownAddress(listener.address, listener.port);
    return html`<li>
      <span class="tag tag-${owner ? owner.id % 8 : ''}"></span>
      <button
        class="owner"
        type="button"
        title=${strings.showProcess(name)}
        @click=${() => this.#send('show-console', owner?.id)}
      >
        ${name}
      </button>
      <span class="kind">${listener.kind}</span><code>${address}</code>
      ${
        listener.published === null
          ? this.#isKeptIn(listener)
            ? html`<span class="inside">${strings.insideOnly}</span>`
            : nothing
          : html`<moonwire-door
              .strings=${strings}
              .published=${listener.published}
              .port=${listener.port}
              @shut-door=${(event: Event) => {
                event.stopPropagation();
                this.#send('shut-listener', listener);
              }}
            ></moonwire-door>`
      }
    </li>`;
  }

  // Open to everyone, with a proxy there, and not published: by its rules, or because somebody shut the door.
  #isKeptIn({ kind, address }: Listener): boolean {
    const isForAll = address === '0.0.0.0' || address === '::';
    return kind !== 'unix' && isForAll && this.machine.tunnel.phase === 'open';
  }

  #send(kind: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(kind, { detail, bubbles: true, composed: true }));
  }
}

/** host:port, with brackets where the host has colons. */
export const shownAddress = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

customElements.define('moonwire-listeners', MoonwireListeners);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-listeners': MoonwireListeners;
  }
}
