// One console: a process's output as a log, an ordinary input line, and what one can do with the process.

import { css, html, nothing, type PropertyValues } from 'lit';

import type { ConsoleAction } from '../console-actions.ts';
import { icon } from '../icons.ts';
import { InputHistory } from '../input-history.ts';
import { limits } from '../limits.ts';
import type { Line } from '../scrollback.ts';
import { clock, type Strings } from '../strings.ts';
import { isAlive, type ConsoleState } from '../workbench-state.ts';
import { LogElement, logStyles } from './log-element.ts';
import type { LogWords } from './log-view.ts';
import './moonwire-menu.ts';
import { shared } from './shared-styles.ts';

/** Sends `act` with a ConsoleAction, `line` with a typed line, `place` with a file and line. */
export class MoonwireConsole extends LogElement {
  static override properties = {
    strings: { attribute: false },
    console: { attribute: false },
    hue: { type: Number },
    isCompact: { attribute: false },
    now: { attribute: false },
    ticks: { state: true },
  };
  static override styles = [
    shared,
    logStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-width: 0;
        min-height: 0;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--surface);
        overflow: hidden;
      }
      :host(:focus-within) {
        border-color: var(--line-strong);
      }
      .head {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 38px;
        padding: 4px 5px 4px 11px;
        border-bottom: 1px solid var(--line);
        background: var(--surface-2);
      }
      .tag {
        flex: none;
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--hue);
      }
      .ended .tag {
        background: none;
        box-shadow: inset 0 0 0 1.5px var(--hue);
      }
      h3 {
        flex: 0 1 auto;
        min-width: 5ch;
        margin: 0;
        font: 600 12.5px var(--mono);
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .copy {
        font-weight: 500;
        color: var(--text-3);
      }
      .status {
        flex: 1 1 0;
        min-width: 0;
        font-size: 12px;
        color: var(--text-3);
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
        font-variant-numeric: tabular-nums;
      }
      .status[data-tone='good'] {
        color: var(--good);
      }
      .status[data-tone='wait'] {
        color: var(--accent);
      }
      .status[data-tone='bad'] {
        color: var(--bad);
      }
      .tools {
        display: flex;
        flex: none;
      }
      .stderr {
        color: var(--bad);
      }
      .typed {
        color: var(--accent);
        font-weight: 600;
      }
      .line > .typed:first-child::before {
        content: '› ' / '';
        opacity: 0.7;
      }
      .bold {
        font-weight: 700;
      }
      .dim {
        opacity: 0.72;
      }
      .italic {
        font-style: italic;
      }
      .underline {
        text-decoration: underline;
      }
      .strike {
        text-decoration: line-through;
      }
      .inverse {
        background-color: var(--text);
        color: var(--surface);
      }
      .note.exited {
        margin-top: 6px;
        padding-top: 5px;
        border-top: 1px dashed var(--line-strong);
      }
      .note[data-reason='finished'] {
        color: var(--good);
      }
      .input {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 4px 5px 4px 12px;
        border-top: 1px solid var(--line);
        background: var(--surface-2);
      }
      .input.waits {
        background: var(--accent-soft);
        border-top-color: var(--accent);
      }
      .prompt {
        flex: none;
        font: 600 13px var(--mono);
        color: var(--text-3);
      }
      .waits .prompt {
        color: var(--accent);
      }
      input {
        flex: 1;
        min-width: 0;
        height: 30px;
        padding: 0 6px;
        border: 0;
        border-radius: 6px;
        background: transparent;
        font: 13px var(--mono);
      }
      input::placeholder {
        color: var(--text-3);
        opacity: 1;
        font-family: var(--sans);
      }
      .waits input::placeholder {
        color: var(--accent);
      }
      input:focus-visible {
        background: var(--surface);
        outline-offset: 0;
      }
      @media (pointer: coarse) {
        input {
          height: 38px;
          font-size: 16px; /* smaller makes iOS zoom in */
        }
      }
    `,
  ];

  declare strings: Strings;
  declare console: ConsoleState;
  declare hue: number;
  /** Little room: no input line where nobody reads. */
  declare isCompact: boolean;
  declare now: () => number;
  declare ticks: number;
  readonly #history = new InputHistory();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor() {
    super();
    this.hue = 0;
    this.isCompact = false;
    this.ticks = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#setTimer(false);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('hue')) this.style.setProperty('--hue', `var(--hue-${this.hue % 8})`);
  }

  override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has('strings')) this.redraw();
    this.#setTimer(this.console.phase.kind === 'running');
  }

  focusInput(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  // The seconds tick only while there is something to count.
  #setTimer(runs: boolean): void {
    if (runs && this.#timer === null) this.#timer = setInterval(() => this.ticks++, 1000);
    if (!runs && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  get #name(): string {
    const { path, copy } = this.console;
    return copy > 1 ? `${path} #${copy}` : path;
  }

  protected override get logWords(): LogWords {
    const { strings } = this;
    return { note: (line) => noteText(line, strings), isFile: (path) => this.paths.has(path) };
  }

  get #status(): { readonly text: string; readonly tone: string } {
    const { phase } = this.console;
    const { strings } = this;
    switch (phase.kind) {
      case 'starting':
        return { text: strings.statusStarting, tone: '' };
      case 'running': {
        const elapsed = clock(Math.max(0, this.now() - phase.since));
        if (phase.stopping) return { text: strings.statusStopping, tone: '' };
        if (phase.waits) return { text: `${strings.statusWaiting} · ${elapsed}`, tone: 'wait' };
        return { text: `${strings.statusRunning} · ${elapsed}`, tone: 'good' };
      }
      case 'ended':
        if (phase.reason === 'error') return { text: strings.statusFailed, tone: 'bad' };
        return { text: strings.statusEnded, tone: '' };
      case 'refused':
        return {
          text: phase.message === '' ? strings.statusEnded : strings.statusFailed,
          tone: phase.message === '' ? '' : 'bad',
        };
    }
  }

  override render() {
    const { strings, console } = this;
    const alive = isAlive(console);
    const { phase } = console;
    const waits = phase.kind === 'running' && phase.waits;
    const status = this.#status;
    const placeholder = !alive
      ? strings.inputEnded
      : waits
        ? strings.inputWaiting
        : strings.inputIdle;
    return html`
      <div class="head ${alive ? 'alive' : 'ended'}">
        <span class="tag"></span>
        <h3 title=${[console.path, ...console.args].join(' ')}>
          ${console.path}${console.copy > 1 ? html`<span class="copy"> #${console.copy}</span>` : nothing}
        </h3>
        <span class="status" data-tone=${status.tone}>${status.text}</span>
        <div class="tools">
          ${
            alive
              ? html`<button
                  class="icon-button small"
                  type="button"
                  data-action="stop"
                  aria-label="${strings.stop} ${this.#name}"
                  title=${strings.stop}
                  @click=${() => this.#act('stop')}
                >
                  ${icon('stop')}
                </button>`
              : nothing
          }
          <button
            class="icon-button small"
            type="button"
            data-action="restart"
            aria-label="${strings.restart} ${this.#name}"
            title=${strings.restart}
            @click=${() => this.#act('restart')}
          >
            ${icon('restart')}
          </button>
          <button
            class="icon-button small"
            type="button"
            data-action="copy"
            aria-label=${strings.runCopyTitle(console.path)}
            title=${strings.runCopyTitle(console.path)}
            @click=${() => this.#act('copy')}
          >
            ${icon('duplicate')}
          </button>
          <moonwire-menu
            .label=${strings.moreConsoleActions}
            .items=${[
              { id: 'clear', label: strings.clear, icon: 'bin' },
              { id: 'copy-output', label: strings.copyOutput, icon: 'copy' },
              { id: 'close', label: strings.closeConsole, icon: 'close' },
            ]}
            @choose=${(event: CustomEvent<ConsoleAction>) => this.#act(event.detail)}
          ></moonwire-menu>
        </div>
      </div>
      <div class="log-area">
        ${this.logArea(strings.outputLabel(this.#name), strings.newOutput)}
      </div>
      <div class="input ${waits ? 'waits' : ''}" ?hidden=${this.isCompact && !alive}>
        <span class="prompt" aria-hidden="true">›</span>
        <input
          aria-label=${strings.inputLabel(this.#name)}
          placeholder=${placeholder}
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck="false"
          enterkeyhint="send"
          maxlength=${limits.typedChars}
          ?disabled=${phase.kind !== 'running'}
          @keydown=${this.#handleKey}
          @paste=${this.#handlePaste}
        />
        <button
          class="icon-button small"
          type="button"
          data-action="send"
          aria-label=${strings.send}
          title=${strings.send}
          ?disabled=${phase.kind !== 'running'}
          @click=${() => this.#send()}
        >
          ${icon('enter')}
        </button>
        <button
          class="icon-button small"
          type="button"
          data-action="end-input"
          aria-label=${strings.endInput}
          title=${strings.endInputTitle}
          ?disabled=${phase.kind !== 'running'}
          @click=${() => this.#act('end-input')}
        >
          ${icon('end')}
        </button>
      </div>
    `;
  }

  get #input(): HTMLInputElement {
    return this.renderRoot.querySelector('input') as HTMLInputElement;
  }

  #handleKey(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word (229 is how Safari says it on the last key).
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (event.isComposing || event.keyCode === 229) return;
    const input = this.#input;
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const line =
        event.key === 'ArrowUp' ? this.#history.older(input.value) : this.#history.newer();
      event.preventDefault();
      if (line === null) return;
      input.value = line;
      input.setSelectionRange(line.length, line.length);
    } else if (event.key === 'd' && event.ctrlKey && input.value === '') {
      event.preventDefault();
      this.#act('end-input');
    }
  }

  // Several pasted lines are sent line by line, as a terminal does; the last piece stays to be edited.
  #handlePaste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const input = this.#input;
    const start = input.selectionStart ?? input.value.length;
    const end = input.selectionEnd ?? start;
    const whole =
      input.value.slice(0, start) + text.slice(0, limits.typedChars) + input.value.slice(end);
    const lines = whole.split(/\r\n?|\n/);
    input.value = lines.pop() ?? '';
    for (const line of lines) this.#sendLine(line);
  }

  #send(): void {
    const input = this.#input;
    const { value } = input;
    input.value = '';
    this.#sendLine(value);
    input.focus();
  }

  #sendLine(line: string): void {
    this.#history.add(line);
    this.toEnd();
    this.dispatchEvent(new CustomEvent('line', { detail: line }));
  }

  #act(action: ConsoleAction): void {
    this.dispatchEvent(new CustomEvent('act', { detail: action }));
  }
}

function noteText(line: Line, strings: Strings): string {
  const { note } = line;
  switch (note?.kind) {
    case 'started':
      return strings.noteStarted(
        new Date(note.time).toLocaleTimeString(
          strings.languageName === 'English' ? 'en-GB' : 'zh-CN',
        ),
      );
    case 'exited': {
      const span = strings.seconds(note.spanMs);
      if (note.reason === 'finished') return strings.exitFinished(span);
      if (note.reason === 'error') return strings.exitError(note.status, span);
      if (note.reason === 'stopped') return strings.exitStopped(span);
      return strings.exitStatus(note.status, span);
    }
    case 'refused':
      return strings.noteRefused(note.message);
    case 'input-ended':
      return strings.noteInputEnded;
    case 'lua51-on':
      return strings.noteLua51On(note.names.join(', '));
    case 'lua51-missing':
      return strings.noteLua51Missing(note.name);
    case 'lost':
      return strings.lost(strings.bytes(note.size));
    case undefined:
      return '';
  }
}

customElements.define('moonwire-console', MoonwireConsole);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-console': MoonwireConsole;
  }
}
