// Searching and replacing wait where a script makes them, and are never long at a time.
#include "wasm/bindings/base/waiting.h"

namespace moonwire {
namespace {

using testing::ScriptRunner;
using testing::Waiting;

constexpr Waiting waits[] = {
    {"gsub's function", "print(('a b c'):gsub('%a', function(c) pause(1) return c:upper() end))",
     "A B C\t3\n"},
    {"gsub's function with many captures",
     "print(('k=v, x=y'):gsub('(%w)=(%w)', function(k, v) pause(1) return v .. '=' .. k end))",
     "v=k, y=x\t2\n"},
    {"a long result",
     "local s = ('ab '):rep(1000):gsub('%a+', function(w) if w then pause(0.01) end return w .. w "
     "end) print(#s, s:sub(1, 10))",
     "5000\tabab abab \n"},
    {"gsub in gsub",
     "print((('a b'):gsub('%a', function(c) return (('xy'):gsub('.', function(d) pause(1) return c "
     ".. d end)) end)))",
     "axay bxby\n"},
    {"gsub's table with __index",
     "print((('a b'):gsub('%a', setmetatable({}, {__index = function(_, k) pause(1) return k .. k "
     "end}))))",
     "aa bb\n"},
    {"gsub's table with a chain of __index",
     "print((('a b'):gsub('%a', setmetatable({}, {__index = setmetatable({a = 1}, {__index = "
     "function(_, k) pause(1) return k .. k end})}))))",
     "1 bb\n"},
    {"an anchored gsub", "print(('aa'):gsub('^a', function(c) pause(1) return c:upper() end))",
     "Aa\t1\n"},
    {"an error after waiting in gsub",
     "print(pcall(string.gsub, 'ab', '.', function(c) pause(1) error(c, 0) end))", "false\ta\n"},
    {"a bad value after waiting in gsub",
     "print(pcall(string.gsub, 'ab', '.', function(c) pause(1) return {} end))",
     "false\tinvalid replacement value (a table)\n"},
    {"two coroutines in gsub at a time",
     "local function work(n) return coroutine.wrap(function() return (('ab'):gsub('.', function(c) "
     "coroutine.yield(c .. n) pause(0.5) return c .. n end)) end) end "
     "local one, two = work(1), work(2) print(one(), two()) print(one(), two()) print(one(), "
     "two())",
     "a1\ta2\nb1\tb2\na1b1\ta2b2\n"},
    {"the body of a gmatch loop",
     "for k, v in ('a=1, b=2'):gmatch('(%w)=(%w)') do pause(1) print(k, v) end", "a\t1\nb\t2\n"},
    {"format's __tostring",
     "local t = setmetatable({}, {__tostring = function() pause(1) return 'text' end}) "
     "print(string.format('%d %s %5s|%%|%s', 1, t, 'x', t))",
     "1 text     x|%|text\n"},
};

TEST(String, WhatAScriptCallsBackMayWait) {
  testing::expect_waiting_is_invisible(waits);
}

constexpr const char* long_work[] = {
    "('a'):rep(30):find(('a?'):rep(30) .. ('a'):rep(30))",
    "('a'):rep(30):match(('a?'):rep(30) .. ('a'):rep(30))",
    "('a'):rep(30):gsub(('a?'):rep(30) .. ('a'):rep(30), 'x')",
    "for _ in ('a'):rep(30):gmatch(('a?'):rep(30) .. ('a'):rep(30)) do end",
    "('a'):rep(40):find(('(a-)'):rep(20) .. 'b')",
    "('a'):rep(400):find(('.-'):rep(8) .. 'b')",
    "pcall(string.find, ('a'):rep(400), ('a*'):rep(8) .. 'b')",
    "coroutine.wrap(function() return ('a'):rep(400):find(('a*'):rep(8) .. 'b') end)()",
    "local s = ('x'):rep(100000) s:find('.-.-.-y')",
    "local s = ('('):rep(200000) s:find('%b()')",
};

TEST(String, APatternOfAnyKindStarvesNobodyAndCanBeStopped) {
  testing::expect_long_work_gives_turns(long_work);
}

TEST(String, WhereLuaCannotSuspendALongSearchRaisesAnError) {
  ScriptRunner runner({.unyieldable_counts = 100'000});
  EXPECT_EQ(runner.run("print((xpcall(error, function() "
                       "return ('a'):rep(30):find(('a?'):rep(30) .. ('a'):rep(30)) end)))"),
            "false\n");
  EXPECT_EQ(runner.leftovers(), 0u);
}

TEST(String, RepetitionsOfNothingTakeNoTime) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(#(''):rep(1 << 62), #(''):rep(1 << 40, ''))"), "0\t0\n");
}

TEST(String, ASearchOnlySeesWhatIsLeftOfASliceCharged) {
  // The same sum of work in many short searches gives turns, too.
  constexpr const char* many[] = {
      "while true do ('aaaaaaaaaaaaaaaa'):find('a-a-a-b') end",
      "local s = ('x'):rep(5000) while true do s:gsub('x', 'y') end",
  };
  testing::expect_long_work_gives_turns(many);
}

}  // namespace
}  // namespace moonwire
