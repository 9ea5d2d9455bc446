// One published address: told, copied, shown as a QR code where other machines can use it, and taken back.

import { css, html, LitElement, nothing } from 'lit';

import { isForOthers, phoneUrl, portOf, qrPath } from '../door.ts';
import { icon } from '../icons.ts';
import type { Strings } from '../strings.ts';
import './moonwire-dialog.ts';
import { shared } from './shared-styles.ts';

/** Sends `copy-text` with the address, `shut-door` when it is to be published no longer. */
export class MoonwireDoor extends LitElement {
  static override properties = {
    strings: { attribute: false },
    published: {},
    port: { type: Number },
    path: { state: true },
  };
  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 4px;
        color: var(--text-3);
      }
      code {
        color: var(--good);
        font: 12.5px var(--mono);
        user-select: all;
      }
      .note {
        font-size: 11.5px;
      }
      svg.qr {
        display: block;
        width: min(260px, 60vw);
        margin: 0 auto 12px;
        padding: 16px;
        background: #fff;
        color: #000;
        border-radius: 8px;
      }
    `,
  ];

  declare strings: Strings;
  /** "host:port" at the proxy. */
  declare published: string;
  /** The port inside the tab, which may be another. */
  declare port: number;
  /** The QR code, once it was asked for. */
  declare path: { readonly shape: string; readonly size: number } | null;

  constructor() {
    super();
    this.path = null;
  }

  async #showQr(): Promise<void> {
    const { encode } = await import('uqr');
    const { data, size } = encode(phoneUrl(this.published), { border: 0 });
    this.path = { shape: qrPath(data), size };
    await this.updateComplete;
    await this.renderRoot.querySelector('moonwire-dialog')?.show();
  }

  override render() {
    const { strings, published, path } = this;
    return html`${strings.published} <code>${published}</code> ${
        portOf(published) === this.port
          ? nothing
          : html`<span class="note">${strings.otherPort(this.port)}</span>`
      }
      ${this.#button('copy', strings.copyAddress, () => this.#send('copy-text', published))}
      ${isForOthers(published) ? this.#button('qr', strings.showQr, () => void this.#showQr()) : nothing}
      ${this.#button('close', strings.shutDoor, () => this.#send('shut-door', undefined))}
      ${
        path === null
          ? nothing
          : html`<moonwire-dialog
              heading=${strings.qrHeading}
              closeLabel=${strings.close}
              @close=${() => (this.path = null)}
            >
              <svg
                class="qr"
                viewBox="0 0 ${path.size} ${path.size}"
                role="img"
                aria-label=${phoneUrl(published)}
                shape-rendering="crispEdges"
              >
                <path d=${path.shape} fill="currentColor" />
              </svg>
              <p>${strings.qrHint(published)}</p>
            </moonwire-dialog>`
      }`;
  }

  #button(name: Parameters<typeof icon>[0], label: string, act: () => void) {
    return html`<button
      class="icon-button small"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${act}
    >
      ${icon(name)}
    </button>`;
  }

  #send(kind: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(kind, { detail, bubbles: true, composed: true }));
  }
}

customElements.define('moonwire-door', MoonwireDoor);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-door': MoonwireDoor;
  }
}
