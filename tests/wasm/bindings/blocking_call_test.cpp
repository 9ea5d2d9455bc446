// A blocking call waits wherever a script may call it, and the script sees nothing of it.
#include "bindings/blocking_call.h"

#include <gtest/gtest.h>

#include "support/script_runner.h"

namespace moonwire {
namespace {

using kernel::Pid;
using testing::ScriptRunner;

struct Place {
  const char* name;
  const char* script;
  const char* output;
};

const Place places[] = {
    {"main chunk", "pause(1) print('on')", "on\n"},
    {"function", "local function f() pause(1) return 'on' end print(f())", "on\n"},
    {"tail call", "local function f() return pause(1) end f() print('on')", "on\n"},
    {"pcall", "print(pcall(function() pause(1) return 'on' end))", "true\ton\n"},
    {"pcall of the call itself", "print(pcall(pause, 1))", "true\n"},
    {"error after waiting", "print(pcall(function() pause(1) error('x', 0) end))", "false\tx\n"},
    {"xpcall",
     "print(xpcall(function() pause(1) error('x', 0) end, function(m) return m .. '!' end))",
     "false\tx!\n"},
    {"metamethods",
     "local m = setmetatable({}, {__index = function(_, k) pause(1) return k end, "
     "__newindex = function(t, k, v) pause(1) rawset(t, k, v) end, "
     "__add = function() pause(1) return 'sum' end, __eq = function() pause(1) return true end, "
     "__lt = function() pause(1) return true end, __le = function() pause(1) return false end, "
     "__len = function() pause(1) return 3 end, __concat = function() pause(1) return 'cat' end, "
     "__call = function(_, x) pause(1) return x end, __unm = function() pause(1) return 'neg' "
     "end}) "
     "local o = setmetatable({}, getmetatable(m)) m.new = 1 "
     "print(m.key, m.new, m + 1, m == o, m < o, m <= o, #m, m .. 'x', m(5), -m)",
     "key\t1\tsum\ttrue\ttrue\tfalse\t3\tcat\t5\tneg\n"},
    {"close",
     "do local c <close> = setmetatable({}, {__close = function() pause(1) end}) end print('on')",
     "on\n"},
    {"iterator",
     "for i in function(_, i) pause(1) i = (i or 0) + 1 return i < 4 and i or nil end do "
     "io.write(i, ' ') end print()",
     "1 2 3 \n"},
    {"pairs",
     "for k in pairs(setmetatable({}, {__pairs = function(t) pause(1) return next, {x = 1} end})) "
     "do "
     "print(k) end",
     "x\n"},
    {"coroutine",
     "local co = coroutine.wrap(function(a) pause(1) local b = coroutine.yield(a + 1) pause(1) "
     "return b * 2 end) print(co(1)) print(co(21))",
     "2\n42\n"},
    {"coroutine in coroutine",
     "local co = coroutine.wrap(function() local inner = coroutine.wrap(function() local deep = "
     "coroutine.wrap(function() pause(1) coroutine.yield('deep') pause(1) return 'end' end) "
     "pause(1) print(deep()) coroutine.yield('inner') print(deep()) end) print(inner()) pause(1) "
     "coroutine.yield('outer') inner() return 'over' end) print(co()) print(co())",
     "deep\ninner\nouter\nend\nover\n"},
    {"resume hands over errors that come after waiting",
     "print(coroutine.resume(coroutine.create(function() pause(1) error('x', 0) end)))",
     "false\tx\n"},
    {"wrap hands over errors that come after waiting",
     "print(pcall(coroutine.wrap(function() pause(1) error('x', 0) end)))", "false\tx\n"},
    {"status while another waits",
     "local a a = coroutine.create(function() local b = coroutine.wrap(function() pause(1) "
     "return coroutine.status(a) end) print(b()) end) coroutine.resume(a) "
     "print(coroutine.status(a))",
     "normal\ndead\n"},
    {"pcall in a coroutine in pcall",
     "print(pcall(coroutine.wrap(function() return pcall(function() pause(1) return 'on' end) "
     "end)))",
     "true\ttrue\ton\n"},
    {"gsub with a function",
     "print((('a b'):gsub('%w', function(c) pause(1) return c:upper() end)))", "A B\n"},
    {"sort with a comparator",
     "local t = {3, 1, 2} table.sort(t, function(a, b) pause(0.2) return a < b end) "
     "print(table.concat(t, ' '))",
     "1 2 3\n"},
    {"dofile and require",
     "local f = io.open('part.lua', 'w') f:write('pause(0.2) return 7') f:close() "
     "print(dofile('part.lua'), (require('part')))",
     "7\t7\n"},
    {"a reader of load",
     "local n = 0 print(load(function() pause(0.1) n = n + 1 return ({'return', ' 4', '2'})[n] "
     "end)())",
     "42\n"},
    {"tostring", "print(setmetatable({}, {__tostring = function() pause(1) return 'text' end}))",
     "text\n"},
};

TEST(BlockingCall, WaitsWhereverAScriptMayCallIt) {
  for (const Place& place : places) {
    ScriptRunner runner;
    const kernel::Micros began = runner.host.steady;
    EXPECT_EQ(runner.run(place.script), place.output) << place.name;
    EXPECT_GE(runner.host.steady - began, 300'000) << place.name << " did not wait";
    EXPECT_EQ(runner.leftovers(), 0u) << place.name;
  }
}

TEST(BlockingCall, LosingTheTurnAnywhereChangesNothing) {
  for (const Place& place : places) {
    ScriptRunner runner({.slice_counts = 3, .slice_check_counts = 3});
    EXPECT_EQ(runner.run(place.script), place.output) << place.name;
    EXPECT_EQ(runner.leftovers(), 0u) << place.name;
  }
}

TEST(BlockingCall, StopInTheMiddleOfAWaitLeavesNothing) {
  for (const Place& place : places) {
    ScriptRunner runner;
    const Pid pid = runner.start(place.script);
    runner.settle();
    ASSERT_EQ(runner.machine.census().parked, 1u) << place.name;
    runner.machine.stop(pid);
    EXPECT_EQ(runner.leftovers(), 0u) << place.name;
    EXPECT_EQ(runner.machine.census().memory_bytes, 0u) << place.name;
  }
}

TEST(BlockingCall, WhereLuaCannotYieldItSaysSoAndNamesItself) {
  for (const char* script :
       {"xpcall(error, function() pause(1) end)",
        "setmetatable({}, {__gc = function() pause(1) end}) collectgarbage()",
        "local co = coroutine.create(function() local c <close> = setmetatable({}, {__close = "
        "function() pause(1) end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)",
        "xpcall(error, function() coroutine.wrap(function() pause(1) end)() end)",
        "xpcall(error, function() coroutine.wrap(function() coroutine.wrap(function() pause(1) "
        "end)() end)() end)"}) {
    ScriptRunner runner;
    const kernel::Micros began = runner.host.steady;
    const std::string output = runner.run(
        "local real, said = pause, nil "
        "pause = function(...) said = said or select(2, pcall(real, ...)) end " +
        std::string(script) + " print(said)");
    EXPECT_EQ(output,
              "cannot wait here: 'pause' was called from a function that Lua cannot suspend (a "
              "finalizer, or a callback of a C function)\n")
        << script;
    EXPECT_EQ(runner.host.steady, began) << script;
  }
}

TEST(BlockingCall, AWaitForInputAndATimeEndsWithWhicheverComesFirst) {
  ScriptRunner runner;
  const Pid pid = runner.start("print(io.read()) print(io.read('a'))");
  runner.run_until_idle();
  EXPECT_TRUE(runner.host.consoles[pid].is_reading);
  runner.machine.type(pid, "typed\nrest");
  runner.run_until_idle();
  runner.machine.end_input(pid);
  runner.run_until_idle();
  EXPECT_EQ(runner.output(pid), "typed\nrest\n");
  EXPECT_EQ(runner.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire
