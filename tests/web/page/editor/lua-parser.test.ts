import { StringStream } from '@codemirror/language';

import { luaParser } from '../../../../web/src/page/editor/lua-parser.ts';

/** The tokens of a text: `word:style`, white space left out. */
function tokens(text: string): string[] {
  const state = luaParser.startState!(2);
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const stream = new StringStream(line, 4, 2);
    while (!stream.eol()) {
      const style = luaParser.token(stream, state);
      if (stream.pos === stream.start) throw new Error(`stuck at ${String(stream.pos)} of ${line}`);
      if (style !== null) found.push(`${stream.current()}:${style}`);
      stream.start = stream.pos;
    }
  }
  return found;
}

describe('the Lua highlighter', () => {
  test('goto, its label and a label’s definition are labels', () => {
    expect(tokens('goto done ::done:: print(x)')).toEqual([
      'goto:keyword',
      'done:labelName',
      ':::punctuation',
      'done:labelName',
      ':::punctuation',
      'print:variableName.standard',
      '(:paren',
      'x:variableName',
      '):paren',
    ]);
  });

  test('attributes are modifiers, unknown ones are wrong, and a comparison is no attribute', () => {
    expect(tokens('local f <close>, n <const> = a < b')).toEqual([
      'local:keyword',
      'f:variableName',
      '<:angleBracket',
      'close:modifier',
      '>:angleBracket',
      ',:punctuation',
      'n:variableName',
      '<:angleBracket',
      'const:modifier',
      '>:angleBracket',
      '=:operator',
      'a:variableName',
      '<:operator',
      'b:variableName',
    ]);
    expect(tokens('local x <final> = 1')).toContain('final:invalid');
    expect(tokens('local ok = a\nif a < b then end')).toContain('<:operator');
  });

  test('integer division and the bit operators are operators, not comments', () => {
    expect(tokens('a // b >> 1 ~ c')).toEqual([
      'a:variableName',
      '//:operator',
      'b:variableName',
      '>>:operator',
      '1:number',
      '~:operator',
      'c:variableName',
    ]);
  });

  test('numbers: decimal, hexadecimal, floats of both, and what is none', () => {
    for (const number of ['0', '3.14', '.5', '3.', '1e10', '0xFF', '0x1p-4', '0x.8P1', '9E+2']) {
      expect(tokens(number)).toEqual([`${number}:number`]);
    }
    expect(tokens('12abc')).toEqual(['12abc:invalid']);
    expect(tokens('a..1')).toEqual(['a:variableName', '..:operator', '1:number']);
  });

  test('every escape is seen, a wrong one is marked', () => {
    const escapes = tokens(String.raw`"\n\x41\065\u{1F319}\\\"\z"`).filter((token) =>
      token.endsWith(':escape'),
    );
    expect(escapes).toHaveLength(7);
    expect(tokens(String.raw`"\q"`)).toContain(String.raw`\q:invalid`);
  });

  test('\\z joins lines, a backslash at the end too, a string left open is wrong', () => {
    expect(tokens('"one \\z\n   two" .. x')).toEqual([
      '":string',
      'one :string',
      '\\z:escape',
      '   :string',
      'two":string',
      '..:operator',
      'x:variableName',
    ]);
    expect(tokens('"one\\\ntwo" x').at(-1)).toBe('x:variableName');
    expect(tokens('"open\nlocal')).toEqual(['":string', 'open:invalid', 'local:keyword']);
  });

  test('long strings and comments end at their own level only', () => {
    expect(tokens('x = [==[ a ]] ]=] \n b ]==] y')).toEqual([
      'x:variableName',
      '=:operator',
      '[==[ a ]] ]=] :string',
      ' b ]==]:string',
      'y:variableName',
    ]);
    expect(tokens('--[[ a\n]] z')).toEqual([
      '--[[ a:blockComment',
      ']]:blockComment',
      'z:variableName',
    ]);
    expect(tokens('--[=[ a ]] \n]=] z').at(-1)).toBe('z:variableName');
    expect(tokens('-- [[ not long\nz')).toEqual(['-- [[ not long:lineComment', 'z:variableName']);
    expect(tokens('t[a[1]]').at(-1)).toBe(']:squareBracket');
  });

  test('calls, methods, fields and the library are told apart', () => {
    expect(tokens('function M.run(self) socket.bind("*", 0):accept() end')).toEqual([
      'function:keyword',
      'M:variableName.function.definition',
      '.:punctuation',
      'run:propertyName.function',
      '(:paren',
      'self:self',
      '):paren',
      'socket:variableName',
      '.:punctuation',
      'bind:propertyName.function',
      '(:paren',
      '":string',
      '*":string',
      ',:punctuation',
      '0:number',
      '):paren',
      '::punctuation',
      'accept:propertyName.function',
      '(:paren',
      '):paren',
      'end:keyword',
    ]);
  });

  test('a first line for the shell is no Lua', () => {
    expect(tokens('#!/usr/bin/env lua\nprint()')[0]).toBe('#!/usr/bin/env lua:meta');
    expect(tokens('x = #t')).toContain('#:operator');
  });
});
