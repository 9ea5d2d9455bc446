// A modal dialog: the browser's own <dialog>, with a title, a close button and our look. Escape and the backdrop close it.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import { shared } from './shared-styles.ts';

/** Sends `close` when it was closed, by whatever way. */
export class MoonwireDialog extends LitElement {
  static override properties = {
    heading: {},
    closeLabel: {},
    wide: { type: Boolean },
    text: { type: Boolean },
  };
  static override styles = [
    shared,
    css`
      dialog {
        width: min(480px, calc(100vw - 24px));
        max-height: min(86vh, 760px);
        padding: 0;
        border: 1px solid var(--line);
        border-radius: 14px;
        background: var(--raised);
        color: var(--text);
        box-shadow: var(--shadow);
        overflow: hidden;
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog.wide {
        width: min(760px, calc(100vw - 24px));
      }
      dialog::backdrop {
        background: var(--scrim);
      }
      .head {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 14px 14px 10px 20px;
      }
      h2 {
        flex: 1;
        margin: 0;
        font-size: 16px;
        font-weight: 650;
        letter-spacing: -0.005em;
      }
      .body:focus-visible {
        outline-offset: -3px;
      }
      .body {
        overflow: auto;
        padding: 0 20px 20px;
      }
    `,
  ];

  declare heading: string;
  declare closeLabel: string;
  declare wide: boolean;
  /** There is nothing but text in it: the keyboard scrolls it. */
  declare text: boolean;

  constructor() {
    super();
    this.heading = '';
    this.closeLabel = '';
    this.wide = false;
    this.text = false;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  async show(): Promise<void> {
    await this.updateComplete;
    if (!this.#dialog?.open) this.#dialog?.showModal();
  }

  close(): void {
    this.#dialog?.close();
  }

  override render() {
    return html`<dialog
      class=${this.wide ? 'wide' : ''}
      aria-labelledby="heading"
      @close=${(event: Event) => {
        event.stopPropagation();
        this.dispatchEvent(new CustomEvent('close'));
      }}
      @mousedown=${(event: MouseEvent) => {
        if (event.target === event.currentTarget) this.close();
      }}
    >
      <div class="head">
        <h2 id="heading">${this.heading}</h2>
        <button
          class="icon-button"
          type="button"
          aria-label=${this.closeLabel}
          title=${this.closeLabel}
          @click=${() => this.close()}
        >
          ${icon('close')}
        </button>
      </div>
      <div class="body" tabindex=${this.text ? '0' : nothing}><slot></slot></div>
    </dialog>`;
  }
}

customElements.define('moonwire-dialog', MoonwireDialog);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-dialog': MoonwireDialog;
  }
}
