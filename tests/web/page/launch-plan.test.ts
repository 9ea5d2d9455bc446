import { describePlan, launchPlan, splitArguments } from '../../../web/src/page/launch-plan.ts';
import { fromOriginals } from '../../../web/src/page/projects.ts';

const project = (files: Record<string, string>) => fromOriginals('own', files);

describe('what "Run project" starts', () => {
  test('an example’s own list wins, without files that were deleted', () => {
    expect(
      launchPlan(project({ 'a.lua': 'x', 'b.lua': 'x' }), ['b.lua', 'gone.lua', 'b.lua']),
    ).toEqual(['b.lua', 'b.lua']);
  });

  test('one’s own files: servers first, blank ones not at all', () => {
    const files = { 'client.lua': 'c', 'my_server.lua': 's', 'notes.txt': 'n', 'empty.lua': ' \n' };
    expect(launchPlan(project(files), [])).toEqual(['my_server.lua', 'client.lua']);
  });

  test('a file that another one requires is a module, not a program', () => {
    const files = { 'main.lua': 'local u = require("lib.util")', 'lib/util.lua': 'return {}' };
    expect(launchPlan(project(files), [])).toEqual(['main.lua']);
  });

  test('files that require each other all run', () => {
    const files = { 'a.lua': "require 'b'", 'b.lua': 'require [[a]]' };
    expect(launchPlan(project(files), [])).toEqual(['a.lua', 'b.lua']);
  });

  test('copies are counted in words', () => {
    expect(describePlan(['s.lua', 'c.lua', 'c.lua'], ', then ')).toBe('s.lua, then c.lua ×2');
  });
});

test('arguments are split as a shell splits them', () => {
  expect(splitArguments('  a "b c" \'d "e\' f\\ g "" "x\\"y" ')).toEqual([
    'a',
    'b c',
    'd "e',
    'f g',
    '',
    'x"y',
  ]);
  expect(splitArguments('')).toEqual([]);
});
