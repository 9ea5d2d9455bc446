// The choice of a project: examples in groups, each with its title, a line on what to watch for and whether it needs the
// proxy; and one's own project.

import { css, html, LitElement, nothing } from 'lit';

import type { Example } from '../example-catalog.ts';
import { icon } from '../icons.ts';
import type { Strings } from '../strings.ts';
import { ownProjectId } from '../workbench.ts';
import type { Dialect } from '../../protocol.ts';
import { shared } from './shared-styles.ts';

/** Sends `choose` with the id of a project. */
export class MoonwireProjects extends LitElement {
  static override properties = {
    strings: { attribute: false },
    examples: { attribute: false },
    shared: { attribute: false },
    current: { attribute: false },
    changed: { attribute: false },
    filter: { state: true },
  };
  static override styles = [
    shared,
    css`
      .intro {
        margin: 0 0 12px;
        color: var(--text-2);
        font-size: 13px;
      }
      h3 {
        margin: 18px 0 6px;
        font-size: 12px;
        font-weight: 650;
        letter-spacing: 0.03em;
        color: var(--text-3);
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr));
        gap: 8px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
      }
      .card {
        display: flex;
        flex-direction: column;
        gap: 4px;
        width: 100%;
        padding: 11px 14px 12px;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--surface);
        text-align: start;
        cursor: pointer;
      }
      .card:hover {
        border-color: var(--accent);
      }
      .card[aria-current='true'] {
        border-color: var(--accent);
        background: var(--accent-soft);
      }
      .title {
        font-weight: 600;
        font-size: 14px;
      }
      .watch {
        flex: 1;
        font-size: 12.5px;
        line-height: 1.45;
        color: var(--text-2);
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        align-items: center;
        margin-top: 3px;
        font-size: 12px;
        color: var(--text-3);
      }
      .foot span {
        display: inline-flex;
        align-items: center;
        gap: 5px;
      }
      .foot .icon {
        width: 13px;
        height: 13px;
      }
      .needed {
        color: var(--warn);
      }
      .no {
        color: var(--good);
      }
      .changed {
        color: var(--warn);
      }
    `,
  ];

  declare strings: Strings;
  declare examples: readonly Example[];
  /** The project that came with a link, while it is open. */
  declare shared: Example | null;
  declare current: string;
  declare changed: ReadonlySet<string>;
  declare filter: string;

  constructor() {
    super();
    this.filter = '';
    this.shared = null;
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  override render() {
    const { strings } = this;
    const words = this.filter.trim().toLowerCase();
    const fits = (example: Example): boolean =>
      [strings.titleOf(example.header), strings.watchOf(example.header), example.id]
        .join(' ')
        .toLowerCase()
        .includes(words);
    const shown = this.examples.filter(fits);
    const dialects: readonly Dialect[] = ['luasocket', 'luat', 'chuck'];
    return html`
      <p class="intro">${strings.chooseProjectHint}</p>
      <input
        class="field"
        type="search"
        aria-label=${strings.findExample}
        placeholder=${strings.findExample}
        .value=${this.filter}
        @input=${(event: InputEvent) => (this.filter = (event.target as HTMLInputElement).value)}
      />
      ${
        words === '' && this.shared
          ? html`<h3>${strings.sharedGroup}</h3>
              <ul>
                <li>
                  ${this.#card(this.shared.id, strings.titleOf(this.shared.header), strings.watchOf(this.shared.header), this.shared)}
                </li>
              </ul>`
          : nothing
      }
      ${
        words === ''
          ? html`<h3>${strings.ownGroup}</h3>
              <ul>
                <li>
                  ${this.#card(ownProjectId, strings.ownProject, strings.ownProjectWatch, null)}
                </li>
              </ul>`
          : nothing
      }
      ${dialects.map((dialect) => {
        const group = shown.filter((example) => example.dialect === dialect);
        if (group.length === 0) return nothing;
        return html`<h3>${strings.dialectGroup[dialect]}</h3>
          <ul>
            ${group.map(
              (example) =>
                html`<li>
                  ${this.#card(example.id, strings.titleOf(example.header), strings.watchOf(example.header), example)}
                </li>`,
            )}
          </ul>`;
      })}
      ${shown.length === 0 ? html`<p class="intro" role="status">${strings.noExampleFound}</p>` : nothing}
    `;
  }

  #card(id: string, title: string, watch: string, example: Example | null) {
    const { strings } = this;
    return html`<button
      class="card"
      type="button"
      data-project=${id}
      aria-current=${id === this.current}
      @click=${() => this.dispatchEvent(new CustomEvent('choose', { detail: id }))}
    >
      <span class="title">${title}</span>
      <span class="watch">${watch}</span>
      <span class="foot">
        ${
          example
            ? html`<span class=${example.header.proxy}>
                ${icon(example.header.proxy === 'needed' ? 'globe' : 'check')}${strings.proxyNeed[example.header.proxy]}
              </span>`
            : nothing
        }
        ${this.changed.has(id) ? html`<span class="changed">${strings.changedProject}</span>` : nothing}
      </span>
    </button>`;
  }
}

customElements.define('moonwire-projects', MoonwireProjects);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-projects': MoonwireProjects;
  }
}
