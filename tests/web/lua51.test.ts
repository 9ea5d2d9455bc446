// Which scripts are taken for Lua 5.1's.
import { describe, expect, test } from '@jest/globals';

import { lua51NameMissing, lua51NamesIn } from '../../web/src/lua51.ts';

describe('a script is taken for one of Lua 5.1', () => {
  test.each([
    ['module("copas", package.seeall)', ['module', 'package.seeall']],
    ['module (...)', ['module']],
    ['print(unpack{1, 2})', ['unpack']],
    ['local unpack = unpack\nprint(unpack(t))', ['unpack']],
    ['local setfenv, type = setfenv, type', ['setfenv']],
    ['for i = 1, table.getn(t) do end', ['table.getn']],
    ['table.foreach(t, print)', ['table.foreach']],
    ['local gfind = string.gfind\nfor w in gfind(s, "%a") do end', ['string.gfind']],
    ['for w in s:gfind("%a") do end', ['gfind']],
    ['x = math.mod(7, 3)', ['math.mod']],
    ['local ok = pcall(loadstring, code)', ['loadstring']],
    ['loadstring [[return 1]]()', ['loadstring']],
  ])('%s', (text, names) => {
    expect(lua51NamesIn(text)).toEqual(names);
  });
});

describe('and not when it', () => {
  test.each([
    ['has its own', 'local unpack = table.unpack\nunpack(t)'],
    ['chooses what is there', 'local unpack = unpack or table.unpack\nunpack(t)'],
    ['chooses the other way round', 'local load = loadstring or load\nload("x")'],
    ['asks first', 'if setfenv then setfenv(1, {}) end'],
    ['asks whether it lacks', 'if not table.getn then end print(table.getn(t))'],
    ['defines the function', 'local function module(a) end module(1)'],
    ['speaks of it in a comment', '-- unpack(t) is gone\n--[[ module(...) ]]'],
    ['prints it', 'print("use unpack(t)", [[module(...)]])'],
    ['means a field', 'table.unpack(t) my.module("x") self:unpack(t)'],
    ['assigns it', 'unpack = table.unpack\nunpack(t)'],
    ['is of Lua 5.4', 'local t <const> = {} print(#t, table.unpack(t), 7 // 2)'],
  ])('%s', (_, text) => {
    expect(lua51NamesIn(text)).toEqual([]);
  });
});

test('an error for want of such a name names it', () => {
  expect(lua51NameMissing("lua: a.lua:1: attempt to call a nil value (global 'unpack')")).toBe(
    'unpack',
  );
  expect(lua51NameMissing("a.lua:1: attempt to call a nil value (field 'getn')")).toBe('getn');
  expect(lua51NameMissing("a.lua:1: attempt to call a nil value (method 'gfind')")).toBe('gfind');
  expect(lua51NameMissing("a.lua:1: attempt to call a nil value (global 'foo')")).toBeNull();
});
