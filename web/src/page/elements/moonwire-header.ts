// The top line: the mark, the project, Run and Stop, the tunnel, language, theme and help.

import { css, html, LitElement } from 'lit';

import { icon, mark } from '../icons.ts';
import { describePlan } from '../launch-plan.ts';
import type { Theme } from '../preferences.ts';
import { shortcutKeys } from '../shortcuts.ts';
import type { Strings } from '../strings.ts';
import { isAlive } from '../workbench-state.ts';
import type { WorkbenchState } from '../workbench.ts';
import './moonwire-tunnel.ts';
import { shared } from './shared-styles.ts';

const themeIcons = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

/** Sends `open-projects`, `run-project`, `stop-all`, `switch-language`, `switch-theme`, `share`, `open-help`. */
export class MoonwireHeader extends LitElement {
  static override properties = {
    strings: { attribute: false },
    state: { attribute: false },
    plan: { attribute: false },
    theme: { attribute: false },
  };
  static override styles = [
    shared,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        padding: 8px 12px;
      }
      .brand {
        display: flex;
        align-items: center;
        gap: 9px;
        margin-right: 4px;
      }
      h1 {
        margin: 0;
        font-size: 16px;
        font-weight: 700;
        letter-spacing: -0.015em;
      }
      .project {
        justify-content: flex-start;
        min-width: 0;
        max-width: 380px;
        font-weight: 550;
      }
      .project span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .project .icon {
        color: var(--text-3);
      }
      .group {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .end {
        display: flex;
        align-items: center;
        gap: 2px;
        margin-left: auto;
        min-width: 0;
      }
      .end moonwire-tunnel {
        margin-right: 6px;
      }
      .language {
        padding: 0 9px;
      }
      @media (max-width: 480px) {
        [data-action='stop-all'] {
          width: 34px;
          padding: 0;
        }
        [data-action='stop-all'] .label {
          display: none;
        }
      }
      @media (max-width: 760px) {
        header {
          gap: 6px;
          padding: 6px 8px;
        }
        h1 {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        .brand {
          margin-right: 0;
        }
        .project {
          flex: 1;
          max-width: none;
        }
        .end {
          display: contents;
        }
        .group {
          order: 5;
        }
        moonwire-tunnel {
          order: 6;
          flex: 1;
          display: flex;
          justify-content: flex-end;
          margin-right: 0 !important;
        }
        .break {
          order: 4;
          flex-basis: 100%;
          height: 0;
        }
        .icon-button,
        .language {
          width: 34px;
          padding: 0;
        }
      }
    `,
  ];

  declare strings: Strings;
  declare state: WorkbenchState;
  declare plan: readonly string[];
  declare theme: Theme;

  override render() {
    const { strings, state } = this;
    const alive = state.machine.consoles.filter(isAlive).length;
    const title = state.example ? strings.titleOf(state.example.header) : strings.ownProject;
    const runTitle =
      this.plan.length === 0
        ? strings.runProjectNothing
        : `${strings.runProjectPlan(describePlan(this.plan, strings.then))} (${shortcutKeys.runProject[0]})`;
    const otherLanguage = strings.languageName === 'English' ? '中文' : 'EN';
    return html`<header>
      <div class="brand">
        ${mark()}
        <h1>${strings.appTitle}</h1>
      </div>
      <button
        class="button project"
        type="button"
        aria-haspopup="dialog"
        title=${strings.chooseProject}
        data-action="open-projects"
        @click=${() => this.#send('open-projects')}
      >
        <span class="reader-only">${strings.project}:</span><span>${title}</span>${icon('chevron')}
      </button>
      <div class="group">
        <button
          class="button primary"
          type="button"
          data-action="run-project"
          title=${runTitle}
          ?disabled=${this.plan.length === 0}
          @click=${() => this.#send('run-project')}
        >
          ${icon(alive > 0 ? 'restart' : 'play')}${alive > 0 ? strings.restartProject : strings.runProject}
        </button>
        <button
          class="button"
          type="button"
          data-action="stop-all"
          aria-label=${strings.stopAll}
          title=${alive > 0 ? `${strings.running(alive)} (${shortcutKeys.stopAll[0]})` : strings.nothingRuns}
          ?disabled=${alive === 0}
          @click=${() => this.#send('stop-all')}
        >
          ${icon('stop')}<span class="label">${strings.stopAll}</span>
        </button>
      </div>
      <span class="break"></span>
      <div class="end">
        <moonwire-tunnel
          .strings=${strings}
          .tunnel=${state.machine.tunnel}
          .choice=${state.choice}
          .offer=${state.offer}
          .isConfined=${state.isConfined}
          @choose=${(event: CustomEvent<unknown>) => this.#send('choose-tunnel', event.detail)}
          @try-now=${() => this.#send('try-tunnel')}
        ></moonwire-tunnel>
        <button
          class="button quiet language"
          type="button"
          data-action="language"
          aria-label=${`${otherLanguage}: ${strings.switchLanguage}`}
          title=${strings.switchLanguage}
          lang=${strings.languageName === 'English' ? 'zh' : 'en'}
          @click=${() => this.#send('switch-language')}
        >
          ${otherLanguage}
        </button>
        <button
          class="icon-button"
          type="button"
          data-action="share"
          aria-haspopup="dialog"
          aria-label=${strings.share}
          title=${strings.share}
          @click=${() => this.#send('share')}
        >
          ${icon('share')}
        </button>
        <button
          class="icon-button"
          type="button"
          data-action="theme"
          aria-label=${strings.themeNames[this.theme]}
          title=${strings.themeNames[this.theme]}
          @click=${() => this.#send('switch-theme')}
        >
          ${icon(themeIcons[this.theme])}
        </button>
        <button
          class="icon-button"
          type="button"
          data-action="help"
          aria-haspopup="dialog"
          aria-label=${strings.help}
          title="${strings.help} (${shortcutKeys.help[0]})"
          @click=${() => this.#send('open-help')}
        >
          ${icon('help')}
        </button>
      </div>
    </header>`;
  }

  #send(kind: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

customElements.define('moonwire-header', MoonwireHeader);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-header': MoonwireHeader;
  }
}
