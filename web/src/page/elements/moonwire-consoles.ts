// The right side: what to watch for, the consoles side by side, and who listens.

import { css, html, LitElement, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

import type { Listener } from '../../protocol.ts';
import { icon } from '../icons.ts';
import { describePlan } from '../launch-plan.ts';
import type { moduleTables } from '../module/module-strings.ts';
import type { Strings } from '../strings.ts';
import type { WireLog } from '../wire-log.ts';
import { consoleOfPid } from '../workbench-state.ts';
import type { Workbench, WorkbenchState } from '../workbench.ts';
import {
  consoleBox,
  consoleName,
  hintStyles,
  watchHint,
  type ConsolePlace,
} from './console-parts.ts';
import type { MoonwireConsole } from './moonwire-console.ts';
import './moonwire-listeners.ts';
import { shared } from './shared-styles.ts';

/** Sends `copy-text`, `run-project` and (from below) `place`, `show-console`. */
export class MoonwireConsoles extends LitElement {
  static override properties = {
    strings: { attribute: false },
    workbench: { attribute: false },
    state: { attribute: false },
    isCompact: { attribute: false },
    hiddenHint: { state: true },
    wire: { state: true },
  };
  static override styles = [
    shared,
    hintStyles,
    css`
      :host {
        position: relative;
        display: flex;
        flex-direction: column;
        gap: 8px;
        min-width: 0;
        min-height: 0;
      }
      .grid {
        flex: 1;
        min-height: 0;
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        overflow: auto;
        scrollbar-width: thin;
        border-radius: 10px;
      }
      moonwire-console {
        flex: 1 1 270px;
        height: auto;
        min-height: min(230px, 100%);
      }
      :host(.compact) moonwire-console {
        min-height: min(150px, 100%);
      }
      .wire {
        flex: 0 1 40%;
        min-height: 170px;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--surface);
        overflow: hidden;
      }
      .empty {
        flex: 1;
        min-height: 0;
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: safe center;
        gap: 6px;
        padding: 24px;
        border: 1px dashed var(--line-strong);
        border-radius: 10px;
        text-align: center;
        overflow: auto;
      }
      .empty h2 {
        margin: 0;
        font-size: 17px;
        font-weight: 650;
      }
      .empty p {
        max-width: 46ch;
        margin: 0 0 4px;
        color: var(--text-2);
      }
      .empty .small-print {
        margin-top: 6px;
        font-size: 12.5px;
        color: var(--text-3);
      }
      .empty .art {
        color: var(--text-3);
        margin-bottom: 4px;
      }
      .empty .button {
        height: 36px;
        padding: 0 16px;
        font-size: 14px;
      }
      ol {
        margin: 4px 0 10px;
        padding: 0;
        list-style: none;
        counter-reset: step;
        text-align: start;
      }
      ol li {
        display: flex;
        gap: 10px;
        align-items: baseline;
        padding: 3px 0;
        color: var(--text-2);
        counter-increment: step;
      }
      ol li::before {
        content: counter(step);
        flex: none;
        width: 20px;
        height: 20px;
        border-radius: 50%;
        background: var(--accent-soft);
        color: var(--accent);
        font-size: 12px;
        font-weight: 650;
        line-height: 20px;
        text-align: center;
      }
    `,
  ];

  declare strings: Strings;
  declare workbench: Workbench;
  declare state: WorkbenchState;
  /** Little room, as inside somebody's page, whose text says what to watch for. */
  declare isCompact: boolean;
  declare hiddenHint: string | null;
  /** The wire, once it was asked for; its code comes with the first asking. */
  declare wire: { readonly log: WireLog; readonly tables: typeof moduleTables } | null;

  constructor() {
    super();
    this.isCompact = false;
    this.hiddenHint = null;
    this.wire = null;
  }

  override willUpdate(): void {
    this.classList.toggle('compact', this.isCompact);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closeWire();
  }

  /** The console the keyboard is in, if any. */
  get focusedConsole(): number | null {
    const found = this.#elements.find((element) => element.matches(':focus-within'));
    return found?.console.id ?? null;
  }

  focusConsole(id: number | null): void {
    const elements = this.#elements;
    const wanted =
      elements.find((element) => element.console.id === id) ??
      elements.find((element) => element.console.phase.kind === 'running') ??
      elements[0];
    wanted?.scrollIntoView({ block: 'nearest' });
    if (wanted?.console.phase.kind === 'running') wanted.focusInput();
    else wanted?.renderRoot.querySelector<HTMLElement>('.log')?.focus();
  }

  get #elements(): MoonwireConsole[] {
    return [...this.renderRoot.querySelectorAll('moonwire-console')];
  }

  override render() {
    const { state, strings } = this;
    const { consoles } = state.machine;
    const paths = new Set(state.project.files.map((file) => file.path));
    const place: ConsolePlace = {
      strings,
      workbench: this.workbench,
      paths,
      isCompact: this.isCompact,
      copy: (text) => this.dispatchEvent(new CustomEvent('copy-text', { detail: text })),
    };
    return html`
      <h2 class="reader-only">${strings.consolesPane}</h2>
      ${consoles.length > 0 && !this.isCompact ? this.#hint() : nothing}
      ${
        consoles.length === 0
          ? this.#empty()
          : html`<div class="grid">
              ${repeat(
                consoles,
                (console) => console.id,
                (console) => consoleBox(console, place),
              )}
            </div>`
      }
      ${this.#wireView(paths)}
      <moonwire-listeners
        ?hidden=${this.isCompact && state.machine.listeners.length === 0 && this.wire === null}
        .strings=${strings}
        .machine=${state.machine}
        .showsWire=${this.wire !== null}
        @shut-listener=${(event: CustomEvent<Listener>) => this.workbench.shutDoor(event.detail)}
        @toggle-wire=${() => (this.wire ? this.#closeWire() : void this.#openWire())}
      ></moonwire-listeners>
    `;
  }

  #wireView(paths: ReadonlySet<string>) {
    const { wire, strings, state } = this;
    if (!wire) return nothing;
    const nameOf = (pid: number): string | null => {
      const console = consoleOfPid(state.machine, pid);
      return console ? consoleName(console) : null;
    };
    return html`<moonwire-wire
      class="wire"
      role="region"
      aria-label=${strings.showWire}
      .words=${wire.tables[strings.languageName === 'English' ? 'en' : 'zh']}
      .wire=${wire.log}
      .paths=${paths}
      .nameOf=${nameOf}
    ></moonwire-wire>`;
  }

  async #openWire(): Promise<void> {
    const [{ WireLog }, { moduleTables }] = await Promise.all([
      import('../wire-log.ts'),
      import('../module/module-strings.ts'),
      import('./moonwire-wire.ts'),
    ]);
    const log = new WireLog(this.workbench);
    log.watch(true);
    this.wire = { log, tables: moduleTables };
  }

  #closeWire(): void {
    this.wire?.log.dispose();
    this.wire = null;
  }

  get #watch(): string {
    const { example } = this.state;
    return example ? this.strings.watchOf(example.header) : this.strings.ownProjectWatch;
  }

  #hint() {
    const { strings, state } = this;
    if (!state.example || this.hiddenHint === state.project.id) return nothing;
    return watchHint(strings, this.#watch, () => (this.hiddenHint = state.project.id));
  }

  #empty() {
    const { strings, state } = this;
    const plan = this.workbench.plan;
    return html`<div class="empty">
      <div class="art">${icon('terminal')}</div>
      <h2>${state.example ? strings.titleOf(state.example.header) : strings.ownProject}</h2>
      ${
        state.example
          ? html`<p>${this.#watch}</p>`
          : html`<ol>
              ${strings.ownSteps.map((step) => html`<li><span>${step}</span></li>`)}
            </ol>`
      }
      <button
        class="button primary"
        type="button"
        data-action="run-project"
        ?disabled=${plan.length === 0}
        @click=${() => this.dispatchEvent(new CustomEvent('run-project'))}
      >
        ${icon('play')}${strings.runProject}
      </button>
      <p class="small-print">
        ${plan.length === 0 ? strings.runProjectNothing : strings.runProjectPlan(describePlan(plan, strings.then))}
      </p>
    </div>`;
  }
}

customElements.define('moonwire-consoles', MoonwireConsoles);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-consoles': MoonwireConsoles;
  }
}
