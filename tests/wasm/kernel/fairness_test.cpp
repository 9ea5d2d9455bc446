// Processes that never wait leave room for the others, and Stop ends them.
#include <gtest/gtest.h>

#include "kernel/process.h"
#include "support/script_runner.h"

namespace moonwire {
namespace {

using kernel::Pid;
using testing::ScriptRunner;

// Scripts that never end of their own accord, each in another way.
const char* const endless[] = {
    "while true do end",
    "repeat until false",
    "::again:: goto again",
    "for i = 1, math.huge do end",
    "local function f() return f() end f()",
    "local function f(n) if n > 0 then f(n - 1) f(n - 1) end end while true do f(150) end",
    "while true do pcall(error) end",
    "while true do pcall(function() while true do end end) end",
    "local t = setmetatable({}, {__index = function() return nil end}) while true do local _ = t.x "
    "end",
    "for _ in function() return 1 end do end",
    "coroutine.wrap(function() while true do end end)()",
    "coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)()",
    "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do "
    "co() end",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "while true do local s = ('x'):rep(100000) end",
    "while true do local t = {} for i = 1, 100 do t[i] = {} end end",
    "table.sort({3, 2, 1}, function() while true do end end)",
    "table.concat(setmetatable({}, {__len = function() return math.maxinteger end, "
    "__index = function() return '' end}))",
    "string.gsub('x', 'x', function() while true do end end)",
    "local s = ('a'):rep(30) local p = ('a?'):rep(30) .. s while true do s:find(p) end",
    "while true do ('x'):rep(1 << 20):find('.-b') end",
    "for _ in os.clock do end",
    "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do "
    "end",
    "xpcall(function() while true do end end, function() while true do end end)",
    "xpcall(error, function() while true do end end) while true do end",
    "load(function() while true do end end) while true do end",
    "local t = setmetatable({}, {__close = function() while true do end end}) "
    "local co = coroutine.create(function() local x <close> = t coroutine.yield() end) "
    "coroutine.resume(co) coroutine.close(co) while true do end",
    "local t = setmetatable({}, {__tostring = function() while true do end end}) "
    "pcall(string.format, '%s', t) while true do end",
    "while true do print('for ever') end",
    "while true do io.write('x') end",
};

TEST(Fairness, AnEndlessScriptStarvesNobodyAndStopEndsItAtOnce) {
  for (const char* script : endless) {
    ScriptRunner runner(
        {.slice_counts = 4'000, .slice_check_counts = 1'000, .unyieldable_counts = 10'000});
    const Pid busy = runner.start(script, {}, "busy.lua");
    const Pid other = runner.start("for i = 1, 20 do pause(0) end print('done')");
    for (int i = 0; i < 2000 && !runner.has_exited(other); ++i) runner.turn();
    EXPECT_EQ(runner.output(other), "done\n") << script;
    ASSERT_FALSE(runner.has_exited(busy)) << script << "\n" << runner.errors(busy);
    runner.machine.stop(busy);
    EXPECT_TRUE(runner.has_exited(busy)) << script;
    EXPECT_EQ(runner.status(busy), 143) << script;
    EXPECT_EQ(runner.leftovers(), 0u) << script;
    EXPECT_EQ(runner.machine.census().memory_bytes, 0u) << script;
  }
}

TEST(Fairness, ASliceEndsWithTheClockToo) {
  ScriptRunner runner({.slice_counts = 1 << 30, .slice_check_counts = 1000, .slice_micros = 10});
  runner.host.step = 1;  // each look at the clock takes a microsecond
  const Pid busy = runner.start("while true do end", {}, "busy.lua");
  const kernel::Turn turn = runner.turn();
  EXPECT_TRUE(turn.has_more);
  EXPECT_FALSE(runner.has_exited(busy));
  runner.machine.stop(busy);
}

TEST(Fairness, WhoWantsToRunMeanwhileDoesNotWaitForTheEndOfTheTurn) {
  ScriptRunner runner({.slice_counts = 1 << 30, .slice_check_counts = 1000, .slice_micros = 10});
  runner.host.step = 1;
  const Pid busy = runner.start("while true do end", {}, "busy.lua");
  const Pid sleeper = runner.start("while true do pause(0.0001) io.write('.') end");
  runner.machine.run(2000);
  EXPECT_GE(runner.output(sleeper).size(), 10u);
  runner.machine.stop(busy);
  runner.machine.stop(sleeper);
}

TEST(Fairness, TurnsGoRound) {
  ScriptRunner runner({.slice_counts = 100'000});
  const char* script = "for i = 1, 3 do io.write(...) for i = 1, 200000 do end end";
  const Pid first = runner.start(script, {"a"}, "a.lua");
  const Pid second = runner.start(script, {"b"}, "b.lua");
  std::string seen;
  std::size_t a = 0;
  std::size_t b = 0;
  while (!runner.has_exited(first) || !runner.has_exited(second)) {
    runner.turn();
    if (runner.output(first).size() > a) seen += "a", ++a;
    if (runner.output(second).size() > b) seen += "b", ++b;
  }
  EXPECT_EQ(seen, "ababab");
}

TEST(Fairness, TwoHundredProcessesFinishAndNothingIsLeft) {
  ScriptRunner runner;
  std::vector<Pid> pids;
  for (int i = 0; i < 200; ++i) {
    pids.push_back(runner.start("for i = 1, 10 do pause(0.01 * (tonumber(...) % 7)) end print(...)",
                                {std::to_string(i)}));
  }
  runner.run_until_idle(100'000);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(runner.output(pids[i]), std::to_string(i) + "\n");
  EXPECT_EQ(runner.leftovers(), 0u);
  EXPECT_EQ(runner.machine.census().memory_bytes, 0u);
}

TEST(Fairness, AProcessThatPrintsForEverWaitsUntilItsOutputIsShown) {
  ScriptRunner runner({.output_burst_bytes = 1000});
  const Pid pid = runner.start("while true do print('0123456789') end");
  kernel::Turn turn;
  do turn = runner.machine.run(0);
  while (turn.has_more);
  EXPECT_FALSE(turn.has_more);
  EXPECT_EQ(runner.machine.census().parked, 1u);
  const std::size_t before = runner.output(pid).size();
  EXPECT_GE(before, 1000u);
  EXPECT_LT(before, 20'000u);
  runner.machine.acknowledge_output(pid, before);
  while (runner.machine.run(0).has_more) {
  }
  EXPECT_GT(runner.output(pid).size(), before);
  runner.machine.stop(pid);
  EXPECT_EQ(runner.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire
