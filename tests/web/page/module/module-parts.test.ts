// The bench's plain parts: lamp patterns, log lines, bytes, bounded lists, answer rules, addresses, what a project is.
import {
  dialectOf,
  dialectOfFile,
  looksLikeChuck,
  looksLikeLuat,
} from '../../../../web/src/page/dialect.ts';
import { BoundedList } from '../../../../web/src/page/module/bounded-list.ts';
import {
  fromHex,
  fromTyped,
  hexRows,
  readable,
  toHex,
} from '../../../../web/src/page/module/bytes.ts';
import { badDay, playBadDay, type Mishap } from '../../../../web/src/page/module/bad-day.ts';
import { answerOf, isSound, type LabRule } from '../../../../web/src/page/module/lab-rules.ts';
import { LampWatch, type LampMeaning } from '../../../../web/src/page/module/lamp.ts';
import { everything, parseLogLine, passes } from '../../../../web/src/page/module/log-line.ts';
import { putTestAddress } from '../../../../web/src/page/module/test-address.ts';
import { launchPlan } from '../../../../web/src/page/launch-plan.ts';
import { fromOriginals, restore, setContent, toSave } from '../../../../web/src/page/projects.ts';
import { ManualClock } from '../../support/workbench.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a lamp', () => {
  // Blinks for ten seconds, told of as states are: at each change, a little late.
  function watchBlinking(onMs: number, offMs: number, lateMs: (turn: number) => number): LampWatch {
    const watch = new LampWatch();
    watch.sample(0, 0);
    let time = 500;
    for (let turn = 0; time < 30_000; turn++) {
      watch.sample(1, time + lateMs(turn * 2));
      time += onMs;
      watch.sample(0, time + lateMs(turn * 2 + 1));
      time += offMs;
    }
    return watch;
  }

  test.each<[LampMeaning, number, number]>([
    ['sim-fault', 300, 5700],
    ['searching', 300, 3700],
    ['registered', 300, 1700],
    ['attached', 300, 700],
    ['connected', 100, 100],
    ['other', 900, 900],
  ])(
    'blinking as netLed does for %s is read as that, however late each state comes',
    (meaning, onMs, offMs) => {
      for (const late of [() => 0, () => 30, (turn: number) => (turn % 2) * 33])
        expect(watchBlinking(onMs, offMs, late).pattern.meaning).toBe(meaning);
    },
  );

  test('that goes from one pattern to the next is never said to blink in a third', () => {
    const watch = watchBlinking(300, 700, () => 0);
    const meanings = new Set([watch.pattern.meaning]);
    let time = 30_400; // the next turn of the old pattern is due now
    for (let turn = 0; turn < 20; turn++) {
      for (const level of [1, 0] as const) {
        watch.sample(level, (time += 100));
        meanings.add(watch.pattern.meaning);
      }
    }
    expect([...meanings]).toEqual(['attached', 'connected']);
  });

  test('that stays dark or lit does not blink', () => {
    const watch = watchBlinking(100, 100, () => 0);
    watch.sample(0, 31_000);
    watch.sample(0, 39_000);
    expect(watch.pattern.meaning).toBe('off');
    watch.sample(1, 40_000);
    watch.sample(1, 48_000);
    expect(watch.pattern.meaning).toBe('steady');
    expect(watch.isLit).toBe(true);
  });

  test('begins anew when the clock does: the module was restarted', () => {
    const watch = watchBlinking(100, 100, () => 0);
    watch.sample(0, 5);
    expect(watch.pattern).toEqual({ meaning: 'off', onMs: null, offMs: null });
  });
});

describe('a log line', () => {
  test('has level, tag and text as LuaTask prints them', () => {
    expect(parseLogLine('[I]-[longlink.socketClient] connect success')).toEqual({
      level: 'I',
      tag: 'longlink.socketClient',
      text: 'connect success',
    });
    expect(parseLogLine('[E]-[longlink.inMsgProcess error]')).toEqual({
      level: 'E',
      tag: 'longlink.inMsgProcess error',
      text: '',
    });
  });

  test('without that layout has no level', () => {
    for (const line of ['', 'hello', '[X]-[a] b', '[I] a', ' [I]-[a] b'])
      expect(parseLogLine(line)).toEqual({ level: null, tag: '', text: line });
  });

  test('passes by its level and by what is searched, whatever its case; one without a level counts as info', () => {
    const errors = { levels: new Set(['E'] as const), search: '' };
    expect(passes(errors, '[E]-[a] b')).toBe(true);
    expect(passes(errors, '[I]-[a] b')).toBe(false);
    expect(passes(errors, 'plain')).toBe(false);
    expect(passes({ ...everything, search: 'SUCC' }, '[I]-[a] success')).toBe(true);
    expect(passes({ ...everything, search: 'x' }, '[I]-[a] b')).toBe(false);
  });
});

describe('bytes', () => {
  test('read and written as hex are the same bytes', () => {
    const all = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(fromHex(toHex(all))).toEqual(all);
    expect(fromHex('0x11, 0x22:33')).toEqual(Uint8Array.of(0x11, 0x22, 0x33));
    for (const wrong of ['1', '12 3', 'gg', '12 zz']) expect(fromHex(wrong)).toBeNull();
  });

  test('are typed with escapes', () => {
    expect(fromTyped('a\\r\\n\\x41\\\\中')).toEqual(
      Uint8Array.from([97, 13, 10, 0x41, 92, ...ascii('中')]),
    );
    expect(fromTyped('50\\%')).toEqual(ascii('50\\%'));
  });

  test('are shown on one line, whatever they are', () => {
    expect(readable(ascii('心跳\r\n'))).toBe('心跳\\r\\n');
    expect(readable(Uint8Array.of(0x11, 0x22, 0x33, 0xff))).toBe('\\x11"3\\xFF');
    expect(readable(ascii('a\u202eb'))).not.toContain('\u202e');
  });

  test('have a hex view that stops at its bound', () => {
    const rows = hexRows(ascii('0123456789abcdefXYZ'), 18);
    expect(rows.map((row) => row.text)).toEqual(['0123456789abcdef', 'XY']);
    expect(rows[1]).toEqual({ offset: '0010', hex: '58 59', text: 'XY' });
  });
});

describe('a bounded list', () => {
  test('forgets its oldest by count and counts them, with serial numbers that are never used again', () => {
    const list = new BoundedList<{ n: number }>({ count: 3, weight: Infinity });
    list.add([1, 2, 3, 4].map((n) => ({ n })));
    list.add([], 5);
    expect(list.entries.map(({ n, serial }) => [n, serial])).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
    expect(list.lost).toBe(6);
    list.clear();
    list.add([{ n: 5 }]);
    expect(list.last?.serial).toBe(5);
  });

  test('forgets by weight too, but never the newest', () => {
    const list = new BoundedList<{ size: number }>({ count: 9, weight: 10 }, ({ size }) => size);
    list.add([{ size: 6 }, { size: 6 }]);
    expect(list.entries.map(({ size }) => size)).toEqual([6]);
    list.add([{ size: 50 }]);
    expect(list.entries.map(({ size }) => size)).toEqual([50]);
    list.replaceLast({ size: 4 });
    list.add([{ size: 6 }]);
    expect(list.entries).toHaveLength(2);
  });
});

describe('the lab’s answer rules', () => {
  const rules: LabRule[] = [
    { match: 'equals', pattern: 'bin', answer: 'hex', value: '11 22 33' },
    { match: 'begins', pattern: 'back', answer: 'echo', value: '' },
    { match: 'contains', pattern: '\\r\\n', answer: 'text', value: 'line\\n' },
    { match: 'equals', pattern: 'time', answer: 'time', value: '' },
    { match: 'equals', pattern: 'bye', answer: 'reset', value: '' },
  ];

  test('answer by the first that fits', () => {
    const sent = (text: string): unknown => {
      const act = answerOf(rules, ascii(text), 1_700_000_000);
      return act?.kind === 'send' ? readable(act.bytes) : (act?.kind ?? null);
    };
    expect(sent('bin')).toBe('\\x11"3');
    expect(sent('back123')).toBe('back123');
    expect(sent('go\r\n')).toBe('line\\n');
    expect(sent('time')).toBe('1700000000');
    expect(sent('bye')).toBe('reset');
    expect(sent('nothing')).toBeNull();
  });

  test('that cannot work answer nothing', () => {
    const wrong: LabRule = { match: 'any', pattern: '', answer: 'hex', value: '1' };
    expect(isSound(wrong)).toBe(false);
    expect(isSound({ match: 'begins', pattern: '', answer: 'echo', value: '' })).toBe(false);
    expect(answerOf([wrong], ascii('x'), 0)).toBeNull();
  });
});

describe('the test server’s address', () => {
  const put = (text: string): string | undefined =>
    putTestAddress(
      fromOriginals('own', { 'main.lua': 'print()', 'longlink.lua': text }),
      '127.0.0.1',
      50798,
    )?.text;

  test('goes where the tutorial has it, in each of its spellings', () => {
    expect(put('local testip,testport = "",""')).toBe(
      'local testip,testport = "127.0.0.1","50798"',
    );
    expect(put("local testip , testport='180.97.81.180' , '50798'")).toBe(
      'local testip , testport="127.0.0.1" , "50798"',
    );
    expect(put('testIp="a"\ntestPort=1')).toBe('testIp="127.0.0.1"\ntestPort="50798"');
  });

  test('goes into a connect when there is no such pair', () => {
    expect(put('c:connect("180.97.80.55","12415")')).toBe('c:connect("127.0.0.1","50798")');
    expect(put('c:connect("a", 80)\n-- rest')).toBe('c:connect("127.0.0.1", "50798")\n-- rest');
  });

  test('goes nowhere when the files name no server', () => {
    expect(put('print("testip")')).toBeUndefined();
  });

  test('tells the line', () => {
    const project = fromOriginals('own', { 'a.lua': '\n\nlocal testip,testport = "",""' });
    expect(putTestAddress(project, 'h', 1)?.line).toBe(3);
  });
});

describe('pasted scripts', () => {
  const main = 'PROJECT = "X"\nVERSION = "1"\nrequire "log"\nrequire"sys"\nsys.run()';

  test('of LuaTask are recognised', () => {
    expect(looksLikeLuat(fromOriginals('own', { 'main.lua': main }))).toBe(true);
    const split = { 'main.lua': 'require "net"', 'a.lua': 'module(...,package.seeall)\n' };
    expect(looksLikeLuat(fromOriginals('own', split))).toBe(true);
  });

  test('of chuck are recognised, unless they say whose they are', () => {
    const looks = (text: string): boolean =>
      looksLikeChuck(fromOriginals('own', { 'a.lua': text }));
    expect(looks('local chuck = require("chuck")')).toBe(true);
    expect(looks("local rpc   = require 'distri.rpc'")).toBe(true);
    expect(looks('-- Dialect: chuck\nlocal chuck = require("chuck")')).toBe(false);
    expect(looks('print(1) -- not require("chuck")')).toBe(false);
    expect(looks('local s = require("socket") print("chuck")')).toBe(false);
  });

  test('of another kind are not', () => {
    expect(looksLikeLuat(fromOriginals('own', { 'server.lua': main }))).toBe(false);
    expect(looksLikeLuat(fromOriginals('own', { 'main.lua': 'PROJECT = "X"' }))).toBe(false);
    expect(looksLikeLuat(fromOriginals('own', { 'main.lua': 'local s = require("socket")' }))).toBe(
      false,
    );
  });

  test('keep the dialect that was chosen, and lose it with the choice', () => {
    const originals = fromOriginals('own', { 'main.lua': '' });
    const chosen = { ...setContent(originals, 'main.lua', main), dialect: 'luat' as const };
    const again = restore(originals, toSave(chosen, originals));
    expect(dialectOf(again, null)).toBe('luat');
    expect(toSave({ ...originals, dialect: 'luat' }, originals)?.dialect).toBe('luat');
    expect(toSave({ ...again, files: originals.files, dialect: null }, originals)).toBeNull();
  });
});

describe('a project for the module', () => {
  const project = fromOriginals('p', {
    'main.lua': 'require"sys"\nrequire"other"',
    'other.lua': 'module(...,package.seeall)',
    'server.lua': '-- Counts.\n-- Dialect: luasocket\n\nlocal s = 1',
    'late.lua': 'local x\n-- Dialect: chuck',
  });

  test('runs main.lua on the module and beside it what says to be of another dialect', () => {
    expect(launchPlan(project, [], 'luat')).toEqual(['main.lua', 'server.lua']);
    expect(launchPlan(project, ['other.lua', 'main.lua', 'server.lua'], 'luat')).toEqual([
      'other.lua',
      'server.lua',
    ]);
    expect(launchPlan(fromOriginals('p', { 'only.lua': 'sys.run()' }), [], 'luat')).toEqual([
      'only.lua',
    ]);
  });

  test('has each file’s dialect in its head comment, and nowhere else', () => {
    expect(dialectOfFile(project, 'server.lua', 'luat')).toBe('luasocket');
    expect(dialectOfFile(project, 'main.lua', 'luat')).toBe('luat');
    expect(dialectOfFile(project, 'late.lua', 'luat')).toBe('luat');
  });
});

describe('a bad day', () => {
  test('brings every mishap in its order, leaves nothing broken, and can be stopped', async () => {
    const clock = new ManualClock();
    const seen: Mishap[] = [];
    let ends = 0;
    playBadDay(
      clock.after,
      (mishap) => seen.push(mishap),
      () => ends++,
    );
    await clock.advance(61_000);
    expect(seen).toEqual(badDay.map(({ mishap }) => mishap));
    expect(ends).toBe(1);
    // What is taken away comes back.
    const last = (kind: Mishap['do']): Mishap | undefined =>
      seen.findLast((one) => one.do === kind);
    expect(last('sim')).toEqual({ do: 'sim', sim: 'ready' });
    expect(last('network')).toEqual({ do: 'network', available: true });

    const stop = playBadDay(
      clock.after,
      () => seen.push({ do: 'reset' }),
      () => ends++,
    );
    stop();
    expect(clock.waiting).toBe(0);
  });
});
