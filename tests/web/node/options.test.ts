// The command line of `./moonwire lua`: whose word is whose.
import { describe, expect, test } from '@jest/globals';

import { parseCommand, type RunOptions, UsageError } from '../../../web/src/node/options.ts';

function run(...argv: string[]): RunOptions {
  const command = parseCommand(argv);
  if (command.kind !== 'run') throw new Error(command.kind);
  return command.options;
}

describe('what stands behind FILE', () => {
  test('belongs to the script, options and all', () => {
    const { script, args } = run('chat.lua', '--with', '-e', '--', 'x');
    expect(script).toEqual({ file: 'chat.lua' });
    expect(args).toEqual(['--with', '-e', '--', 'x']);
  });

  test('and what stands before it is ours', () => {
    const options = run(
      '--with',
      'a.lua',
      '--with=b.lua',
      '--lib',
      'l',
      '--timeout',
      '1.5',
      'c.lua',
    );
    expect(options).toMatchObject({
      script: { file: 'c.lua' },
      args: [],
      companions: ['a.lua', 'b.lua'],
      libraries: ['l'],
      timeoutMs: 1500,
      proxy: null,
      dialect: 'luasocket',
      module: 'air202',
      memoryBytes: null,
    });
  });

  test('a dash is standard input, two dashes end our options', () => {
    expect(run('-', 'x')).toMatchObject({ script: { file: '-' }, args: ['x'] });
    expect(run('--', '--odd.lua', 'x')).toMatchObject({
      script: { file: '--odd.lua' },
      args: ['x'],
    });
  });

  test('-e runs code, and all that follows are its arguments', () => {
    expect(run('-e', 'print(...)', 'a', '-b')).toMatchObject({
      script: { code: 'print(...)' },
      args: ['a', '-b'],
    });
  });
});

test('help and version need no FILE', () => {
  expect(parseCommand(['--help'])).toEqual({ kind: 'help' });
  expect(parseCommand(['-v'])).toEqual({ kind: 'version' });
});

describe('what makes no sense is refused, with the word that is wrong', () => {
  test.each([
    [[], /no FILE/],
    [['--wth', 'x.lua'], /--wth/],
    [['--dialect', 'perl', 'x.lua'], /perl/],
    [['--module', 'toaster', 'x.lua'], /toaster/],
    [['--timeout', 'soon', 'x.lua'], /soon/],
    [['--timeout', '0', 'x.lua'], /above 0/],
    [['--with'], /--with/],
  ])('%j', (argv, why) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
    expect(() => parseCommand(argv)).toThrow(why);
  });
});
