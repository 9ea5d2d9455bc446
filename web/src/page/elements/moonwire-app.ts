// The whole page: lays out its parts, carries language and theme, and obeys the shortcuts.

import { css, html, LitElement, nothing, unsafeCSS, type PropertyValues } from 'lit';

import { addressOf, type Embed } from '../address.ts';
import { copyText } from '../clipboard.ts';
import { looksLikeChuck, looksLikeLuat } from '../dialect.ts';
import { icon } from '../icons.ts';
import { limits, spans } from '../limits.ts';
import type { Preferences, PreferenceStore, Theme } from '../preferences.ts';
import { isSharedId } from '../sharing.ts';
import { shortcutOf, type Shortcut } from '../shortcuts.ts';
import { tables, type Locale, type Strings } from '../strings.ts';
import type { TunnelChoice } from '../tunnel-source.ts';
import { isAlive } from '../workbench-state.ts';
import type { Notice, Workbench } from '../workbench.ts';
import './moonwire-ask.ts';
import type { MoonwireAsk } from './moonwire-ask.ts';
import './moonwire-consoles.ts';
import type { MoonwireConsoles } from './moonwire-consoles.ts';
import './moonwire-dialog.ts';
import type { MoonwireDialog } from './moonwire-dialog.ts';
import './moonwire-files.ts';
import type { MoonwireFiles } from './moonwire-files.ts';
import './moonwire-header.ts';
import './moonwire-help.ts';
import type { MoonwireModule } from './moonwire-module.ts';
import './moonwire-projects.ts';
import { shared } from './shared-styles.ts';

type Pane = 'files' | 'consoles';

const narrowest = 820; // pixels; below, one pane at a time
const splitStep = 0.02;

/** Sends `dressed` when language or theme changed, which concern the document. */
export class MoonwireApp extends LitElement {
  static override properties = {
    workbench: { attribute: false },
    store: { attribute: false },
    preferences: { attribute: false },
    locale: { attribute: false },
    theme: { attribute: false },
    embed: { attribute: false },
    hasShare: { state: true },
    pane: { state: true },
    moduleLoad: { state: true },
    declined: { state: true },
    notices: { state: true },
  };
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100dvh;
        min-width: 0;
        background: var(--page);
      }
      .skip {
        position: absolute;
        left: 12px;
        top: -60px;
        z-index: 5;
      }
      .skip:focus {
        top: 10px;
      }
      .panes {
        flex: none;
        display: none;
        gap: 4px;
        margin: 0 8px 6px;
        padding: 3px;
        border: 1px solid var(--line);
        border-radius: 9px;
        background: var(--surface-2);
      }
      .panes button {
        flex: 1;
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 7px;
        min-height: 32px;
        border: 0;
        border-radius: 6px;
        background: none;
        font-size: 13px;
        font-weight: 550;
        color: var(--text-2);
        cursor: pointer;
      }
      .panes button[aria-selected='true'] {
        background: var(--accent-soft);
        color: var(--text);
      }
      .count {
        min-width: 18px;
        padding: 0 5px;
        border-radius: 9px;
        background: var(--accent-fill);
        color: var(--on-accent);
        font-size: 11.5px;
        line-height: 18px;
        text-align: center;
      }
      main {
        flex: 1;
        min-height: 0;
        display: grid;
        grid-template-columns: minmax(260px, calc(var(--split) * 100%)) 8px minmax(280px, 1fr);
        padding: 0 12px 12px;
      }
      .splitter {
        position: relative;
        cursor: col-resize;
        touch-action: none;
        border-radius: 4px;
      }
      .splitter::after {
        content: '';
        position: absolute;
        inset: 0 3px;
        border-radius: 2px;
        background: transparent;
        transition: background-color 0.15s;
      }
      .splitter:hover::after,
      .splitter:focus-visible::after {
        background: var(--line-strong);
      }
      .banner {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        margin: 0 12px 8px;
        padding: 8px 10px 8px 14px;
        border-radius: 10px;
        background: var(--bad-soft);
        color: var(--bad);
        font-weight: 500;
      }
      .banner span {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .banner.offer {
        background: var(--accent-soft);
        color: var(--text);
      }
      .banner.caution {
        background: var(--warn-soft);
        color: var(--text);
        font-weight: 400;
      }
      .banner.caution .icon {
        color: var(--warn);
      }
      .loading {
        display: grid;
        place-items: center;
        color: var(--text-3);
      }
      .notices {
        position: fixed;
        left: 50%;
        bottom: 18px;
        z-index: 10;
        display: flex;
        flex-direction: column;
        gap: 6px;
        align-items: center;
        width: max-content;
        max-width: calc(100vw - 24px);
        transform: translateX(-50%);
        pointer-events: none;
      }
      .notice {
        padding: 8px 14px;
        border-radius: 9px;
        background: var(--text);
        color: var(--surface);
        font-size: 13px;
        box-shadow: var(--shadow);
      }
      @media (max-width: ${unsafeCSS(narrowest)}px) {
        .panes {
          display: flex;
        }
        main {
          display: flex;
          padding: 0 8px 8px;
        }
        main > * {
          flex: 1;
        }
        .splitter,
        main[data-pane='files'] > .right,
        main[data-pane='consoles'] > moonwire-files {
          display: none;
        }
        .banner {
          margin-inline: 8px;
        }
      }
      /* Inside somebody's page: one above the other where there is height for two, else one at a time. */
      .embedded main {
        padding: 0 8px 8px;
      }
      @media (max-width: ${unsafeCSS(narrowest)}px) and (min-height: 440px) {
        .embedded .panes {
          display: none;
        }
        .embedded main {
          flex-direction: column;
          gap: 8px;
        }
        .embedded main[data-pane] > .right {
          display: flex;
        }
        .embedded main[data-pane] > moonwire-files {
          display: flex;
        }
        .embedded main > * {
          flex: 1 1 0;
        }
      }
      .whole {
        display: flex;
        flex-direction: column;
        flex: 1;
        min-height: 0;
      }
    `,
  ];

  declare workbench: Workbench;
  declare store: PreferenceStore;
  declare preferences: Preferences;
  declare locale: Locale;
  declare theme: Theme;
  /** Set when the page is a part of somebody's page. */
  declare embed: Embed | null;
  /** The code of the share dialog, which comes with the first asking. */
  declare hasShare: boolean;
  declare pane: Pane;
  /** How far the module's code is, which comes only when a project needs it. */
  declare moduleLoad: 'none' | 'loading' | 'loaded' | 'failed';
  /** The project for which the offer of the module was declined. */
  declare declined: string | null;
  declare notices: readonly { readonly id: number; readonly text: string }[];
  #nextNotice = 1;
  #release: (() => void)[] = [];

  constructor() {
    super();
    this.pane = 'files';
    this.embed = null;
    this.hasShare = false;
    this.moduleLoad = 'none';
    this.declined = null;
    this.notices = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const handleKey = (event: KeyboardEvent): void => this.#handleKey(event);
    // On the way down: the editor must not eat these keys first.
    addEventListener('keydown', handleKey, { capture: true });
    this.#release = [
      this.workbench.onChange(() => this.requestUpdate()),
      this.workbench.onNotice((notice) => this.tell(this.#wordNotice(notice))),
      () => removeEventListener('keydown', handleKey, { capture: true }),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const release of this.#release) release();
    this.#release = [];
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('preferences'))
      this.style.setProperty('--split', String(this.preferences.split));
    if (this.workbench.dialect === 'luat' && this.moduleLoad === 'none') void this.#loadModule();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('theme') || changed.has('locale'))
      this.dispatchEvent(new CustomEvent('dressed'));
  }

  get #strings(): Strings {
    return tables[this.locale];
  }

  override render() {
    const { workbench } = this;
    const { state } = workbench;
    const strings = this.#strings;
    const { machine } = state.machine;
    const alive = state.machine.consoles.filter(isAlive).length;
    return html`<div class="whole ${this.embed ? 'embedded' : ''}">
      <button class="button skip" type="button" @click=${() => this.#focusPane('files')}>
        ${strings.skipToEditor}
      </button>
      ${this.embed ? this.#embedBar() : this.#header()}
      ${
        machine.kind === 'crashed'
          ? this.#banner(strings.machineCrashed(machine.message))
          : state.isSilent
            ? this.#banner(strings.machineSilent)
            : nothing
      }
      ${this.#offer()} ${this.#caution()}
      <nav aria-label=${strings.narrowTabs}>
        <div class="panes" role="tablist">
          ${this.#paneTab('files', strings.editorPane, 0)}
          ${this.#paneTab('consoles', workbench.dialect === 'luat' ? strings.modulePane : strings.consolesPane, alive)}
        </div>
      </nav>
      <main data-pane=${this.pane}>
        <moonwire-files
          role="region"
          aria-label=${strings.editorPane}
          .strings=${strings}
          .workbench=${workbench}
          .state=${state}
          .tabIndents=${this.preferences.tabIndents}
          .isCompact=${this.embed !== null}
          .isReadOnly=${this.embed?.isReadOnly ?? false}
          .ask=${() => this.renderRoot.querySelector('moonwire-ask') as MoonwireAsk}
          @ran=${() => (this.pane = 'consoles')}
          @tell=${(event: CustomEvent<string>) => this.tell(event.detail)}
          @toggle-tab=${() => this.#choose({ tabIndents: !this.preferences.tabIndents })}
        ></moonwire-files>
        <div
          class="splitter"
          role="separator"
          tabindex="0"
          aria-orientation="vertical"
          aria-label=${strings.separator}
          aria-valuemin="20"
          aria-valuemax="80"
          aria-valuenow=${Math.round(this.preferences.split * 100)}
          @pointerdown=${this.#handleSplitStart}
          @keydown=${this.#handleSplitKey}
          @dblclick=${() => this.#choose({ split: 0.46 })}
        ></div>
        ${this.#right()}
      </main>
      <div class="notices" role="status">
        ${this.notices.map((notice) => html`<div class="notice">${notice.text}</div>`)}
      </div>
      <moonwire-dialog
        id="projects"
        wide
        .heading=${strings.chooseProject}
        .closeLabel=${strings.close}
      >
        <moonwire-projects
          .strings=${strings}
          .examples=${workbench.examples}
          .shared=${state.example && isSharedId(state.example.id) ? state.example : null}
          .current=${state.project.id}
          .changed=${state.changedProjects}
          @choose=${(event: CustomEvent<string>) => void this.#openProject(event.detail)}
        ></moonwire-projects>
      </moonwire-dialog>
      <moonwire-dialog id="help" text .heading=${strings.helpTitle} .closeLabel=${strings.close}>
        <moonwire-help
          .strings=${strings}
          .luaVersion=${machine.kind === 'ready' ? machine.luaVersion : ''}
        ></moonwire-help>
      </moonwire-dialog>
      <moonwire-dialog id="share" wide .heading=${strings.share} .closeLabel=${strings.close}>
        ${
          this.hasShare
            ? html`<moonwire-share
                .strings=${strings}
                .workbench=${workbench}
                .state=${state}
                .page=${location.href}
                @copy-text=${this.#copy}
              ></moonwire-share>`
            : nothing
        }
      </moonwire-dialog>
      <moonwire-ask .strings=${strings}></moonwire-ask>
    </div>`;
  }

  #header() {
    const { workbench } = this;
    return html`<moonwire-header
      .strings=${this.#strings}
      .state=${workbench.state}
      .plan=${workbench.plan}
      .theme=${this.theme}
      @open-projects=${() => void this.#showProjects()}
      @run-project=${() => this.#obey({ kind: 'runProject' })}
      @stop-all=${() => workbench.stopAll()}
      @switch-language=${() => this.#choose({ locale: this.locale === 'en' ? 'zh' : 'en' })}
      @switch-theme=${() => this.#choose({ theme: nextTheme[this.theme] })}
      @share=${() => void this.#showShare()}
      @open-help=${() => this.#dialog('help')?.show()}
      @choose-tunnel=${(event: CustomEvent<TunnelChoice>) => {
        this.#choose({ tunnel: event.detail });
        workbench.setTunnelChoice(event.detail);
      }}
      @try-tunnel=${() => workbench.tryTunnelNow()}
    ></moonwire-header>`;
  }

  #embedBar() {
    const { workbench } = this;
    return html`<moonwire-embed-bar
      .strings=${this.#strings}
      .workbench=${workbench}
      .state=${workbench.state}
      .page=${location.href}
      @run-project=${() => this.#obey({ kind: 'runProject' })}
      @stop-all=${() => workbench.stopAll()}
    ></moonwire-embed-bar>`;
  }

  // Whose code it is has to be known before Run, where it can reach beyond the tab.
  #caution() {
    const { state } = this.workbench;
    const strings = this.#strings;
    const isFit =
      isSharedId(state.project.id) && !state.isConfined && this.declined !== state.project.id;
    if (!isFit) return nothing;
    return html`<div class="banner caution" role="status">
      ${icon('warn')}<span>${strings.sharedCaution}</span>
      <button class="button small" type="button" @click=${() => (this.declined = state.project.id)}>
        ${strings.dismiss}
      </button>
    </div>`;
  }

  async #showShare(): Promise<void> {
    try {
      await import('./moonwire-share.ts');
      this.hasShare = true;
    } catch {
      this.tell(this.#strings.moduleFailed);
      return;
    }
    await this.#dialog('share')?.show();
  }

  readonly #copy = async (event: CustomEvent<string>): Promise<void> => {
    const strings = this.#strings;
    this.tell((await copyText(event.detail)) ? strings.copied : strings.copyFailed);
  };

  // What stands right of the editor: the consoles, or the bench when the project's scripts run on a module.
  #right() {
    const strings = this.#strings;
    const { workbench } = this;
    const { state } = workbench;
    const goTo = async (event: CustomEvent<{ path: string; line: number }>): Promise<void> => {
      this.pane = 'files';
      workbench.openFile(event.detail.path);
      await this.updateComplete;
      await this.#files?.goTo(event.detail.line);
    };
    if (workbench.dialect === 'luat' && this.moduleLoad !== 'failed') {
      if (this.moduleLoad !== 'loaded')
        return html`<div class="right loading" role="status">${strings.moduleLoading}</div>`;
      return html`<moonwire-module
        class="right"
        role="region"
        aria-label=${strings.modulePane}
        .strings=${strings}
        .workbench=${workbench}
        .state=${state}
        @run-project=${() => this.#obey({ kind: 'runProject' })}
        @tell=${(event: CustomEvent<string>) => this.tell(event.detail)}
        @copy-text=${this.#copy}
        @place=${goTo}
      ></moonwire-module>`;
    }
    return html`<moonwire-consoles
      class="right"
      .isCompact=${this.embed !== null}
      role="region"
      aria-label=${strings.consolesPane}
      .strings=${strings}
      .workbench=${workbench}
      .state=${state}
      @run-project=${() => this.#obey({ kind: 'runProject' })}
      @copy-text=${this.#copy}
      @place=${goTo}
      @show-console=${(event: CustomEvent<number>) => this.#consoles?.focusConsole(event.detail)}
    ></moonwire-consoles>`;
  }

  // Pasted scripts of another dialect are offered it; choosing it is a setting of the project.
  #offer() {
    const { workbench } = this;
    const { state } = workbench;
    const strings = this.#strings;
    const isFit =
      workbench.dialect === 'luasocket' &&
      state.project.dialect === null &&
      this.declined !== state.project.id;
    if (!isFit) return nothing;
    const isLuat = looksLikeLuat(state.project);
    if (!isLuat && !looksLikeChuck(state.project)) return nothing;
    const dialect = isLuat ? 'luat' : 'chuck';
    return html`<div class="banner offer" role="status">
      ${icon(isLuat ? 'chip' : 'terminal')}<span
        >${isLuat ? strings.looksLuat : strings.looksChuck}</span
      >
      <button
        class="button small primary"
        type="button"
        data-action="open-${dialect}"
        @click=${() => workbench.setDialect(dialect)}
      >
        ${isLuat ? strings.openLuat : strings.openChuck}
      </button>
      <button
        class="button small quiet"
        type="button"
        @click=${() => (this.declined = state.project.id)}
      >
        ${strings.dismiss}
      </button>
    </div>`;
  }

  async #loadModule(): Promise<void> {
    this.moduleLoad = 'loading';
    try {
      await import('./moonwire-module.ts');
      this.moduleLoad = 'loaded';
    } catch {
      // Offline, or a newer page took this one's place: the consoles show what the script prints.
      this.moduleLoad = 'failed';
      this.tell(this.#strings.moduleFailed);
    }
  }

  #banner(text: string) {
    const strings = this.#strings;
    return html`<div class="banner" role="alert">
      ${icon('warn')}<span>${text}</span>
      <button
        class="button small"
        type="button"
        data-action="new-machine"
        @click=${() => this.workbench.restartMachine()}
      >
        ${strings.newMachine}
      </button>
    </div>`;
  }

  #paneTab(pane: Pane, label: string, count: number) {
    const isChosen = this.pane === pane;
    return html`<button
      type="button"
      role="tab"
      data-pane=${pane}
      aria-selected=${isChosen}
      @click=${() => (this.pane = pane)}
    >
      ${icon(pane === 'files' ? 'code' : 'terminal')}${label}${count > 0 ? html`<span class="count">${count}</span>` : nothing}
    </button>`;
  }

  get #files(): MoonwireFiles | null {
    return this.renderRoot.querySelector('moonwire-files');
  }

  get #consoles(): MoonwireConsoles | MoonwireModule | null {
    return this.renderRoot.querySelector<MoonwireConsoles | MoonwireModule>(
      'moonwire-consoles, moonwire-module',
    );
  }

  #dialog(id: 'projects' | 'help' | 'share'): MoonwireDialog | null {
    return this.renderRoot.querySelector<MoonwireDialog>(`#${id}`);
  }

  async #showProjects(): Promise<void> {
    await this.#dialog('projects')?.show();
    // Typing filters at once; on a touch screen the keyboard would cover what there is to choose.
    if (matchMedia('(pointer: fine)').matches)
      this.renderRoot.querySelector('moonwire-projects')?.focus();
  }

  async #openProject(id: string): Promise<void> {
    this.#dialog('projects')?.close();
    const before = this.workbench.state.project.id;
    await this.workbench.openProject(id);
    this.pane = 'files';
    if (id === before) return;
    if (!isSharedId(id)) this.#choose({ lastProject: id });
    // A link's project stands nowhere else than in its address: Back leads to it.
    const address = addressOf(location.href, id);
    if (isSharedId(before)) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  }

  #choose(change: Partial<Preferences>): void {
    const preferences = { ...this.preferences, ...change };
    this.preferences = preferences;
    if (change.locale) this.locale = change.locale;
    if (change.theme) this.theme = change.theme;
    this.store.save(preferences);
  }

  #handleKey(event: KeyboardEvent): void {
    const shortcut = shortcutOf(event);
    if (!shortcut || this.#hasOpenDialog()) return;
    event.preventDefault();
    event.stopPropagation();
    this.#obey(shortcut);
  }

  #hasOpenDialog(): boolean {
    const dialogs = [
      ...this.renderRoot.querySelectorAll('moonwire-dialog, moonwire-ask, moonwire-header'),
    ];
    return dialogs.some((element) => deepDialogs(element).some((dialog) => dialog.open));
  }

  #obey(shortcut: Shortcut): void {
    const { workbench } = this;
    const { activePath, project } = workbench.state;
    switch (shortcut.kind) {
      case 'runFile':
        if (activePath === null) return;
        workbench.runFile(activePath);
        this.pane = 'consoles';
        break;
      case 'runProject':
        if (workbench.plan.length === 0) return;
        void workbench.runProject();
        this.pane = 'consoles';
        break;
      case 'stop': {
        const focused = this.#consoles?.focusedConsole ?? null;
        if (focused !== null) workbench.stop(focused);
        else workbench.stopFile(activePath);
        break;
      }
      case 'stopAll':
        workbench.stopAll();
        break;
      case 'tab': {
        const file = project.files[shortcut.index];
        if (!file) return;
        workbench.openFile(file.path);
        this.#focusPane('files');
        break;
      }
      case 'panes':
      case 'panesBack':
        this.#focusPane(this.#files?.matches(':focus-within') ? 'consoles' : 'files');
        break;
      case 'help':
        void this.#dialog('help')?.show();
        break;
    }
  }

  #focusPane(pane: Pane): void {
    this.pane = pane;
    void this.updateComplete.then(() => {
      if (pane === 'files') this.#files?.focusEditor();
      else this.#consoles?.focusConsole(null);
    });
  }

  #handleSplitStart(event: PointerEvent): void {
    const splitter = event.currentTarget as HTMLElement;
    const box = splitter.parentElement?.getBoundingClientRect();
    if (!box) return;
    splitter.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void =>
      this.#setSplit((moved.clientX - box.left) / box.width);
    const release = (): void => {
      splitter.removeEventListener('pointermove', move);
      this.store.save(this.preferences);
    };
    splitter.addEventListener('pointermove', move);
    splitter.addEventListener('lostpointercapture', release, { once: true });
  }

  #handleSplitKey(event: KeyboardEvent): void {
    const step = { ArrowLeft: -splitStep, ArrowRight: splitStep }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#setSplit(this.preferences.split + step);
    this.store.save(this.preferences);
  }

  #setSplit(split: number): void {
    this.preferences = { ...this.preferences, split: Math.min(0.8, Math.max(0.2, split)) };
  }

  #wordNotice(notice: Notice): string {
    const strings = this.#strings;
    switch (notice.kind) {
      case 'switched':
        return strings.projectSwitched(notice.count);
      case 'save-failed':
        return strings.saveFailed;
      case 'full':
        return strings.allConsolesBusy(limits.consoles);
      case 'too-big':
        return strings.fileTooBig(notice.path, strings.bytes(limits.fileBytes));
    }
  }

  /** Starts the project, as a click on Run does. */
  run(): void {
    this.#obey({ kind: 'runProject' });
  }

  /** Says something once, in passing. */
  tell(text: string): void {
    const id = this.#nextNotice++;
    this.notices = [...this.notices, { id, text }].slice(-limits.notices);
    setTimeout(
      () => (this.notices = this.notices.filter((notice) => notice.id !== id)),
      spans.noticeMs,
    );
  }
}

const nextTheme = { auto: 'light', light: 'dark', dark: 'auto' } as const satisfies Record<
  Theme,
  Theme
>;

// The dialogs inside an element's own tree and those of its parts.
function deepDialogs(element: Element): HTMLDialogElement[] {
  const root = element.shadowRoot;
  if (!root) return [];
  const inner = [...root.querySelectorAll('moonwire-dialog, moonwire-tunnel')].flatMap(deepDialogs);
  return [...root.querySelectorAll('dialog'), ...inner];
}

customElements.define('moonwire-app', MoonwireApp);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-app': MoonwireApp;
  }
}
