// Passing a project on: a link that holds its files, and the HTML that puts it into a page. Loaded when it is asked for.

import { css, html, LitElement, nothing, type PropertyValues } from 'lit';

import { embedHtml, embedLink, isOnlyHere, linkTo, type LinkTarget } from '../address.ts';
import { icon } from '../icons.ts';
import { targetOf } from '../link-target.ts';
import type { Strings } from '../strings.ts';
import type { Workbench, WorkbenchState } from '../workbench.ts';
import { shared } from './shared-styles.ts';

const heights = { least: 200, usual: 460, most: 2000 }; // pixels

/** Sends (composed) `copy-text`. */
export class MoonwireShare extends LitElement {
  static override properties = {
    strings: { attribute: false },
    workbench: { attribute: false },
    state: { attribute: false },
    page: {},
    target: { state: true },
    isReadOnly: { state: true },
    runs: { state: true },
    theme: { state: true },
    locale: { state: true },
    height: { state: true },
  };
  static override styles = [
    shared,
    css`
      h3 {
        margin: 20px 0 4px;
        font-size: 13px;
        font-weight: 650;
      }
      h3:first-child {
        margin-top: 0;
      }
      p {
        margin: 0 0 8px;
        font-size: 13px;
        color: var(--text-2);
      }
      .row {
        display: flex;
        gap: 8px;
      }
      .row .button,
      .copy-html {
        height: 34px;
        flex: none;
      }
      .code {
        font: 12.5px/1.5 var(--mono);
      }
      textarea.field {
        height: 92px;
        padding: 8px 10px;
        color: inherit;
        resize: vertical;
        overflow-wrap: anywhere;
      }
      .options {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 20px;
        margin: 0 0 10px;
        font-size: 13px;
      }
      label {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        min-height: 30px;
      }
      input[type='checkbox'] {
        width: 16px;
        height: 16px;
        margin: 0;
        accent-color: var(--accent-fill);
      }
      select,
      input[type='number'] {
        height: 30px;
        padding: 0 6px;
        border: 1px solid var(--line-strong);
        border-radius: 6px;
        background: var(--surface);
      }
      input[type='number'] {
        width: 9ch;
      }
      .copy-html {
        margin-top: 8px;
      }
      .warn {
        color: var(--warn);
      }
      .bad {
        color: var(--bad);
      }
    `,
  ];

  declare strings: Strings;
  declare workbench: Workbench;
  declare state: WorkbenchState;
  /** The page's address. */
  declare page: string;
  /** Null while it is packed; false when it is too big. */
  declare target: LinkTarget | false | null;
  declare isReadOnly: boolean;
  declare runs: boolean;
  declare theme: 'auto' | 'light' | 'dark';
  declare locale: 'auto' | 'en' | 'zh';
  declare height: number;

  constructor() {
    super();
    this.target = null;
    this.isReadOnly = false;
    this.runs = false;
    this.theme = 'auto';
    this.locale = 'auto';
    this.height = heights.usual;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('state');
    if (changed.has('state') && before?.project !== this.state.project) void this.#pack();
  }

  async #pack(): Promise<void> {
    const { project } = this.state;
    const target = await targetOf(this.workbench);
    if (project === this.state.project) this.target = target ?? false;
  }

  override render() {
    const { strings, target } = this;
    if (target === null) return nothing;
    if (target === false) return html`<p class="bad">${strings.shareTooBig}</p>`;
    const link = linkTo(this.page, target);
    const leftOut = this.state.project.files.filter(({ content }) => typeof content !== 'string');
    return html`
      <h3 id="link-heading">${strings.shareLink}</h3>
      <p>
        ${'example' in target ? strings.shareExampleHint : strings.shareLinkHint}
        ${'code' in target && leftOut.length > 0 ? strings.shareLeftOut(leftOut.length) : nothing}
      </p>
      <div class="row">
        <input
          class="field code"
          readonly
          data-share="link"
          aria-labelledby="link-heading"
          .value=${link}
          @focus=${selectAll}
        />
        <button
          class="button primary"
          type="button"
          data-action="copy-link"
          @click=${() => this.#copy(link)}
        >
          ${icon('copy')}${strings.copyLink}
        </button>
      </div>
      ${
        isOnlyHere(this.page)
          ? html`<p></p>
              <p class="warn">${strings.shareOnlyHere(new URL(this.page).host)}</p>`
          : nothing
      }
      <h3 id="embed-heading">${strings.shareEmbed}</h3>
      <p>${strings.shareEmbedHint}</p>
      ${this.#embedding(target)}
    `;
  }

  #embedding(target: LinkTarget) {
    const { strings } = this;
    const look = {
      isReadOnly: this.isReadOnly,
      runs: this.runs,
      theme: this.theme === 'auto' ? null : this.theme,
      locale: this.locale === 'auto' ? null : this.locale,
    };
    const { example } = this.state;
    const title = example ? strings.titleOf(example.header) : strings.ownProject;
    const text = embedHtml(embedLink(this.page, target, look), `Moonwire: ${title}`, this.height);
    return html`<div class="options">
        <label
          ><input
            type="checkbox"
            data-share="readonly"
            .checked=${this.isReadOnly}
            @change=${(event: Event) => (this.isReadOnly = isChecked(event))}
          />${strings.shareReadOnly}</label
        >
        <label
          ><input
            type="checkbox"
            data-share="runs"
            .checked=${this.runs}
            @change=${(event: Event) => (this.runs = isChecked(event))}
          />${strings.shareRuns}</label
        >
        <label
          >${strings.shareTheme}
          <select
            @change=${(event: Event) => (this.theme = chosen(event) as MoonwireShare['theme'])}
          >
            ${options(strings.shareThemes, this.theme)}
          </select></label
        >
        <label
          >${strings.shareLanguage}
          <select
            @change=${(event: Event) => (this.locale = chosen(event) as MoonwireShare['locale'])}
          >
            ${options(strings.shareLanguages, this.locale)}
          </select></label
        >
        <label
          >${strings.shareHeight}
          <input
            type="number"
            min=${heights.least}
            max=${heights.most}
            step="20"
            .value=${String(this.height)}
            @change=${(event: Event) => {
              const typed = Math.round(Number((event.target as HTMLInputElement).value));
              this.height = Math.min(heights.most, Math.max(heights.least, typed || heights.usual));
            }}
        /></label>
      </div>
      <textarea
        class="field code"
        readonly
        spellcheck="false"
        data-share="html"
        aria-labelledby="embed-heading"
        .value=${text}
        @focus=${selectAll}
      ></textarea>
      <button
        class="button copy-html"
        type="button"
        data-action="copy-html"
        @click=${() => this.#copy(text)}
      >
        ${icon('copy')}${strings.copyHtml}
      </button>`;
  }

  #copy(text: string): void {
    this.dispatchEvent(
      new CustomEvent('copy-text', { detail: text, bubbles: true, composed: true }),
    );
  }
}

const isChecked = (event: Event): boolean => (event.target as HTMLInputElement).checked;
const chosen = (event: Event): string => (event.target as HTMLSelectElement).value;
const selectAll = (event: Event): void =>
  (event.target as HTMLInputElement | HTMLTextAreaElement).select();
const options = (names: Readonly<Record<string, string>>, present: string) =>
  Object.entries(names).map(
    ([value, name]) => html`<option value=${value} ?selected=${value === present}>${name}</option>`,
  );

customElements.define('moonwire-share', MoonwireShare);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-share': MoonwireShare;
  }
}
