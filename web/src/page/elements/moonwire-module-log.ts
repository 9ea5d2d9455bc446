// The module's log: what the script prints, coloured by level, with a filter, a search and the time of each line.

import { css, html, nothing, type PropertyValues } from 'lit';

import { icon } from '../icons.ts';
import { limits } from '../limits.ts';
import {
  everything,
  logLevels,
  parseLogLine,
  passes,
  type LogFilter,
  type LogLevel,
} from '../module/log-line.ts';
import type { ModuleStrings } from '../module/module-strings.ts';
import type { Line, Scrollback } from '../scrollback.ts';
import type { Strings } from '../strings.ts';
import { LogElement, logStyles } from './log-element.ts';
import type { LogWords } from './log-view.ts';
import { shared } from './shared-styles.ts';

const textOf = (line: Line): string => line.spans.map((span) => span.text).join('');

/** Sends `copy-text` and (composed) `place`. */
export class MoonwireModuleLog extends LogElement {
  static override properties = {
    strings: { attribute: false },
    words: { attribute: false },
    filter: { state: true },
    hasTimes: { state: true },
    counts: { state: true },
  };
  static override styles = [
    shared,
    logStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        min-width: 0;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 6px;
        padding: 5px 8px;
        border-bottom: 1px solid var(--line);
        font-size: 12px;
      }
      .levels {
        display: flex;
        gap: 2px;
      }
      .level {
        width: 25px;
        height: 25px;
        padding: 0;
        border: 1px solid transparent;
        border-radius: 6px;
        background: none;
        font: 650 11.5px var(--mono);
        color: var(--text-3);
        cursor: pointer;
        opacity: 0.75;
        text-decoration: line-through;
      }
      .level[aria-pressed='true'] {
        background: var(--surface-2);
        border-color: var(--line-strong);
        opacity: 1;
        text-decoration: none;
        color: var(--level);
      }
      [data-level='T'] {
        --level: var(--text-3);
      }
      [data-level='D'] {
        --level: var(--ansi-6);
      }
      [data-level='I'] {
        --level: var(--good);
      }
      [data-level='W'] {
        --level: var(--warn);
      }
      [data-level='E'],
      [data-level='F'] {
        --level: var(--bad);
      }
      .search {
        display: flex;
        flex: 1 1 110px;
        align-items: center;
        gap: 5px;
        min-width: 90px;
        max-width: 260px;
        height: 26px;
        padding: 0 7px;
        border: 1px solid var(--line-strong);
        border-radius: 6px;
        color: var(--text-3);
        background: var(--surface);
      }
      .search:focus-within {
        outline: 2px solid var(--focus);
      }
      .search input {
        flex: 1;
        min-width: 0;
        border: 0;
        outline: 0;
        background: none;
        color: var(--text);
      }
      .count {
        color: var(--text-3);
        font-variant-numeric: tabular-nums;
      }
      .spring {
        flex: 1;
      }
      .icon-button[aria-pressed='true'] {
        background: var(--accent-soft);
        color: var(--text);
      }
      .log {
        font-size: 12px;
      }
      .line[data-level] {
        color: var(--text);
      }
      .line[data-level='T'],
      .line[data-level='D'] {
        color: var(--level);
      }
      .line[data-level='W'],
      .line[data-level='E'],
      .line[data-level='F'],
      .stderr {
        color: var(--level, var(--bad));
      }
      .line[data-level='F'] {
        background: var(--bad-soft);
        font-weight: 650;
      }
      .rows.times .line::before {
        content: attr(data-time) '  ';
        color: var(--text-3);
        font-size: 11px;
      }
      .empty {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        padding: 20px;
        color: var(--text-3);
        font-size: 13px;
        text-align: center;
        pointer-events: none;
      }
    `,
  ];

  declare strings: Strings;
  declare words: ModuleStrings;
  declare filter: LogFilter;
  declare hasTimes: boolean;
  declare counts: { readonly shown: number; readonly all: number };
  // When each line was first seen, by its serial; trimmed as the scrollback is.
  readonly #times = new Map<number, string>();

  constructor() {
    super();
    this.filter = everything;
    this.hasTimes = false;
    this.counts = { shown: 0, all: 0 };
  }

  override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has('words') || changed.has('filter')) {
      this.redraw();
      this.#count();
    }
  }

  protected override handleBegin(): void {
    this.#times.clear();
  }

  protected override handleSync(scrollback: Scrollback): void {
    const first = scrollback.lines[0]?.serial ?? Infinity;
    for (const serial of this.#times.keys()) {
      if (serial >= first) break;
      this.#times.delete(serial);
    }
    this.#count();
  }

  #count(): void {
    const lines = this.scrollback?.lines ?? [];
    const all = lines.length;
    // A filter over a few thousand lines costs less than a frame; none costs nothing.
    const shown =
      this.filter === everything ? all : lines.filter((line) => this.#isShown(line)).length;
    if (shown !== this.counts.shown || all !== this.counts.all) this.counts = { shown, all };
  }

  #isShown(line: Line): boolean {
    return line.note !== null || passes(this.filter, textOf(line));
  }

  protected override get logWords(): LogWords {
    return {
      note: (line) => this.#wordNote(line),
      isFile: (path) => this.paths.has(path),
      dress: (row, line) => {
        if (line.note) return;
        const text = textOf(line);
        row.hidden = this.filter !== everything && !passes(this.filter, text);
        const { level } = parseLogLine(text);
        if (level) row.dataset['level'] = level;
        const time = this.#times.get(line.serial) ?? wallTime(Date.now());
        this.#times.set(line.serial, time);
        row.dataset['time'] = time;
      },
    };
  }

  #wordNote(line: Line): string {
    const { note } = line;
    const { strings, words } = this;
    switch (note?.kind) {
      case 'started':
        return words.notes.started(wallTime(note.time).slice(0, 8));
      case 'exited': {
        const span = strings.seconds(note.spanMs);
        return note.reason === 'error' ? words.notes.crashed(span) : words.notes.ended(span);
      }
      case 'refused':
        return strings.noteRefused(note.message);
      case 'input-ended':
        return strings.noteInputEnded;
      case 'lost':
        return strings.lost(strings.bytes(note.size));
      case 'lua51-on':
      case 'lua51-missing':
      case undefined:
        return ''; // openLuat's dialect has those names anyway
    }
  }

  override render() {
    const { words, filter, counts } = this;
    return html`
      <div class="bar">
        <div class="levels" role="group" aria-label=${words.levelsLabel}>
          ${logLevels.map(
            (level) =>
              html`<button
                class="level"
                type="button"
                data-level=${level}
                aria-pressed=${filter.levels.has(level)}
                aria-label=${words.levels[level]}
                title=${words.levels[level]}
                @click=${() => this.#toggle(level)}
              >
                ${level}
              </button>`,
          )}
        </div>
        <label class="search"
          >${icon('search')}<span class="reader-only">${words.searchLog}</span
          ><input
            type="search"
            placeholder=${words.search}
            @input=${(event: Event) =>
              this.#setFilter({ search: (event.target as HTMLInputElement).value })}
        /></label>
        <span class="count" title=${words.kept(limits.scrollbackLines)}
          >${counts.shown === counts.all ? nothing : words.hidden(counts.shown, counts.all)}</span
        >
        <span class="spring"></span>
        <button
          class="icon-button small"
          type="button"
          aria-pressed=${this.hasTimes}
          aria-label=${words.times}
          title=${words.times}
          @click=${() => (this.hasTimes = !this.hasTimes)}
        >
          ${icon('clock')}
        </button>
        <button
          class="icon-button small"
          type="button"
          aria-label=${words.copy}
          title=${words.copy}
          @click=${() =>
            this.dispatchEvent(
              new CustomEvent('copy-text', {
                detail: this.scrollback?.text() ?? '',
                bubbles: true,
                composed: true,
              }),
            )}
        >
          ${icon('copy')}
        </button>
        <button
          class="icon-button small"
          type="button"
          aria-label=${words.clear}
          title=${words.clear}
          @click=${() => this.scrollback?.clear()}
        >
          ${icon('bin')}
        </button>
      </div>
      <div class="log-area">
        ${this.logArea(words.logLabel, words.toEnd, { rows: this.hasTimes ? 'times' : '', live: 'off' })}
        ${counts.all === 0 ? html`<p class="empty">${words.emptyLog}</p>` : nothing}
      </div>
    `;
  }

  #toggle(level: LogLevel): void {
    const levels = new Set(this.filter.levels);
    if (!levels.delete(level)) levels.add(level);
    this.#setFilter({ levels });
  }

  #setFilter(change: Partial<LogFilter>): void {
    const next = { ...this.filter, ...change };
    const isAll = next.search === '' && next.levels.size === logLevels.length;
    this.filter = isAll ? everything : next;
  }
}

/** `12:05:09.042` on the wall's clock. */
export function wallTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

customElements.define('moonwire-module-log', MoonwireModuleLog);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-module-log': MoonwireModuleLog;
  }
}
