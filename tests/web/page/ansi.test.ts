import { AnsiDecoder, applySgr, indexedColour, plain } from '../../../web/src/page/ansi.ts';

const texts = (decoder: AnsiDecoder, input: string) =>
  decoder
    .decode(input)
    .map((operation) => (operation.kind === 'text' ? operation.text : operation.kind));

describe('AnsiDecoder', () => {
  test('plain text passes as it is, line by line', () => {
    expect(texts(new AnsiDecoder(), 'one\ntwo\tthree')).toEqual(['one', 'newline', 'two\tthree']);
  });

  test('colours and weights hold until they are reset', () => {
    const operations = new AnsiDecoder().decode('\x1b[1;31mred\x1b[0m plain');
    expect(operations).toEqual([
      { kind: 'text', text: 'red', style: { ...plain, bold: true, foreground: 1 } },
      { kind: 'text', text: ' plain', style: plain },
    ]);
  });

  test('a sequence cut at every place gives what the whole one gives', () => {
    const whole = 'a\x1b[38;2;10;200;30mb\x1b]0;title\x07c\x1b[0md\r\ne';
    const flat = (decoder: AnsiDecoder, pieces: readonly string[]) => {
      let text = '';
      for (const operation of pieces.flatMap((piece) => decoder.decode(piece))) {
        text +=
          operation.kind === 'text'
            ? `[${String(operation.style.foreground)}]${operation.text}`
            : '\n';
      }
      return text.replaceAll(/(\[[^\]]*\])([a-e])/g, '$1$2');
    };
    const expected = flat(new AnsiDecoder(), [whole]);
    expect(expected).toBe('[null]a[#0ac81e]b[#0ac81e]c[null]d\n[null]e');
    for (let at = 0; at <= whole.length; at++) {
      expect(flat(new AnsiDecoder(), [whole.slice(0, at), whole.slice(at)])).toBe(expected);
    }
  });

  test('what a log cannot do is swallowed, not shown', () => {
    expect(texts(new AnsiDecoder(), '\x1b[2;5Hx\x1b[?25ly\x1b(Bz\x07')).toEqual(['x', 'y', 'z']);
  });

  test('a carriage return asks to write over the line, CR LF is one line end', () => {
    expect(texts(new AnsiDecoder(), '10%\r20%\r\n')).toEqual(['10%', 'return', '20%', 'newline']);
  });

  test('an escape that never ends is given up instead of being kept for ever', () => {
    const decoder = new AnsiDecoder();
    decoder.decode(`\x1b]${'x'.repeat(500)}`);
    expect(texts(decoder, 'after')).toEqual(['after']);
  });
});

test('the colour cube and the greys are xterm’s', () => {
  expect(indexedColour(9)).toBe(9);
  expect(indexedColour(208)).toBe('#ff8700');
  expect(indexedColour(232)).toBe('#080808');
  expect(indexedColour(256)).toBeNull();
});

test('bright colours are palette entries 8 to 15, unknown codes change nothing', () => {
  expect(applySgr(plain, [91]).foreground).toBe(9);
  expect(applySgr(plain, [107]).background).toBe(15);
  expect(applySgr(plain, [999])).toBe(plain);
  expect(applySgr(plain, [38, 5])).toBe(plain);
});
