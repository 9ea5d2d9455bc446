// The bench: the drawn module with its controls, and below it the log, the traces, the terminals, the lab and the wire.
// Loaded only when a project is openLuat's.

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';

import { repeat } from 'lit/directives/repeat.js';

import labScript from '../module/lab.lua?raw';
import { playBadDay, type Mishap } from '../module/bad-day.ts';
import { ModuleDesk, uartPorts } from '../module/module-desk.ts';
import { moduleTables, type ModuleStrings } from '../module/module-strings.ts';
import { putTestAddress } from '../module/test-address.ts';
import type { Strings } from '../strings.ts';
import { WireLog } from '../wire-log.ts';
import { isAlive, type ConsoleState } from '../workbench-state.ts';
import type { Workbench, WorkbenchState } from '../workbench.ts';
import type { Listener, ModuleAction } from '../../protocol.ts';
import './moonwire-at.ts';
import './moonwire-bench-controls.ts';
import './moonwire-board.ts';
import { consoleBox, hintStyles, watchHint } from './console-parts.ts';
import './moonwire-lab.ts';
import './moonwire-listeners.ts';
import type { TestAddress } from './moonwire-lab.ts';
import './moonwire-module-log.ts';
import './moonwire-pins.ts';
import './moonwire-readouts.ts';
import './moonwire-uart.ts';
import './moonwire-wire.ts';
import { bench } from './bench-styles.ts';
import { shared } from './shared-styles.ts';

type View = 'log' | 'at' | 'uart' | 'pins' | 'sockets' | 'lab' | 'others' | 'wire';

const leftViews: readonly View[] = ['log', 'at', 'uart'];
const rightViews: readonly View[] = ['lab', 'others', 'pins', 'sockets', 'wire'];
const wideFrom = 800; // pixels; from here on the log and the lab stand side by side
const narrowTo = 600;

/** Sends `run-project`, `tell` with a text and, from below, `place` and `copy-text`. */
export class MoonwireModule extends LitElement {
  static override properties = {
    strings: { attribute: false },
    workbench: { attribute: false },
    state: { attribute: false },
    isWide: { state: true },
    isNarrow: { state: true },
    left: { state: true },
    right: { state: true },
    ticks: { state: true },
    isBadDay: { state: true },
    hiddenHint: { state: true },
  };
  static override styles = [
    shared,
    bench,
    hintStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 8px;
        min-width: 0;
        min-height: 0;
        container-type: inline-size;
      }
      .scrolling {
        flex: 1;
        min-height: 0;
        overflow: auto;
        scrollbar-width: thin;
        border-radius: 10px;
      }
      .all {
        display: flex;
        flex-direction: column;
        gap: 8px;
        min-height: 100%;
      }
      .top {
        display: grid;
        grid-template-columns: minmax(280px, 1.15fr) minmax(270px, 1fr);
        gap: 9px 16px;
        padding: 10px 14px;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--surface);
      }
      moonwire-readouts {
        grid-column: 1 / -1;
        padding-top: 8px;
        border-top: 1px solid var(--line);
      }
      moonwire-board {
        max-width: 600px;
        width: 100%;
        align-self: start;
        justify-self: center;
      }
      .views {
        flex: 1;
        display: flex;
        gap: 8px;
        min-height: 300px;
      }
      .group {
        flex: 1 1 0;
        display: flex;
        flex-direction: column;
        min-width: 0;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--surface);
        overflow: hidden;
      }
      .tabs {
        display: flex;
        flex: none;
        gap: 1px;
        padding: 0 6px;
        border-bottom: 1px solid var(--line);
        background: var(--surface-2);
        overflow-x: auto;
        scrollbar-width: none;
      }
      .tab {
        flex: none;
        height: 35px;
        padding: 0 11px;
        border: 0;
        border-bottom: 2px solid transparent;
        background: none;
        font-size: 12.5px;
        font-weight: 550;
        color: var(--text-2);
        cursor: pointer;
      }
      .tab[aria-selected='true'] {
        border-bottom-color: var(--accent);
        color: var(--text);
      }
      .tab:focus-visible {
        outline-offset: -2px;
        border-radius: 6px;
      }
      .count {
        margin-left: 5px;
        padding: 0 5px;
        border-radius: 8px;
        background: var(--accent-soft);
        color: var(--text);
        font-size: 11px;
      }
      .view {
        flex: 1;
        min-height: 0;
      }
      .sockets {
        overflow: auto;
      }
      .others {
        display: flex;
        flex-direction: column;
        overflow: auto;
      }
      .others moonwire-console {
        flex: 1 0 200px;
        border: 0;
        border-radius: 0;
      }
      @container (max-width: 600px) {
        .top {
          grid-template-columns: minmax(0, 1fr);
          padding: 10px;
        }
        .views {
          min-height: 440px;
        }
      }
    `,
  ];

  declare strings: Strings;
  declare workbench: Workbench;
  declare state: WorkbenchState;
  declare isWide: boolean;
  declare isNarrow: boolean;
  declare left: View;
  declare right: View;
  declare ticks: number;
  declare isBadDay: boolean;
  declare hiddenHint: string | null;
  #desk: ModuleDesk | null = null;
  #wire: WireLog | null = null;
  #release: (() => void)[] = [];
  #endDay: (() => void) | null = null;
  #hadOthers = false;
  #frame: number | null = null;

  constructor() {
    super();
    this.isWide = false;
    this.isNarrow = false;
    this.left = 'log';
    this.right = 'lab';
    this.ticks = 0;
    this.isBadDay = false;
    this.hiddenHint = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const desk = new ModuleDesk(this.workbench, labScript);
    const wire = new WireLog(this.workbench);
    this.#desk = desk;
    this.#wire = wire;
    const observer = new ResizeObserver(() => {
      this.isWide = this.clientWidth >= wideFrom;
      this.isNarrow = this.clientWidth < narrowTo;
    });
    observer.observe(this);
    this.#release = [
      desk.onChange(() => this.#planDraw()),
      () => desk.dispose(),
      () => wire.dispose(),
      () => observer.disconnect(),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endBadDay();
    for (const release of this.#release) release();
    this.#release = [];
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('isWide')) this.#sortViews();
    // A server that has just been started beside the module is what to look at.
    const hasOthers = this.#others.some(isAlive);
    if (hasOthers && !this.#hadOthers && this.isWide) this.right = 'others';
    this.#hadOthers = hasOthers;
    if (!this.#others.length && this.right === 'others') this.right = 'lab';
    if (!this.#others.length && this.left === 'others') this.left = 'log';
    if (this.isBadDay && !this.#desk?.isOn && !this.#isStarting) this.#endBadDay();
  }

  /** Consoles are what the shortcuts ask for; the module's is the only one. */
  get focusedConsole(): number | null {
    return this.matches(':focus-within') ? (this.#console?.id ?? null) : null;
  }

  focusConsole(): void {
    this.renderRoot
      .querySelector('moonwire-board')
      ?.renderRoot.querySelector<HTMLElement>('[data-key=power]')
      ?.focus();
  }

  // However much the module says, the bench is drawn once a frame.
  #planDraw(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.ticks++;
    });
  }

  get #words(): ModuleStrings {
    return moduleTables[this.strings.languageName === 'English' ? 'en' : 'zh'];
  }

  get #console(): ConsoleState | undefined {
    const { consoles } = this.state.machine;
    const own = consoles.filter((one) => this.workbench.dialectOfFile(one.path) === 'luat');
    return own.find(isAlive) ?? own.at(-1);
  }

  // Processes that stand beside the module, such as a server of the example's.
  get #others(): readonly ConsoleState[] {
    const { consoles } = this.state.machine;
    return consoles.filter((one) => this.workbench.dialectOfFile(one.path) !== 'luat');
  }

  get #rightViews(): readonly View[] {
    return this.#others.length > 0 ? rightViews : rightViews.filter((view) => view !== 'others');
  }

  get #isStarting(): boolean {
    return this.#console?.phase.kind === 'starting';
  }

  // Side by side each group has a view of its own; in one column there is one.
  #sortViews(): void {
    if (!this.isWide) return;
    if (!leftViews.includes(this.left)) {
      this.right = this.left;
      this.left = 'log';
    }
  }

  override render() {
    const desk = this.#desk;
    if (!desk) return nothing;
    const words = this.#words;
    const { state } = desk;
    const lamp = (watch: ModuleDesk['netLamp']) => ({
      isLit: watch.isLit,
      pattern: watch.pattern,
    });
    const { listeners } = this.state.machine;
    return html`<div class="scrolling">
        <div class="all">
          <h2 class="reader-only">${words.bench}</h2>
          ${this.#hint()}
          <div class="top">
            <moonwire-board
              .words=${words}
              .state=${state}
              .netLamp=${lamp(desk.netLamp)}
              .lteLamp=${lamp(desk.lteLamp)}
              @act=${(event: CustomEvent<ModuleAction>) => desk.act(event.detail)}
              @power-on=${() => this.#powerOn()}
            ></moonwire-board>
            <moonwire-bench-controls
              .words=${words}
              .state=${state}
              .isNetworkThere=${desk.isNetworkThere}
              .isBadDay=${this.isBadDay}
              .isStarting=${this.#isStarting}
              @act=${(event: CustomEvent<ModuleAction>) => desk.act(event.detail)}
              @power=${() => this.#togglePower(desk)}
              @bad-day=${() => this.#toggleBadDay(desk)}
            ></moonwire-bench-controls>
            <moonwire-readouts
              .words=${words}
              .strings=${this.strings}
              .state=${state}
              .net=${desk.netLamp.pattern}
              ?compact=${this.isNarrow}
            ></moonwire-readouts>
          </div>
          <div class="views">
            ${
              this.isWide
                ? [
                    this.#group(leftViews, this.left, words.moreTabs, (view) => (this.left = view)),
                    this.#group(
                      this.#rightViews,
                      this.right,
                      words.labTabs,
                      (view) => (this.right = view),
                    ),
                  ]
                : this.#group(
                    [...leftViews, ...this.#rightViews],
                    this.left,
                    words.moreTabs,
                    (view) => (this.left = view),
                  )
            }
          </div>
        </div>
      </div>
      <moonwire-listeners
        ?hidden=${listeners.length === 0}
        .strings=${this.strings}
        .machine=${this.state.machine}
        .hasWire=${false}
        .nameOf=${(pid: number) => this.#nameOf(pid)}
        @shut-listener=${(event: CustomEvent<Listener>) => this.workbench.shutDoor(event.detail)}
        @show-console=${(event: CustomEvent<number | undefined>) => this.#showOwner(event)}
      ></moonwire-listeners>`;
  }

  #hint() {
    const { example, project } = this.state;
    const { strings } = this;
    if (!example || this.hiddenHint === project.id) return nothing;
    const hide = (): void => void (this.hiddenHint = project.id);
    return watchHint(strings, strings.watchOf(example.header), hide);
  }

  #group(
    views: readonly View[],
    chosen: View,
    label: string,
    choose: (view: View) => void,
  ): TemplateResult {
    const words = this.#words;
    const names: Readonly<Record<View, string>> = {
      log: words.log,
      at: words.at,
      uart: 'UART',
      pins: words.pins,
      sockets: words.sockets,
      lab: words.lab,
      others: words.processes,
      wire: words.wire,
    };
    return html`<section class="group" aria-label=${label}>
      <div
        class="tabs"
        role="tablist"
        aria-label=${label}
        @keydown=${(event: KeyboardEvent) => this.#handleTabKey(event, views, chosen, choose)}
      >
        ${views.map(
          (view) =>
            html`<button
              class="tab"
              role="tab"
              type="button"
              data-view=${view}
              aria-selected=${view === chosen}
              tabindex=${view === chosen ? 0 : -1}
              @click=${() => {
                choose(view);
                void this.#reveal();
              }}
            >
              ${names[view]}${this.#count(view)}
            </button>`,
        )}
      </div>
      ${this.#view(chosen, names[chosen])}
    </section>`;
  }

  #count(view: View) {
    const desk = this.#desk;
    const count =
      view === 'lab'
        ? (desk?.lab.clients.length ?? 0)
        : view === 'sockets'
          ? (desk?.state.sockets.length ?? 0)
          : view === 'others'
            ? this.#others.filter(isAlive).length
            : 0;
    return count > 0 ? html`<span class="count">${count}</span>` : nothing;
  }

  #view(view: View, label: string) {
    const desk = this.#desk as ModuleDesk;
    const words = this.#words;
    const console = this.#console;
    const paths = new Set(this.state.project.files.map((file) => file.path));
    switch (view) {
      case 'log':
        return html`<moonwire-module-log
          class="view"
          role="tabpanel"
          aria-label=${label}
          .strings=${this.strings}
          .words=${words}
          .paths=${paths}
          .scrollback=${console ? this.workbench.scrollbackOf(console.id) : null}
        ></moonwire-module-log>`;
      case 'at':
        return html`<moonwire-at
          class="view"
          role="tabpanel"
          aria-label=${label}
          .words=${words}
          .entries=${[...desk.at.entries]}
          .lost=${desk.at.lost}
          @clear=${() => {
            desk.at.clear();
            this.ticks++;
          }}
        ></moonwire-at>`;
      case 'uart':
        return html`<moonwire-uart
          class="view"
          role="tabpanel"
          aria-label=${label}
          .words=${words}
          .desk=${desk}
          .state=${desk.state}
          .version=${uartPorts.map((port) => desk.terminals[port].version).join()}
        ></moonwire-uart>`;
      case 'pins':
        return html`<moonwire-pins
          class="view"
          role="tabpanel"
          aria-label=${label}
          .words=${words}
          .state=${desk.state}
          @act=${(event: CustomEvent<ModuleAction>) => desk.act(event.detail)}
        ></moonwire-pins>`;
      case 'sockets':
        return this.#sockets(desk, label);
      case 'lab':
        return html`<moonwire-lab
          class="view"
          role="tabpanel"
          aria-label=${label}
          .words=${words}
          .strings=${this.strings}
          .lab=${desk.lab}
          .version=${this.ticks}
          .listeners=${this.state.machine.listeners}
          .hasTunnel=${this.state.machine.tunnel.phase === 'open'}
          @put-address=${(event: CustomEvent<TestAddress>) => this.#putAddress(event.detail)}
          @tell=${(event: CustomEvent<string>) => this.#send('tell', event.detail)}
        ></moonwire-lab>`;
      case 'others':
        return this.#otherConsoles(label, paths);
      case 'wire':
        return html`<moonwire-wire
          class="view"
          role="tabpanel"
          aria-label=${label}
          .words=${words}
          .wire=${this.#wire}
          .paths=${paths}
          .nameOf=${(pid: number) => this.#nameOf(pid)}
        ></moonwire-wire>`;
    }
  }

  #sockets(desk: ModuleDesk, label: string) {
    const words = this.#words;
    const { sockets } = desk.state;
    return html`<div class="view sockets" role="tabpanel" tabindex="0" aria-label=${label}>
      ${
        sockets.length === 0
          ? html`<p class="empty">${words.socketsEmpty}</p>`
          : html`<table>
              <thead>
                <tr>
                  ${words.socketColumns.map((column) => html`<th scope="col">${column}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${sockets.map(
                  (socket) =>
                    html`<tr>
                      <td>${socket.id}</td>
                      <td>${socket.protocol.toUpperCase()}</td>
                      <td class="mono">${socket.peer}</td>
                      <td>${words.socketStates[socket.state]}</td>
                      <td>${socket.sent}</td>
                      <td>${socket.received}</td>
                      <td>${socket.unread}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`
      }
    </div>`;
  }

  #otherConsoles(label: string, paths: ReadonlySet<string>) {
    return html`<div class="view others" role="tabpanel" aria-label=${label}>
      ${repeat(
        this.#others,
        (console) => console.id,
        (console) =>
          consoleBox(console, {
            strings: this.strings,
            workbench: this.workbench,
            paths,
            isCompact: false,
            copy: (text) => this.dispatchEvent(new CustomEvent('copy-text', { detail: text })),
          }),
      )}
    </div>`;
  }

  // Whoever listens has a view of its own: a process beside the module, the lab, or the module itself.
  #showOwner(event: CustomEvent<number | undefined>): void {
    event.stopPropagation();
    const isOther = this.#others.some((one) => one.id === event.detail);
    const view = isOther ? 'others' : event.detail === undefined ? 'lab' : 'sockets';
    if (this.isWide) this.right = view;
    else this.left = view;
    void this.#reveal();
  }

  // The chosen view comes into sight where the bench is higher than its place.
  async #reveal(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector('.views')?.scrollIntoView({ block: 'nearest' });
  }

  #nameOf(pid: number): string | null {
    if (pid === this.#desk?.lab.pid) return this.#words.lab;
    const found = this.state.machine.consoles.find(
      (one) => one.phase.kind === 'running' && one.phase.pid === pid,
    );
    return found?.path ?? null;
  }

  #handleTabKey(
    event: KeyboardEvent,
    views: readonly View[],
    chosen: View,
    choose: (view: View) => void,
  ): void {
    const at = views.indexOf(chosen);
    const target: Readonly<Record<string, number>> = {
      ArrowRight: (at + 1) % views.length,
      ArrowLeft: (at - 1 + views.length) % views.length,
      Home: 0,
      End: views.length - 1,
    };
    const next = views[target[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    choose(next);
    const list = event.currentTarget as HTMLElement;
    void this.updateComplete.then(() =>
      list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus(),
    );
  }

  // What stands beside the module goes on when the module is switched on again.
  #powerOn(): void {
    const main = this.workbench.plan.find((path) => this.workbench.dialectOfFile(path) === 'luat');
    if (main !== undefined && this.#others.some(isAlive)) this.workbench.runFile(main);
    else this.#send('run-project');
  }

  #togglePower(desk: ModuleDesk): void {
    const console = this.#console;
    if (desk.isOn && console) this.workbench.stop(console.id);
    else this.#powerOn();
  }

  #putAddress({ host, port }: TestAddress): void {
    const words = this.#words;
    const put = putTestAddress(this.state.project, host, port);
    if (!put) {
      this.dispatchEvent(
        new CustomEvent('copy-text', { detail: `${host}:${String(port)}`, bubbles: true }),
      );
      this.#send('tell', words.labPutNone);
      return;
    }
    this.workbench.openFile(put.path);
    this.workbench.edit(put.path, put.text);
    this.#send('tell', words.labPutDone(put.path, put.line));
  }

  #toggleBadDay(desk: ModuleDesk): void {
    if (this.isBadDay) {
      this.#endBadDay();
      return;
    }
    this.isBadDay = true;
    this.#endDay = playBadDay(
      (spanMs, run) => {
        const timer = setTimeout(run, spanMs);
        return () => clearTimeout(timer);
      },
      (mishap) => this.#happen(desk, mishap),
      () => this.#endBadDay(),
    );
  }

  #happen(desk: ModuleDesk, mishap: Mishap): void {
    if (mishap.do === 'reset-clients')
      for (const client of desk.lab.clients) desk.lab.resetClient(client.id);
    else desk.act(mishap);
  }

  #endBadDay(): void {
    this.#endDay?.();
    this.#endDay = null;
    this.isBadDay = false;
  }

  #send(kind: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

customElements.define('moonwire-module', MoonwireModule);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-module': MoonwireModule;
  }
}
