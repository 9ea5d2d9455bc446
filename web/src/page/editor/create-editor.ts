// CodeMirror, set up for Lua files: one view, a state per file so that undo and selection outlive a change of tab.
// Loaded after the first paint; elements/moonwire-editor.ts is the only importer.

import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec, Transaction, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

import { lua } from './lua-parser.ts';

/** What the editor tells the page. */
export interface EditorEvents {
  readonly onEdit: (path: string, text: string) => void;
  readonly onCursor: (line: number, column: number) => void;
}

/** What the page sets. */
export interface EditorOptions {
  readonly label: string;
  readonly placeholder: string;
  readonly tabIndents: boolean;
  /** Read and copied, not changed. */
  readonly isReadOnly: boolean;
  readonly phrases: Readonly<Record<string, string>>;
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.bool, tags.null, tags.self], color: 'var(--code-atom)' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: tags.escape, color: 'var(--code-escape)' },
  { tag: [tags.lineComment, tags.blockComment, tags.meta], color: 'var(--code-comment)' },
  { tag: tags.function(tags.variableName), color: 'var(--code-function)' },
  { tag: tags.function(tags.propertyName), color: 'var(--code-function)' },
  { tag: tags.standard(tags.variableName), color: 'var(--code-builtin)' },
  { tag: tags.propertyName, color: 'var(--code-property)' },
  { tag: tags.labelName, color: 'var(--code-label)', fontWeight: '600' },
  { tag: tags.modifier, color: 'var(--code-label)' },
  { tag: [tags.operator, tags.punctuation], color: 'var(--code-operator)' },
  { tag: tags.invalid, color: 'var(--bad)', textDecoration: 'underline wavy' },
]);

const look = EditorView.theme({
  '&': {
    height: '100%',
    fontSize: 'var(--code-size)',
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 16px 0 6px' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text-3)',
    border: 'none',
    paddingLeft: '2px',
  },
  '.cm-lineNumbers .cm-gutterElement': {
    minWidth: '26px',
    padding: '0 8px 0 4px',
    fontVariantNumeric: 'tabular-nums',
  },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-activeLine': { backgroundColor: 'var(--line-active)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--line-active)', color: 'var(--text-2)' },
  '.cm-cursor': { borderLeft: '2px solid var(--accent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    {
      backgroundColor: 'var(--selection)',
    },
  '.cm-selectionMatch': { backgroundColor: 'var(--selection-match)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--accent-soft)',
    outline: '1px solid var(--accent)',
  },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-soft)' },
  '.cm-placeholder': { color: 'var(--text-3)', fontFamily: 'var(--sans)' },
  '.cm-panels': {
    backgroundColor: 'var(--surface-2)',
    color: 'var(--text)',
    borderColor: 'var(--line)',
  },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': {
    padding: '8px 28px 8px 10px',
    fontFamily: 'var(--sans)',
    fontSize: '13px',
  },
  '.cm-panel.cm-search label': {
    fontSize: '12.5px',
    display: 'inline-flex',
    alignItems: 'center',
    gap: '3px',
  },
  '.cm-panel.cm-search [name=close]': {
    fontSize: '18px',
    color: 'var(--text-2)',
    padding: '0 6px',
    cursor: 'pointer',
  },
  '.cm-textfield': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '5px',
    padding: '3px 7px',
    fontSize: '13px',
  },
  '.cm-panel.cm-search .cm-textfield': { width: '150px' },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '5px',
    padding: '3px 9px',
    fontSize: '12.5px',
    cursor: 'pointer',
  },
  '.cm-textfield:focus-visible, .cm-button:focus-visible, .cm-panel.cm-search button:focus-visible':
    {
      outline: '2px solid var(--focus)',
      outlineOffset: '1px',
    },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-soft)', outline: '1px solid var(--warn)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--selection)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    boxShadow: 'var(--shadow)',
    fontFamily: 'var(--sans)',
    fontSize: '13px',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)', padding: '5px 10px' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
  },
  '.cm-lint-marker-error': {
    content: 'none',
    backgroundColor: 'var(--bad)',
    borderRadius: '50%',
    width: '8px',
    height: '8px',
    margin: '6px 2px',
  },
});

// Whether the page may bind Tab: by default it moves on, so that nobody is trapped in the editor.
const tabKeys = (tabIndents: boolean): Extension => (tabIndents ? keymap.of([indentWithTab]) : []);

/** One editor view. Make it in a shadow root: its styles are adopted there, which a strict CSP allows. */
export class Editor {
  readonly #view: EditorView;
  readonly #events: EditorEvents;
  readonly #states = new Map<string, EditorState>();
  readonly #options = new Compartment();
  readonly #tab = new Compartment();
  #set: EditorOptions;
  #path = '';

  constructor(parent: HTMLElement, root: ShadowRoot, events: EditorEvents, options: EditorOptions) {
    this.#events = events;
    this.#set = options;
    this.#view = new EditorView({ parent, root, state: this.#fresh('') });
  }

  get path(): string {
    return this.#path;
  }

  /** Shows a file; `text` wins over what the editor remembers of it. */
  show(path: string, text: string): void {
    if (path !== this.#path) {
      if (this.#path !== '') this.#states.set(this.#path, this.#view.state);
      this.#path = path;
      this.#view.setState(this.#states.get(path) ?? this.#fresh(text));
      this.#view.dispatch({ effects: this.#reconfigured() });
    }
    if (this.#view.state.doc.toString() !== text) {
      this.#view.dispatch({
        changes: { from: 0, to: this.#view.state.doc.length, insert: text },
        annotations: [Transaction.userEvent.of('reset')],
      });
    }
    this.#tellCursor();
  }

  /** Forgets undo and selection of all files: another project was opened. */
  forget(): void {
    this.#states.clear();
    this.#path = '';
  }

  set(options: EditorOptions): void {
    this.#set = options;
    this.#view.dispatch({ effects: this.#reconfigured() });
  }

  /** Marks the line that does not compile. */
  setError(error: { readonly line: number; readonly message: string } | null): void {
    const { doc } = this.#view.state;
    const line = error && doc.line(Math.min(Math.max(error.line, 1), doc.lines));
    const found =
      error && line
        ? [{ from: line.from, to: line.to, severity: 'error' as const, message: error.message }]
        : [];
    this.#view.dispatch(setDiagnostics(this.#view.state, found));
  }

  /** Puts the cursor on a line (1-based) and shows it. */
  goTo(lineNumber: number): void {
    const { doc } = this.#view.state;
    const line = doc.line(Math.min(Math.max(lineNumber, 1), doc.lines));
    this.#view.dispatch({
      selection: { anchor: line.from },
      effects: EditorView.scrollIntoView(line.from, { y: 'center' }),
    });
    this.focus();
  }

  focus(): void {
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }

  #reconfigured() {
    return [
      this.#options.reconfigure(this.#worded()),
      this.#tab.reconfigure(tabKeys(this.#set.tabIndents)),
    ];
  }

  #worded(): Extension {
    return [
      placeholder(this.#set.placeholder),
      EditorView.contentAttributes.of({ 'aria-label': this.#set.label, tabindex: '0' }),
      EditorState.phrases.of(this.#set.phrases),
      EditorState.readOnly.of(this.#set.isReadOnly),
    ];
  }

  #fresh(text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        lintGutter(),
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        EditorState.allowMultipleSelections.of(true),
        EditorState.tabSize.of(4),
        indentUnit.of('  '),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        search({ top: true }),
        lua,
        syntaxHighlighting(colours),
        look,
        this.#options.of(this.#worded()),
        this.#tab.of(tabKeys(this.#set.tabIndents)),
        // Ctrl-Enter runs the file (the page listens for it); CodeMirror would insert a line.
        Prec.highest(
          keymap.of([
            { key: 'Mod-Enter', run: () => true },
            { key: 'Mod-Shift-Enter', run: () => true },
          ]),
        ),
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.#events.onEdit(this.#path, update.state.doc.toString());
          if (update.docChanged || update.selectionSet) this.#tellCursor();
        }),
      ],
    });
  }

  #tellCursor(): void {
    const { doc, selection } = this.#view.state;
    const line = doc.lineAt(selection.main.head);
    this.#events.onCursor(line.number, selection.main.head - line.from + 1);
  }
}
