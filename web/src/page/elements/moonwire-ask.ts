// Asks one question in a dialog and gives the answer as a promise: a text, or yes and no.

import { css, html, LitElement, nothing } from 'lit';

import type { Strings } from '../strings.ts';
import type { MoonwireDialog } from './moonwire-dialog.ts';
import './moonwire-dialog.ts';
import { shared } from './shared-styles.ts';

export interface Question {
  readonly heading: string;
  readonly text?: string;
  /** What the button that does it says. */
  readonly action: string;
  readonly isDanger?: boolean;
  /** There is a text to type. `problem` says why it will not do. */
  readonly input?: {
    readonly label: string;
    readonly value: string;
    readonly problem: (text: string) => string | null;
  };
}

export class MoonwireAsk extends LitElement {
  static override properties = {
    strings: { attribute: false },
    question: { state: true },
    text: { state: true },
    problem: { state: true },
  };
  static override styles = [
    shared,
    css`
      p {
        margin: 0 0 14px;
        color: var(--text-2);
      }
      label {
        display: block;
        margin-bottom: 6px;
        font-size: 13px;
        color: var(--text-2);
      }
      .field {
        font-family: var(--mono);
        font-size: 13px;
      }
      .problem {
        min-height: 22px;
        margin: 4px 0 0;
        font-size: 13px;
        color: var(--bad);
      }
      .buttons {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
        margin-top: 14px;
      }
    `,
  ];

  declare strings: Strings;
  declare question: Question | null;
  declare text: string;
  declare problem: string | null;
  #answer: ((text: string | null) => void) | null = null;

  constructor() {
    super();
    this.question = null;
    this.text = '';
    this.problem = null;
  }

  /** The typed text ('' when there is nothing to type), or null when the person did not want to. */
  async ask(question: Question): Promise<string | null> {
    this.#answer?.(null);
    this.question = question;
    this.text = question.input?.value ?? '';
    this.problem = null;
    await this.updateComplete;
    const answered = new Promise<string | null>((resolve) => (this.#answer = resolve));
    await this.#dialog?.show();
    const field = this.renderRoot.querySelector('input');
    field?.focus();
    const dot = this.text.lastIndexOf('.');
    field?.setSelectionRange(0, dot > 0 ? dot : this.text.length);
    return answered;
  }

  get #dialog(): MoonwireDialog | null {
    return this.renderRoot.querySelector('moonwire-dialog');
  }

  #finish(text: string | null): void {
    const answer = this.#answer;
    this.#answer = null;
    this.#dialog?.close();
    answer?.(text);
  }

  #accept(): void {
    const text = this.text.trim();
    this.problem = this.question?.input?.problem(text) ?? null;
    if (this.problem === null) this.#finish(text);
  }

  override render() {
    const { question, strings } = this;
    return html`<moonwire-dialog
      .heading=${question?.heading ?? ''}
      .closeLabel=${strings.close}
      @close=${() => this.#finish(null)}
    >
      ${question?.text ? html`<p>${question.text}</p>` : nothing}
      ${
        question?.input
          ? html`<label for="text">${question.input.label}</label>
              <input
                class="field"
                id="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="problem"
                .value=${this.text}
                @input=${(event: InputEvent) => {
                  this.text = (event.target as HTMLInputElement).value;
                  this.problem = null;
                }}
                @keydown=${(event: KeyboardEvent) => {
                  if (event.key === 'Enter' && !event.isComposing) {
                    event.preventDefault();
                    this.#accept();
                  }
                }}
              />
              <p class="problem" id="problem" role="alert">${this.problem ?? ''}</p>`
          : nothing
      }
      <div class="buttons">
        <button class="button" type="button" @click=${() => this.#finish(null)}>
          ${strings.cancel}
        </button>
        <button
          class="button ${question?.isDanger ? 'danger' : 'primary'}"
          type="button"
          data-action="accept"
          @click=${() => this.#accept()}
        >
          ${question?.action ?? ''}
        </button>
      </div>
    </moonwire-dialog>`;
  }
}

customElements.define('moonwire-ask', MoonwireAsk);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-ask': MoonwireAsk;
  }
}
