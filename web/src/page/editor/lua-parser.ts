// Lua 5.4 as a CodeMirror stream parser: goto and labels, <const> and <close>, //, long strings and comments of any
// level, and every escape (\z, \x, \u{}, decimal). Wrong pieces are marked as such where a line alone can tell.

import { StreamLanguage, type StreamParser, type StringStream } from '@codemirror/language';

const keywords = new Set([
  'break',
  'do',
  'else',
  'elseif',
  'end',
  'for',
  'function',
  'goto',
  'if',
  'in',
  'local',
  'repeat',
  'return',
  'then',
  'until',
  'while',
]);
const operatorWords = new Set(['and', 'or', 'not']);
const atoms: Readonly<Record<string, string>> = { nil: 'null', true: 'bool', false: 'bool' };
const standard = new Set(
  `_G _VERSION _ENV assert collectgarbage dofile error getmetatable ipairs load loadfile next pairs pcall print rawequal
   rawget rawlen rawset require select setmetatable tonumber tostring type warn xpcall
   coroutine debug io math os package string table utf8 arg`.split(/\s+/),
);
const opens = new Set(['function', 'do', 'then', 'repeat', '{', '(', '[']);
const closes = new Set(['end', 'until', '}', ')', ']']);

const number =
  /^0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d+)?|^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
const name = /^[A-Za-z_][A-Za-z0-9_]*/;
const operator = /^(?:\.\.\.?|<<|>>|\/\/|==|~=|<=|>=|::|[-+*/%^#&~|<>=])/;
const plainEscape = /^\\(?:[abfnrtv\\"']|x[0-9a-fA-F]{2}|\d{1,3}|u\{[0-9a-fA-F]+\})/;

/** What a line leaves to the next. */
export interface LuaState {
  /** Inside a long bracket: its level, and whether it is a comment. */
  long: { readonly level: number; readonly isComment: boolean } | null;
  /** Inside a quoted string; goes on in the next line after `\` or `\z`. */
  quote: '"' | "'" | null;
  /** After `\z`: white space is skipped, over line ends too. */
  skipsSpace: boolean;
  /** The word or sign before. */
  before: string;
  /** Inside `local …`, where `<` opens an attribute. */
  inLocal: boolean;
  /** Open blocks and brackets, by the indentation of the line that opened them. */
  depth: number[];
}

// Takes a long bracket up to its end or the line's.
function longBracket(stream: StringStream, state: LuaState): string {
  const { level, isComment } = state.long as NonNullable<LuaState['long']>;
  const end = `]${'='.repeat(level)}]`;
  const at = stream.string.indexOf(end, stream.pos);
  if (at < 0) stream.skipToEnd();
  else {
    stream.pos = at + end.length;
    state.long = null;
  }
  return isComment ? 'blockComment' : 'string';
}

// Opens `[[`, `[=[`, … if that is what stands here.
function openLong(stream: StringStream, state: LuaState, isComment: boolean): boolean {
  const found = /^\[(=*)\[/.exec(stream.string.slice(stream.pos));
  if (!found) return false;
  stream.pos += found[0].length;
  state.long = { level: found[1]?.length ?? 0, isComment };
  return true;
}

function quoted(stream: StringStream, state: LuaState): string {
  if (state.skipsSpace) {
    stream.eatSpace();
    if (!stream.eol()) state.skipsSpace = false;
    else return 'string';
    if (stream.pos > stream.start) return 'string';
  }
  if (stream.peek() === '\\') {
    if (stream.match(/^\\z/)) {
      state.skipsSpace = true;
      return 'escape';
    }
    if (stream.match(plainEscape)) return 'escape';
    stream.next();
    if (stream.eol()) return 'escape'; // the string goes on in the next line
    stream.next();
    return 'invalid';
  }
  for (let character = stream.peek(); character !== undefined; character = stream.peek()) {
    if (character === '\\') return 'string';
    stream.next();
    if (character === state.quote) {
      state.quote = null;
      return 'string';
    }
  }
  // The line ended inside the string without a backslash.
  state.quote = null;
  return 'invalid';
}

function word(stream: StringStream, state: LuaState, text: string): string {
  const { before } = state;
  if (keywords.has(text)) return 'keyword';
  if (operatorWords.has(text)) return 'operatorKeyword';
  const atom = atoms[text];
  if (atom !== undefined) return atom;
  if (before === 'goto' || before === '::') return 'labelName';
  if (before === 'attribute') return text === 'const' || text === 'close' ? 'modifier' : 'invalid';
  const rest = stream.string.slice(stream.pos);
  const isCall = /^\s*(?:[("'{]|\[=*\[)/.test(rest);
  if (before === 'function') return 'variableName.function.definition';
  if (before === '.' || before === ':') return isCall ? 'propertyName.function' : 'propertyName';
  if (text === 'self') return 'self';
  if (standard.has(text)) return 'variableName.standard';
  return isCall ? 'variableName.function' : 'variableName';
}

function track(stream: StringStream, state: LuaState, text: string): void {
  if (opens.has(text)) state.depth.push(stream.indentation());
  else if (closes.has(text)) state.depth.pop();
  else if (text === 'elseif') state.depth.pop(); // its own `then` opens again
}

function token(stream: StringStream, state: LuaState): string | null {
  if (state.long) return longBracket(stream, state);
  if (state.quote) return quoted(stream, state);
  if (stream.eatSpace()) return null;
  if (stream.match('--')) {
    if (openLong(stream, state, true)) return longBracket(stream, state);
    stream.skipToEnd();
    return 'lineComment';
  }
  if (stream.sol() && state.before === '' && stream.match(/^#.*/)) return 'meta'; // `#!…`, first line only
  if (stream.peek() === '[' && openLong(stream, state, false)) {
    state.before = 'string';
    return longBracket(stream, state);
  }
  const first = stream.peek();
  if (first === '"' || first === "'") {
    stream.next();
    state.quote = first;
    state.before = 'string';
    return stream.eol() ? quoted(stream, state) : 'string';
  }
  if (/^\.?\d/.test(stream.string.slice(stream.pos, stream.pos + 2)) && stream.match(number)) {
    state.before = 'number';
    return stream.match(/^[A-Za-z0-9_.]+/) ? 'invalid' : 'number';
  }
  if (stream.match(name)) {
    const text = stream.current();
    const style = word(stream, state, text);
    if (style === 'keyword') {
      state.inLocal = text === 'local';
      track(stream, state, text);
    }
    if (style === 'keyword') state.before = text;
    else if (style === 'labelName') state.before = state.before === '::' ? 'label' : 'name';
    else if (state.before !== 'attribute') state.before = 'name';
    return style;
  }
  if (state.inLocal && state.before === 'name' && stream.match('<')) {
    state.before = 'attribute';
    return 'angleBracket';
  }
  if (state.before === 'attribute' && stream.match('>')) {
    state.before = 'name';
    return 'angleBracket';
  }
  if (stream.match(operator)) {
    const text = stream.current();
    state.inLocal = false;
    state.before = text === '::' && state.before === 'label' ? 'label end' : text;
    return text === '::' ? 'punctuation' : 'operator';
  }
  const sign = stream.next() as string;
  state.before = sign;
  track(stream, state, sign);
  if (sign !== ',') state.inLocal = false;
  if ('()'.includes(sign)) return 'paren';
  if ('[]'.includes(sign)) return 'squareBracket';
  if ('{}'.includes(sign)) return 'brace';
  return ',;:.'.includes(sign) ? 'punctuation' : 'invalid';
}

/** The parser itself, for tests. */
export const luaParser: StreamParser<LuaState> = {
  name: 'lua',
  startState: () => ({
    long: null,
    quote: null,
    skipsSpace: false,
    before: '',
    inLocal: false,
    depth: [],
  }),
  copyState: (state) => ({ ...state, depth: [...state.depth] }),
  token,
  indent: (state, textAfter, context) => {
    if (state.long || state.quote) return null;
    const opener = state.depth[state.depth.length - 1];
    if (opener === undefined) return 0;
    const isClosing = /^(?:end|until|else|elseif)\b|^[})\]]/.test(textAfter);
    return isClosing ? opener : opener + context.unit;
  },
  languageData: {
    commentTokens: { line: '--', block: { open: '--[[', close: ']]' } },
    closeBrackets: { brackets: ['(', '[', '{', '"', "'"] },
    indentOnInput: /^\s*(?:end|else|elseif\b.*|until|[})\]])$/,
  },
};

export const lua = StreamLanguage.define(luaParser);
