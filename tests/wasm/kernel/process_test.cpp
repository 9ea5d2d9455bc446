// How a process begins and ends.
#include "kernel/process.h"

#include <gtest/gtest.h>

#include "support/script_runner.h"

namespace moonwire {
namespace {

using kernel::ExitReason;
using kernel::Pid;
using testing::ScriptRunner;

TEST(Process, PrintsWaitsAndEndsWithStatusZero) {
  ScriptRunner runner;
  const Pid pid = runner.start("print('before') pause(1) print('after', ...)", {"x", "y"});
  runner.settle();
  EXPECT_EQ(runner.output(pid), "before\n");
  EXPECT_EQ(runner.machine.census().parked, 1u);
  runner.run_until_idle();
  EXPECT_EQ(runner.output(pid), "before\nafter\tx\ty\n");
  EXPECT_EQ(runner.status(pid), 0);
  EXPECT_EQ(runner.leftovers(), 0u);
  EXPECT_EQ(runner.machine.census().memory_bytes, 0u);
}

TEST(Process, KnowsItsArguments) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(arg[-1], arg[0], arg[1], #arg, select('#', ...))", {"one"}),
            "lua\tmain.lua\tone\t1\t1\n");
}

TEST(Process, AnUncaughtErrorEndsWithNativeLuasTraceback) {
  ScriptRunner runner;
  const Pid pid = runner.start(
      "local function inner() error('no luck') end\n"
      "local function outer() inner() end\n"
      "outer()\n");
  runner.run_until_idle();
  EXPECT_EQ(runner.errors(pid),
            "lua: main.lua:1: no luck\n"
            "stack traceback:\n"
            "\t[C]: in function 'error'\n"
            "\tmain.lua:1: in upvalue 'inner'\n"
            "\tmain.lua:2: in local 'outer'\n"
            "\tmain.lua:3: in main chunk\n"
            "\t[C]: in ?\n");
  EXPECT_EQ(runner.status(pid), 1);
  EXPECT_EQ(runner.host.exits[pid].reason, ExitReason::error);
  EXPECT_EQ(runner.leftovers(), 0u);
}

TEST(Process, WordsAnErrorObjectAsNativeLuaDoes) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("error(setmetatable({}, {__tostring = function() return 'mine' end}))"),
            "lua: mine\n");
  EXPECT_EQ(runner.run("error({})"),
            "lua: (error object is a table value)\n"
            "stack traceback:\n"
            "\t[C]: in function 'error'\n"
            "\tmain.lua:1: in main chunk\n"
            "\t[C]: in ?\n")
      << "native Lua 5.4 adds the traceback here too";
}

TEST(Process, AFileThatDoesNotCompileSaysSoWithoutATraceback) {
  ScriptRunner runner;
  const Pid pid = runner.start("local x = = 1");
  runner.run_until_idle();
  EXPECT_EQ(runner.errors(pid), "lua: main.lua:1: unexpected symbol near '='\n");
  EXPECT_EQ(runner.status(pid), 1);
}

TEST(Process, AMissingFileIsRefusedAtSpawn) {
  ScriptRunner runner;
  std::string why;
  EXPECT_FALSE(runner.machine.spawn({.path = "none.lua", .args = {}, .library_folders = {}}, why));
  EXPECT_EQ(why, "cannot open none.lua");
}

TEST(Process, SkipsAFirstLineThatNamesAnInterpreterButCountsIt) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("#!/usr/bin/env lua\nprint(debug.getinfo(1, 'l').currentline)"), "2\n");
}

TEST(Process, OsExitEndsAtOnceWhateverEnclosesIt) {
  for (const char* script :
       {"os.exit(7) print('never')", "pcall(os.exit, 7) print('never')",
        "pcall(function() os.exit(7) end) print('never')",
        "coroutine.wrap(function() os.exit(7) end)() print('never')",
        "setmetatable({}, {__index = function() os.exit(7) end}).x = nil print('never')",
        "local t = setmetatable({}, {__index = function() os.exit(7) end}) local _ = t.x "
        "print('never')",
        "table.sort({2, 1}, function() os.exit(7) end) print('never')",
        "local _ <close> = setmetatable({}, {__close = function() print('never') end}) "
        "os.exit(7)"}) {
    ScriptRunner runner;
    const Pid pid = runner.start(script);
    runner.run_until_idle();
    ASSERT_TRUE(runner.has_exited(pid)) << script;
    if (runner.status(pid) == 0) continue;  // the first __index script never calls it
    EXPECT_EQ(runner.status(pid), 7) << script;
    EXPECT_EQ(runner.output(pid), "") << script;
    EXPECT_EQ(runner.leftovers(), 0u) << script;
  }
}

TEST(Process, FinalizersRunAtTheEndButCannotWaitNorLoopForEver) {
  ScriptRunner runner({.unyieldable_counts = 10'000});
  const Pid pid = runner.start(
      "kept = {setmetatable({}, {__gc = function() while true do pcall(pause, 1) end end}),\n"
      "setmetatable({}, {__gc = function() print(pcall(pause, 1)) end}),\n"
      "setmetatable({}, {__gc = function() print('closing') end})}\n");
  runner.run_until_idle();
  EXPECT_EQ(runner.output(pid),
            "closing\nfalse\tcannot wait here: 'pause' was called from a function that Lua cannot "
            "suspend (a finalizer, or a callback of a C function)\n");
  EXPECT_EQ(runner.status(pid), 0);
  EXPECT_EQ(runner.leftovers(), 0u);
}

TEST(Process, AFinalizerThatLoopsInARunningScriptIsBroken) {
  ScriptRunner runner({.unyieldable_counts = 10'000});
  EXPECT_EQ(runner.run("setmetatable({}, {__gc = function()\n"
                       "  while true do pcall(function() while true do end end) end end})\n"
                       "collectgarbage() print('on')"),
            "on\n");
}

TEST(Process, AFinalizerIsBrokenByTheClockToo) {
  ScriptRunner runner({.unyieldable_counts = 1 << 30, .unyieldable_micros = 10});
  runner.host.step = 1;
  EXPECT_EQ(runner.run("setmetatable({}, {__gc = function() while true do end end})\n"
                       "collectgarbage() print('on')"),
            "on\n");
}

TEST(Process, MachinesTalkToNobodyElse) {
  ScriptRunner one;
  ScriptRunner two;
  const Pid first = one.start("x = 1 pause(1) print(x)");
  const Pid second = two.start("pause(1) print(x)");
  one.settle();
  two.settle();
  one.run_until_idle();
  two.run_until_idle();
  EXPECT_EQ(one.output(first), "1\n");
  EXPECT_EQ(two.output(second), "nil\n");
}

TEST(Process, TheSameInputsGiveTheSameRun) {
  const char* script =
      "print(math.random(), math.random(1 << 30), os.time(), os.clock(), {}~=nil) "
      "local keys = {} for i = 1, 50 do keys['k' .. i] = i end "
      "for k in pairs(keys) do io.write(k, ' ') end";
  ScriptRunner one;
  ScriptRunner two;
  EXPECT_EQ(one.run(script), two.run(script));
  ScriptRunner three;
  three.host.seed = 99;
  EXPECT_NE(one.run(script), three.run(script));
}

TEST(Process, StopOfAParkedProcessClosesItAtOnce) {
  ScriptRunner runner;
  const Pid pid = runner.start(
      "setmetatable({}, {__gc = function() print('never') end}) "
      "local _ <close> = setmetatable({}, {__close = function() print('never') end}) "
      "pcall(pause, 1000) print('never')");
  runner.settle();
  runner.machine.stop(pid);
  EXPECT_EQ(runner.status(pid), 143);
  EXPECT_EQ(runner.host.exits[pid].reason, ExitReason::stopped);
  EXPECT_EQ(runner.output(pid), "");
  EXPECT_EQ(runner.leftovers(), 0u);
}

TEST(Process, CheckGivesTheLineAndLuasWords) {
  ScriptRunner runner;
  EXPECT_FALSE(runner.machine.check("a.lua", "print('fine')"));
  const auto error = runner.machine.check("a.lua", "print('fine')\nlocal = 1\n");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->line, 2);
  EXPECT_EQ(error->message, "a.lua:2: <name> expected near '='");
  EXPECT_EQ(runner.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire
