// Which scripts were written for Lua 5.1: by the names they use, and by the error they end with in Lua 5.4. Those names are
// there again when a process asks for "Lua 5.1 spellings" (lua_lib/common/lua51.lua).

const globals = ['module', 'unpack', 'loadstring', 'setfenv', 'getfenv', 'gcinfo', 'newproxy'];
const fields = [
  'table.getn',
  'table.setn',
  'table.maxn',
  'table.foreach',
  'table.foreachi',
  'string.gfind',
  'math.mod',
  'package.seeall',
  'package.loaders',
];
const methods = ['gfind'];

const commentsAndStrings =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;

/** The code alone: comments go, strings become empty. */
function codeOf(text: string): string {
  return text.replaceAll(commentsAndStrings, (found) => (found.startsWith('--') ? ' ' : '""'));
}

// A script that asks whether the name is there, or has one of its own, looks after itself.
function isLookedAfter(code: string, name: string): boolean {
  const asked = new RegExp(
    `(?<![\\w.:])(?:${name}\\s+(?:or|and|then)\\b|(?:or|and|if|not)\\s+${name}\\b(?!\\s*[({"]))`,
  );
  const defined = new RegExp(
    `(?<![\\w.:])(?:function\\s+${name}\\b|${name}\\s*(?:,[\\w\\s,]*)?=(?!=)(?!\\s*(?:[\\w.]+\\s*,\\s*)*${name}\\s*(?:[\\n;,]|$)))`,
  );
  return asked.test(code) || defined.test(code);
}

// Called, handed on, or given another name.
function isUsed(code: string, name: string): boolean {
  return new RegExp(`(?<![\\w.:])${name}\\s*(?:[({"]|(?=[\\n;,)]|$))`).test(code);
}

/** The names of Lua 5.1 that a script uses without looking first whether they are there. */
export function lua51NamesIn(text: string): readonly string[] {
  const code = codeOf(text);
  const plain = [...globals, ...fields].filter((name) => {
    if (!code.includes(name)) return false;
    const pattern = name.replace('.', '\\s*\\.\\s*');
    return isUsed(code, pattern) && !isLookedAfter(code, pattern);
  });
  return [...plain, ...methods.filter((name) => new RegExp(`:\\s*${name}\\s*[({"]`).test(code))];
}

const missing =
  /attempt to call a nil value \((?:global|field|method|local|upvalue) '(module|unpack|loadstring|[sg]etfenv|gcinfo|newproxy|getn|setn|maxn|foreachi?|gfind|mod)'\)/;

/** The name of Lua 5.1 that an error message of Lua 5.4 misses; null when it says something else. */
export function lua51NameMissing(message: string): string | null {
  return missing.exec(message)?.[1] ?? null;
}
