import {
  Scrollback,
  type Output,
  type ScrollbackLimits,
} from '../../../web/src/page/scrollback.ts';

const roomy = { chars: 1e6, lines: 1e6 };
const small: ScrollbackLimits = {
  scrollbackLines: 4,
  scrollbackChars: 100,
  lineChars: 10,
  pendingChars: 50,
};
const out = (text: string, more: Partial<Output> = {}): Output => ({
  stream: 'stdout',
  text,
  bytes: text.length,
  dropped: 0,
  ...more,
});
const shown = (scrollback: Scrollback): string[] =>
  scrollback.lines.map((line) => line.note?.kind ?? line.spans.map((span) => span.text).join(''));

const make = (bounds?: ScrollbackLimits): Scrollback => new Scrollback(() => undefined, bounds);

describe('Scrollback', () => {
  test('pieces of output become lines, an unfinished line stays open', () => {
    const scrollback = make();
    scrollback.output(out('one\ntw'));
    scrollback.flush(roomy);
    scrollback.output(out('o\n\nthree'));
    scrollback.flush(roomy);
    expect(shown(scrollback)).toEqual(['one', 'two', '', 'three']);
  });

  test('what is typed goes on where the prompt stands', () => {
    const scrollback = make();
    scrollback.output(out('> '));
    scrollback.typed('hello');
    scrollback.output(out('hi\n'));
    scrollback.flush(roomy);
    expect(shown(scrollback)).toEqual(['> hello', 'hi']);
    expect(scrollback.lines[0]?.spans.map((span) => span.origin)).toEqual(['stdout', 'typed']);
  });

  test('standard error is told apart', () => {
    const scrollback = make();
    scrollback.output(out('good\n'));
    scrollback.output(out('bad\n', { stream: 'stderr' }));
    scrollback.flush(roomy);
    expect(scrollback.lines.map((line) => line.spans[0]?.origin)).toEqual(['stdout', 'stderr']);
  });

  test('only the newest lines are kept, and serial numbers never repeat', () => {
    const scrollback = make(small);
    for (const text of ['1\n2\n3\n', '4\n5\n6\n']) {
      scrollback.output(out(text));
      scrollback.flush(roomy);
    }
    expect(shown(scrollback)).toEqual(['3', '4', '5', '6']);
    expect(scrollback.lines.map((line) => line.serial)).toEqual([3, 4, 5, 6]);
  });

  test('a line longer than the limit is broken, never inside a character', () => {
    const scrollback = make(small);
    scrollback.output(out('123456789🌙abc'));
    scrollback.flush(roomy);
    expect(shown(scrollback)).toEqual(['123456789', '🌙abc']);
  });

  test('a frame takes its share, the rest waits', () => {
    const scrollback = make();
    scrollback.output(out('1\n2\n3\n'));
    expect(scrollback.flush({ chars: 100, lines: 2 })).toBe(true);
    expect(shown(scrollback)).toEqual(['1', '2']);
    expect(scrollback.flush({ chars: 100, lines: 2 })).toBe(false);
    expect(shown(scrollback)).toEqual(['1', '2', '3']);
  });

  test('too much output drops the oldest that waits, counts it and says so', () => {
    const scrollback = make({ ...small, lineChars: 100 });
    scrollback.output(out('a'.repeat(40)));
    scrollback.output(out('b'.repeat(30)));
    scrollback.flush(roomy);
    expect(shown(scrollback)[0]).toBe('lost');
    expect(scrollback.lost).toBe(20);
    expect(scrollback.lines[0]?.note).toEqual({ kind: 'lost', size: 20 });
  });

  test('what would scroll out unseen is not drawn: the end of a flood comes soon', () => {
    const scrollback = make({ ...small, pendingChars: 1e6 });
    scrollback.output(out('open '));
    scrollback.flush(roomy);
    const flood = Array.from({ length: 1000 }, (_, at) => `${String(at)}\n`).join('');
    scrollback.output(out(flood.slice(0, 777)));
    scrollback.output(out(flood.slice(777)));
    scrollback.note({ kind: 'input-ended' });
    expect(scrollback.flush({ chars: 1e6, lines: 6 })).toBe(false);
    expect(shown(scrollback)).toEqual(['997', '998', '999', 'input-ended']);
    expect(scrollback.lost).toBe(0);
    expect(scrollback.takeShown()).toBe('open '.length + flood.length);
  });

  test('every byte is given back once: shown, dropped or cleared', () => {
    const scrollback = make(small);
    let back = 0;
    scrollback.output(out('x'.repeat(45), { bytes: 45 }));
    scrollback.output(out('y'.repeat(45), { bytes: 90 }));
    while (scrollback.flush({ chars: 7, lines: 2 })) back += scrollback.takeShown();
    scrollback.output(out('z', { bytes: 1 }));
    scrollback.clear();
    back += scrollback.takeShown();
    expect(back).toBe(45 + 90 + 1);
    expect(scrollback.takeShown()).toBe(0);
  });

  test('a progress line is written over, not repeated', () => {
    const scrollback = make();
    for (const part of ['10%', '\r20%', '\r30%\n', 'done\n']) scrollback.output(out(part));
    scrollback.flush(roomy);
    expect(shown(scrollback)).toEqual(['30%', 'done']);
  });

  test('bytes written one at a time make one span', () => {
    const scrollback = make();
    for (const letter of 'moonwire') scrollback.output(out(letter));
    scrollback.flush(roomy);
    expect(scrollback.lines[0]?.spans).toHaveLength(1);
  });

  test('notes are not part of the copied text', () => {
    const scrollback = make();
    scrollback.note({ kind: 'started', time: 0 });
    scrollback.output(out('text\n'));
    scrollback.note({ kind: 'exited', status: 0, reason: 'finished', spanMs: 5 });
    scrollback.flush(roomy);
    expect(scrollback.text()).toBe('text');
  });

  test('it wakes its owner when something waits, and tells its viewers when it was shown', () => {
    const calls: string[] = [];
    const scrollback = new Scrollback(() => calls.push('wake'));
    const release = scrollback.onFlush(() => calls.push('flush'));
    scrollback.output(out('a'));
    scrollback.flush(roomy);
    release();
    scrollback.flush(roomy);
    expect(calls).toEqual(['wake', 'flush']);
  });
});
