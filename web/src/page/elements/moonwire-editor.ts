// Shows one file in CodeMirror, which is loaded when the element first appears.

import { css, html, LitElement, type PropertyValues } from 'lit';

import type { Editor, EditorOptions } from '../editor/create-editor.ts';
import { sizeOf, type Content } from '../projects.ts';
import type { Strings } from '../strings.ts';
import { shared } from './shared-styles.ts';

/** Sends `edit` with {path, text} and `cursor` with {line, column}. */
export class MoonwireEditor extends LitElement {
  static override properties = {
    strings: { attribute: false },
    projectId: { attribute: false },
    path: { attribute: false },
    content: { attribute: false },
    error: { attribute: false },
    tabIndents: { attribute: false },
    isReadOnly: { attribute: false },
    runKeys: { attribute: false },
  };
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        position: relative;
        min-height: 0;
        background: var(--surface);
      }
      .host {
        height: 100%;
      }
      .binary {
        position: absolute;
        inset: 0;
        padding: 24px;
        background: var(--surface);
        color: var(--text-2);
      }
    `,
  ];

  declare strings: Strings;
  declare projectId: string;
  declare path: string;
  declare content: Content;
  declare error: { readonly line: number; readonly message: string } | null;
  declare tabIndents: boolean;
  declare isReadOnly: boolean;
  declare runKeys: string;
  #editor: Editor | null = null;
  #waitingLine: number | null = null;

  constructor() {
    super();
    this.path = '';
    this.content = '';
    this.error = null;
    this.tabIndents = false;
    this.isReadOnly = false;
    this.runKeys = '';
  }

  override firstUpdated(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    const { Editor } = await import('../editor/create-editor.ts');
    const parent = this.renderRoot.querySelector<HTMLElement>('.host');
    if (!parent || !this.shadowRoot) return;
    const events = {
      onEdit: (path: string, text: string) => this.#send('edit', { path, text }),
      onCursor: (line: number, column: number) => this.#send('cursor', { line, column }),
    };
    this.#editor = new Editor(parent, this.shadowRoot, events, this.#options);
    this.#show(true);
    if (this.#waitingLine !== null) this.#editor.goTo(this.#waitingLine);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('projectId')) this.#editor?.forget();
  }

  override updated(changed: PropertyValues<this>): void {
    const isReworded =
      changed.has('strings') ||
      changed.has('tabIndents') ||
      changed.has('path') ||
      changed.has('runKeys');
    if (isReworded) this.#editor?.set(this.#options);
    if (changed.has('path') || changed.has('content') || changed.has('projectId')) {
      this.#show(changed.has('path') || changed.has('projectId'));
    }
    if (changed.has('error')) this.#editor?.setError(this.error);
  }

  override focus(): void {
    this.#editor?.focus();
  }

  goTo(line: number): void {
    if (this.#editor) this.#editor.goTo(line);
    else this.#waitingLine = line;
  }

  get #options(): EditorOptions {
    return {
      label: this.strings.editorLabel(this.path),
      placeholder: this.strings.editorPlaceholder(this.runKeys),
      tabIndents: this.tabIndents,
      isReadOnly: this.isReadOnly,
      phrases: this.strings.searchPhrases,
    };
  }

  #show(isOther: boolean): void {
    if (!this.#editor || this.path === '' || typeof this.content !== 'string') return;
    this.#editor.show(this.path, this.content);
    if (isOther) this.#editor.setError(this.error);
  }

  #send(kind: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  override render() {
    const isBinary = typeof this.content !== 'string';
    return html`<div class="host" ?hidden=${isBinary}></div>
      ${
        isBinary
          ? html`<p class="binary">
              ${this.strings.binaryFile(this.strings.bytes(sizeOf(this.content)))}
            </p>`
          : ''
      }`;
  }
}

customElements.define('moonwire-editor', MoonwireEditor);
declare global {
  interface HTMLElementTagNameMap {
    'moonwire-editor': MoonwireEditor;
  }
}
