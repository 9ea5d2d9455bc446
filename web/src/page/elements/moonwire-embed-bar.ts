// The top line of the page inside somebody's page: what it is, Run and Stop, and the way to a tab of its own.

import { css, html, LitElement, type PropertyValues } from 'lit';

import { linkTo } from '../address.ts';
import { icon, mark } from '../icons.ts';
import { targetOf } from '../link-target.ts';
import type { Strings } from '../strings.ts';
import { isAlive } from '../workbench-state.ts';
import type { Workbench, WorkbenchState } from '../workbench.ts';
import { shared } from './shared-styles.ts';

/** Sends `run-project`, `stop-all`. */
export class MoonwireEmbedBar extends LitElement {
  static override properties = {
    strings: { attribute: false },
    workbench: { attribute: false },
    state: { attribute: false },
    page: {},
    link: { state: true },
  };
  static override styles = [
    shared,
    css`
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 6px 8px;
      }
      svg[viewBox='0 0 32 32'] {
        flex: none;
      }
      h1 {
        flex: 1;
        min-width: 0;
        margin: 0;
        font-size: 13.5px;
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      a {
        text-decoration: none;
      }
      @media (max-width: 460px) {
        a .label,
        [data-action='stop-all'] .label {
          display: none;
        }
      }
    `,
  ];

  declare strings: Strings;
  declare workbench: Workbench;
  declare state: WorkbenchState;
  /** The page's address. */
  declare page: string;
  declare link: string | null;

  constructor() {
    super();
    this.link = null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('state');
    if (changed.has('state') && before?.project !== this.state.project) void this.#pack();
  }

  // Ready before the click: a window that opens later than a click is a pop-up, which browsers stop.
  async #pack(): Promise<void> {
    const { project } = this.state;
    const target = await targetOf(this.workbench);
    if (project === this.state.project) this.link = target && linkTo(this.page, target);
  }

  override render() {
    const { strings, state, link } = this;
    const alive = state.machine.consoles.filter(isAlive).length;
    const title = state.example ? strings.titleOf(state.example.header) : strings.ownProject;
    return html`<header>
      ${mark()}
      <h1>${title}</h1>
      <button
        class="button small primary"
        type="button"
        data-action="run-project"
        ?disabled=${this.workbench.plan.length === 0}
        @click=${() => this.dispatchEvent(new CustomEvent('run-project'))}
      >
        ${icon(alive > 0 ? 'restart' : 'play')}${alive > 0 ? strings.restartFile : strings.runFile}
      </button>
      <button
        class="button small"
        type="button"
        data-action="stop-all"
        aria-label=${strings.stopAll}
        title=${strings.stopAll}
        ?disabled=${alive === 0}
        @click=${() => this.dispatchEvent(new CustomEvent('stop-all'))}
      >
        ${icon('stop')}<span class="label">${strings.stop}</span>
      </button>
      <a
        class="button small quiet"
        data-action="open-in-full"
        target="_blank"
        rel="noopener"
        aria-label=${strings.openInFull}
        title=${strings.openInFullTitle}
        href=${link ?? this.page.replace(/[?#].*$/, '')}
        ><span class="label">${strings.openInFull}</span>${icon('outside')}</a
      >
    </header>`;
  }
}

customElements.define('moonwire-embed-bar', MoonwireEmbedBar);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-embed-bar': MoonwireEmbedBar;
  }
}
