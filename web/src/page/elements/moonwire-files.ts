// The left side: the project's files as tabs, what one can do with the open one, the editor, and a line of status.

import { css, html, LitElement, nothing } from 'lit';

import { icon } from '../icons.ts';
import { splitArguments } from '../launch-plan.ts';
import { limits } from '../limits.ts';
import {
  fileOf,
  freeName,
  isChanged,
  isLua,
  nameInside,
  nameProblem,
  toSave,
  type ProjectFile,
} from '../projects.ts';
import { shortcutKeys } from '../shortcuts.ts';
import type { Strings } from '../strings.ts';
import { isAlive } from '../workbench-state.ts';
import type { Workbench, WorkbenchState } from '../workbench.ts';
import type { MoonwireAsk } from './moonwire-ask.ts';
import './moonwire-editor.ts';
import type { MoonwireEditor } from './moonwire-editor.ts';
import './moonwire-menu.ts';
import { shared } from './shared-styles.ts';

/** Sends `ran` after a file was started, `toggle-tab`, `tell` with a text. */
export class MoonwireFiles extends LitElement {
  static override properties = {
    strings: { attribute: false },
    workbench: { attribute: false },
    state: { attribute: false },
    ask: { attribute: false },
    tabIndents: { attribute: false },
    isCompact: { attribute: false },
    isReadOnly: { attribute: false },
    cursor: { state: true },
    isDropping: { state: true },
  };
  static override styles = [
    shared,
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
        container-type: inline-size;
      }
      .strip {
        display: flex;
        align-items: center;
        gap: 4px;
        min-height: 40px;
        padding: 0 6px 0 6px;
        border-bottom: 1px solid var(--line);
        background: var(--surface-2);
      }
      .tabs {
        display: flex;
        align-self: stretch;
        min-width: 0;
        overflow-x: auto;
        scrollbar-width: none;
      }
      .tab {
        position: relative;
        display: flex;
        align-items: center;
        gap: 7px;
        padding: 0 12px;
        border: 0;
        background: none;
        font: 500 12.5px var(--mono);
        color: var(--text-2);
        white-space: nowrap;
        cursor: pointer;
      }
      .tab:hover {
        color: var(--text);
      }
      .tab:focus-visible {
        outline-offset: -3px;
        border-radius: 8px;
      }
      .tab[aria-selected='true'] {
        color: var(--text);
        font-weight: 650;
        background: var(--surface);
      }
      .tab[aria-selected='true']::after {
        content: '';
        position: absolute;
        inset: auto 8px 0;
        height: 2px;
        border-radius: 2px 2px 0 0;
        background: var(--accent);
      }
      .dot {
        width: 7px;
        height: 7px;
        border-radius: 50%;
        background: var(--warn);
      }
      .dot.bad {
        background: var(--bad);
      }
      .dot.live {
        background: var(--good);
      }
      .bar {
        display: flex;
        align-items: center;
        gap: 6px;
        padding: 6px 6px 6px 8px;
        border-bottom: 1px solid var(--line);
      }
      .spring {
        flex: 1;
      }
      .changed {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        color: var(--warn);
        font-size: 12.5px;
        white-space: nowrap;
      }
      .badge {
        padding: 0 8px;
        font-size: 12px;
        color: var(--text-3);
        white-space: nowrap;
      }
      .args {
        max-width: 18ch;
        overflow: hidden;
        text-overflow: ellipsis;
        font: 12px var(--mono);
        color: var(--text-3);
        white-space: nowrap;
      }
      moonwire-editor {
        flex: 1;
      }
      .none {
        flex: 1;
        display: grid;
        place-content: center;
        gap: 10px;
        color: var(--text-3);
      }
      footer {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 14px;
        white-space: nowrap;
        min-height: 32px;
        padding: 3px 12px;
        border-top: 1px solid var(--line);
        background: var(--surface-2);
        font-size: 12px;
        color: var(--text-3);
      }
      .verdict {
        display: flex;
        align-items: center;
        gap: 6px;
        min-width: 0;
      }
      .verdict.bad {
        flex-basis: 100%;
        white-space: normal;
        color: var(--bad);
        font-weight: 500;
      }
      .verdict.none {
        margin-right: -14px;
      }
      .verdict.good {
        color: var(--good);
      }
      .verdict .icon {
        width: 14px;
        height: 14px;
      }
      footer .button.small {
        height: 24px;
        padding: 0 6px;
        font-size: 12px;
        font-weight: 400;
        color: var(--text-3);
      }
      .verdict.bad button {
        padding: 0;
        border: 0;
        background: none;
        text-align: start;
        cursor: pointer;
        text-decoration: underline;
        text-decoration-thickness: 1px;
        text-underline-offset: 2px;
      }
      :host(.dropping) {
        outline: 2px dashed var(--accent);
        outline-offset: -4px;
      }
      .where {
        font-variant-numeric: tabular-nums;
      }
      @media (max-width: 480px) {
        .tall-only {
          display: none;
        }
      }
      @container (max-width: 470px) {
        footer .tall-only:not(.warns) {
          display: none;
        }
      }
    `,
  ];

  declare strings: Strings;
  declare workbench: Workbench;
  declare state: WorkbenchState;
  declare ask: () => MoonwireAsk;
  declare tabIndents: boolean;
  /** Little room, as inside somebody's page: only what the code needs. */
  declare isCompact: boolean;
  declare isReadOnly: boolean;
  declare cursor: { readonly line: number; readonly column: number };
  declare isDropping: boolean;

  constructor() {
    super();
    this.tabIndents = false;
    this.isCompact = false;
    this.isReadOnly = false;
    this.cursor = { line: 1, column: 1 };
    this.isDropping = false;
    this.addEventListener('dragover', (event) => this.#handleDrag(event));
    this.addEventListener('dragleave', () => this.#setDropping(false));
    this.addEventListener('drop', (event) => void this.#handleDrop(event));
  }

  focusEditor(): void {
    this.#editor?.focus();
  }

  /** Goes to a line of the open file, as from a traceback. */
  async goTo(line: number): Promise<void> {
    await this.updateComplete;
    await this.#editor?.updateComplete;
    this.#editor?.goTo(line);
  }

  get #editor(): MoonwireEditor | null {
    return this.renderRoot.querySelector('moonwire-editor');
  }

  get #file(): ProjectFile | undefined {
    const { project, activePath } = this.state;
    return activePath === null ? undefined : fileOf(project, activePath);
  }

  override render() {
    const { strings, state } = this;
    const file = this.#file;
    return html`
      <div class="strip">
        <div class="tabs" role="tablist" aria-label=${strings.files} @keydown=${this.#handleTabKey}>
          ${state.project.files.map((one) => this.#tab(one))}
        </div>
        ${this.isReadOnly ? html`<span class="badge">${strings.readOnly}</span>` : this.#addMenu()}
        <input type="file" multiple hidden @change=${this.#handleUpload} />
      </div>
      ${file ? this.#open(file) : html`<div class="none"><button class="button" type="button" @click=${() => void this.#handleAdd('new')}>${icon('plus')}${strings.newFile}</button></div>`}
    `;
  }

  #addMenu() {
    const { strings } = this;
    return html`<moonwire-menu
      .icon=${'plus'}
      .label=${strings.addFileMenu}
      .items=${[
        { id: 'new', label: strings.newFile, icon: 'file' },
        { id: 'paste', label: strings.pasteAsFile, icon: 'paste' },
        { id: 'upload', label: strings.uploadFiles, icon: 'upload' },
      ]}
      @choose=${(event: CustomEvent<string>) => void this.#handleAdd(event.detail)}
    ></moonwire-menu>`;
  }

  #tab(file: ProjectFile) {
    const { state, strings } = this;
    const isActive = file.path === state.activePath;
    const hasError = state.errors.has(file.path);
    const changed = isChanged(file);
    return html`<button
      class="tab"
      role="tab"
      type="button"
      aria-selected=${isActive}
      tabindex=${isActive ? 0 : -1}
      data-path=${file.path}
      @click=${() => this.workbench.openFile(file.path)}
    >
      ${file.path}
      ${
        hasError
          ? html`<span class="dot bad" title=${strings.compileError}></span
              ><span class="reader-only">${strings.compileError}</span>`
          : changed
            ? html`<span class="dot" title=${strings.changedSince}></span
                ><span class="reader-only">${strings.changed}</span>`
            : nothing
      }
    </button>`;
  }

  #open(file: ProjectFile) {
    const { strings, state } = this;
    const keys = shortcutKeys.runFile[0];
    return html`
      ${this.isReadOnly || (this.isCompact && !isChanged(file)) ? nothing : this.#bar(file)}
      <moonwire-editor
        role="tabpanel"
        aria-label=${file.path}
        .strings=${strings}
        .projectId=${state.project.id}
        .path=${file.path}
        .content=${file.content}
        .error=${state.errors.get(file.path) ?? null}
        .tabIndents=${this.tabIndents}
        .isReadOnly=${this.isReadOnly}
        .runKeys=${keys}
        @edit=${(event: CustomEvent<{ path: string; text: string }>) =>
          this.workbench.edit(event.detail.path, event.detail.text)}
        @cursor=${(event: CustomEvent<{ line: number; column: number }>) => (this.cursor = event.detail)}
      ></moonwire-editor>
      ${this.isCompact && !state.errors.has(file.path) ? nothing : this.#footer(file)}
    `;
  }

  // What can be done with the open file.
  #bar(file: ProjectFile) {
    const { strings, state } = this;
    const isRunning = state.machine.consoles.some((one) => one.path === file.path && isAlive(one));
    const args = state.args.get(file.path) ?? [];
    const changed = isChanged(file);
    const canReset = toSave(state.project, state.originals) !== null;
    const keys = shortcutKeys.runFile[0];
    return html`<div class="bar" role="toolbar" aria-label=${file.path}>
      ${
        isLua(file.path)
          ? html`<button
                class="button small"
                type="button"
                data-action="run-file"
                title="${isRunning ? strings.restartFile : strings.runFile} ${file.path} (${keys})"
                @click=${() => this.#run(() => this.workbench.runFile(file.path))}
              >
                ${icon(isRunning ? 'restart' : 'play')}${isRunning ? strings.restartFile : strings.runFile}
              </button>
              <button
                class="button small quiet"
                type="button"
                data-action="run-copy"
                ?hidden=${this.workbench.dialectOfFile(file.path) === 'luat'}
                title=${strings.runCopyTitle(file.path)}
                @click=${() => this.#run(() => this.workbench.runCopy(file.path))}
              >
                ${icon('duplicate')}${strings.runCopy}
              </button>`
          : nothing
      }
      ${args.length > 0 ? html`<span class="args" title=${strings.arguments}>${args.join(' ')}</span>` : nothing}
      <span class="spring"></span>
      ${
        changed
          ? html`<span class="changed" title=${strings.changedSince}>${strings.changed}</span>
              <button
                class="button small"
                type="button"
                data-action="reset"
                title=${strings.resetFile}
                @click=${() => void this.#reset(file)}
              >
                ${icon('undo')}<span class="tall-only">${strings.resetFile}</span>
              </button>`
          : nothing
      }
      <moonwire-menu
        .label=${strings.moreFileActions}
        .items=${[
          {
            id: 'args',
            label: `${strings.arguments}…`,
            icon: 'args',
            isDisabled: !isLua(file.path),
          },
          { id: 'spellings', label: strings.lua51Menu(state.project.spellings), icon: 'check' },
          { id: 'rename', label: strings.rename, icon: 'pencil' },
          this.workbench.dialect === 'luat'
            ? { id: 'luasocket', label: strings.useLuaSocket, icon: 'terminal' }
            : { id: 'luat', label: strings.useLuat, icon: 'chip' },
          { id: 'download', label: strings.download, icon: 'download' },
          { id: 'remove', label: `${strings.remove}…`, icon: 'bin', isDanger: true },
          {
            id: 'reset-project',
            label: `${strings.resetProject}…`,
            icon: 'undo',
            isDanger: true,
            isDisabled: !canReset,
          },
        ]}
        @choose=${(event: CustomEvent<string>) => void this.#handleFileAction(file, event.detail)}
      ></moonwire-menu>
    </div>`;
  }

  #footer(file: ProjectFile) {
    const { strings, state } = this;
    const error = state.errors.get(file.path);
    const isChecked =
      isLua(file.path) && state.machine.machine.kind === 'ready' && file.content !== '';
    return html`<footer>
      <div class="verdict ${error ? 'bad' : isChecked ? 'good' : 'none'}" role="status">
        ${
          error
            ? html`${icon('warn')}<button
                  type="button"
                  @click=${() => this.#editor?.goTo(error.line)}
                >
                  ${strings.compileErrorAt(error.line, error.message)}
                </button>`
            : isChecked
              ? html`${icon('check')}${strings.compiles}`
              : nothing
        }
      </div>
      <span class="where">${strings.lineAndColumn(this.cursor.line, this.cursor.column)}</span>
      <span class="spring"></span>
      <button
        class="button quiet small"
        type="button"
        aria-pressed=${this.tabIndents}
        title=${strings.tabToggleTitle}
        @click=${() => this.dispatchEvent(new CustomEvent('toggle-tab'))}
      >
        ${this.tabIndents ? strings.tabIndents : strings.tabMoves}
      </button>
      <span
        class="tall-only ${state.isLasting ? '' : 'warns'}"
        title=${state.isLasting ? '' : strings.keptInTabTitle}
        >${state.isLasting ? strings.keptInBrowser : strings.keptInTab}</span
      >
    </footer>`;
  }

  #run(start: () => number | null): void {
    const id = start();
    this.dispatchEvent(new CustomEvent('ran', { detail: id }));
  }

  #handleTabKey(event: KeyboardEvent): void {
    const { files } = this.state.project;
    const at = files.findIndex((file) => file.path === this.state.activePath);
    const target: Readonly<Record<string, number>> = {
      ArrowRight: (at + 1) % files.length,
      ArrowLeft: (at - 1 + files.length) % files.length,
      Home: 0,
      End: files.length - 1,
    };
    const next = files[target[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    this.workbench.openFile(next.path);
    void this.updateComplete.then(() => {
      const tab = this.renderRoot.querySelector<HTMLElement>('.tab[aria-selected="true"]');
      tab?.focus();
      tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
  }

  async #handleAdd(how: string): Promise<void> {
    if (how === 'upload') {
      this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click();
      return;
    }
    let text = '';
    if (how === 'paste') {
      try {
        text = await navigator.clipboard.readText();
      } catch {
        this.#tell(this.strings.pasteNotAllowed);
      }
    }
    const { project } = this.state;
    const { strings } = this;
    const path = await this.ask().ask({
      heading: strings.newFileTitle,
      action: strings.create,
      input: {
        label: strings.fileName,
        value: freeName(project, nameInside(text) ?? 'script.lua'),
        problem: (name) => this.#nameProblem(name, null),
      },
    });
    if (path === null) return;
    this.workbench.addFile(path, text);
    await this.updateComplete;
    this.focusEditor();
  }

  #nameProblem(name: string, present: string | null): string | null {
    const problem = nameProblem(this.state.project, name, present);
    return problem === null ? null : this.strings.nameProblem[problem];
  }

  async #handleUpload(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    await this.#takeFiles([...(input.files ?? [])]);
    input.value = '';
  }

  async #takeFiles(files: readonly File[]): Promise<void> {
    for (const file of files) {
      if (file.size > limits.fileBytes) {
        this.#tell(this.strings.fileTooBig(file.name, this.strings.bytes(limits.fileBytes)));
        continue;
      }
      if (nameProblem(this.state.project, file.name, file.name) === null) {
        this.workbench.uploadFile(file.name, new Uint8Array(await file.arrayBuffer()));
      }
    }
  }

  async #handleFileAction(file: ProjectFile, action: string): Promise<void> {
    const { strings } = this;
    if (action === 'download') downloadFile(file);
    else if (action === 'luat' || action === 'luasocket') {
      const { example } = this.state;
      this.workbench.setDialect((example?.dialect ?? 'luasocket') === action ? null : action);
    } else if (action === 'spellings') this.workbench.switchSpellings();
    else if (action === 'rename') {
      const path = await this.ask().ask({
        heading: strings.renameTitle(file.path),
        action: strings.renameDo,
        input: {
          label: strings.fileName,
          value: file.path,
          problem: (name) => this.#nameProblem(name, file.path),
        },
      });
      if (path !== null && path !== file.path) this.workbench.renameFile(file.path, path);
    } else if (action === 'remove') {
      const answer = await this.ask().ask({
        heading: strings.removeTitle(file.path),
        text: strings.removeText,
        action: strings.remove,
        isDanger: true,
      });
      if (answer !== null) this.workbench.removeFile(file.path);
    } else if (action === 'reset-project') {
      const answer = await this.ask().ask({
        heading: strings.resetProjectTitle,
        text: strings.resetProjectText,
        action: strings.resetProject,
        isDanger: true,
      });
      if (answer !== null) this.workbench.resetProject();
    } else if (action === 'args') {
      const text = await this.ask().ask({
        heading: strings.argumentsTitle(file.path),
        text: strings.argumentsHint,
        action: strings.argumentsSet,
        input: {
          label: strings.arguments,
          value: (this.state.args.get(file.path) ?? []).map(quoteArgument).join(' '),
          problem: () => null,
        },
      });
      if (text !== null) this.workbench.setArguments(file.path, splitArguments(text));
    }
  }

  async #reset(file: ProjectFile): Promise<void> {
    const { strings } = this;
    const answer = await this.ask().ask({
      heading: strings.resetFileTitle(file.path),
      text: strings.resetFileText,
      action: strings.resetFile,
      isDanger: true,
    });
    if (answer !== null) this.workbench.resetFile(file.path);
  }

  #handleDrag(event: DragEvent): void {
    if (this.isReadOnly || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.#setDropping(true);
  }

  async #handleDrop(event: DragEvent): Promise<void> {
    this.#setDropping(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (this.isReadOnly || files.length === 0) return;
    event.preventDefault();
    await this.#takeFiles(files);
  }

  #setDropping(isDropping: boolean): void {
    this.classList.toggle('dropping', isDropping);
  }

  #tell(text: string): void {
    this.dispatchEvent(new CustomEvent('tell', { detail: text }));
  }
}

const quoteArgument = (word: string): string =>
  word === '' || /[\s"'\\]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word;

/** Gives a file to the browser's downloads. */
export function downloadFile(file: ProjectFile): void {
  const bytes =
    typeof file.content === 'string' ? new TextEncoder().encode(file.content) : file.content;
  const url = URL.createObjectURL(
    new Blob([Uint8Array.from(bytes)], { type: 'application/octet-stream' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = file.path.split('/').pop() ?? file.path;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

customElements.define('moonwire-files', MoonwireFiles);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-files': MoonwireFiles;
  }
}
