// What stands in the pane of consoles and on the module's bench alike: one console of a process, and what to watch for.

import { css, html } from 'lit';

import { obeyConsole, type ConsoleAction } from '../console-actions.ts';
import { icon } from '../icons.ts';
import type { Strings } from '../strings.ts';
import type { ConsoleState } from '../workbench-state.ts';
import type { Workbench } from '../workbench.ts';
import './moonwire-console.ts';

export const hintStyles = css`
  .hint {
    display: flex;
    align-items: flex-start;
    gap: 9px;
    padding: 6px 7px 6px 12px;
    border: 1px solid var(--line);
    border-radius: 10px;
    background: var(--surface);
    font-size: 13px;
  }
  .hint > .icon {
    margin-top: 5px;
    color: var(--accent);
  }
  .hint p {
    flex: 1;
    margin: 3px 0;
    color: var(--text-2);
  }
  .hint b {
    color: var(--text);
    font-weight: 600;
  }
`;

/** What to watch for in an example, and a button that takes it away. */
export const watchHint = (strings: Strings, watch: string, hide: () => void) =>
  html`<div class="hint">
    ${icon('eye')}
    <p><b>${strings.watchFor}:</b> ${watch}</p>
    <button
      class="icon-button small"
      type="button"
      aria-label=${strings.hideHint}
      title=${strings.hideHint}
      @click=${hide}
    >
      ${icon('close')}
    </button>
  </div>`;

/** A process by its file, told apart from other processes of the same. */
export const consoleName = ({ path, copy }: ConsoleState): string =>
  copy > 1 ? `${path} #${String(copy)}` : path;

/** Where a console stands. */
export interface ConsolePlace {
  readonly strings: Strings;
  readonly workbench: Workbench;
  readonly paths: ReadonlySet<string>;
  readonly isCompact: boolean;
  readonly copy: (text: string) => void;
}

/** The console of one process, joined to the workbench. */
export function consoleBox(console: ConsoleState, place: ConsolePlace) {
  const { strings, workbench, paths, isCompact, copy } = place;
  return html`<moonwire-console
    role="group"
    aria-label=${strings.consoleLabel(consoleName(console))}
    data-path=${console.path}
    data-copy=${console.copy}
    data-phase=${console.phase.kind}
    .strings=${strings}
    .console=${console}
    .scrollback=${workbench.scrollbackOf(console.id)}
    .paths=${paths}
    .isCompact=${isCompact}
    .hue=${console.id}
    .now=${() => workbench.now}
    @line=${(event: CustomEvent<string>) => workbench.sendLine(console.id, event.detail)}
    @act=${(event: CustomEvent<ConsoleAction>) =>
      obeyConsole(workbench, console.id, event.detail, copy)}
  ></moonwire-console>`;
}
