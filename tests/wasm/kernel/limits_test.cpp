// What happens at each limit of a process.
#include <gtest/gtest.h>

#include "kernel/process.h"
#include "support/script_runner.h"

namespace moonwire {
namespace {

using kernel::Pid;
using testing::ScriptRunner;

TEST(Limits, BeyondItsMemoryAProcessGetsLuasOwnError) {
  ScriptRunner runner({.process_memory_bytes = 4 << 20});
  const Pid pid = runner.start("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end");
  runner.run_until_idle();
  EXPECT_EQ(runner.errors(pid), "lua: not enough memory\n");
  EXPECT_EQ(runner.status(pid), 1);
  EXPECT_EQ(runner.machine.census().memory_bytes, 0u);
}

TEST(Limits, AScriptCanCatchTheErrorAndGoOn) {
  ScriptRunner runner({.process_memory_bytes = 4 << 20});
  EXPECT_EQ(
      runner.run("print(pcall(string.rep, 'x', 1 << 24))\n"
                 "print(pcall(function() local t = {} while true do t[#t + 1] = {} end end))\n"
                 "print(#('x'):rep(1000))"),
      "false\tnot enough memory\nfalse\tnot enough memory\n1000\n");
}

TEST(Limits, AllProcessesTogetherShareTheMachinesMemory) {
  ScriptRunner runner({.process_memory_bytes = 4 << 20, .machine_memory_bytes = 4300 << 10});
  const Pid first = runner.start(
      "local s = ('x'):rep(1536 << 10) collectgarbage() pause(1) print(#s)", {}, "a.lua");
  runner.settle();
  const Pid second = runner.start("local s = ('x'):rep(1536 << 10)", {}, "b.lua");
  runner.run_until_idle();
  EXPECT_EQ(runner.output(first), "1572864\n");
  EXPECT_EQ(runner.errors(second), "lua: not enough memory\n");
}

TEST(Limits, MemoryFailingAtEachPlaceInTurnEndsCleanly) {
  bool has_succeeded = false;
  for (std::size_t bytes = 1000; !has_succeeded; bytes += bytes < 40'000 ? 211 : 2003) {
    ASSERT_LT(bytes, 4u << 20);
    ScriptRunner runner({.process_memory_bytes = bytes});
    const Pid pid = runner.start(
        "local t = {} for i = 1, 50 do t[i] = coroutine.wrap(function(...) pause(0) return ... end)"
        "(('s'):rep(i)) end print(#table.concat(t))");
    runner.run_until_idle();
    ASSERT_TRUE(runner.has_exited(pid)) << bytes;
    has_succeeded = runner.status(pid) == 0;
    if (has_succeeded) {
      EXPECT_EQ(runner.output(pid), "1275\n");
    } else {
      EXPECT_NE(runner.errors(pid).find("not enough memory"), std::string::npos)
          << bytes << ": " << runner.errors(pid);
    }
    EXPECT_EQ(runner.leftovers(), 0u) << bytes;
    EXPECT_EQ(runner.machine.census().memory_bytes, 0u) << bytes;
  }
}

TEST(Limits, SpawnRefusesOneProcessTooMany) {
  ScriptRunner runner({.processes = 2});
  const Pid pid = runner.start("pause(1)");
  runner.start("pause(1)");
  std::string why;
  EXPECT_FALSE(runner.machine.spawn({.path = "main.lua", .args = {}, .library_folders = {}}, why));
  EXPECT_EQ(why, "too many processes");
  runner.machine.stop(pid);
  EXPECT_TRUE(runner.machine.spawn({.path = "main.lua", .args = {}, .library_folders = {}}, why));
}

TEST(Limits, TypedInputBeyondTheBoundIsRefused) {
  ScriptRunner runner({.standard_input_bytes = 10});
  const Pid pid = runner.start("print(io.read()) print(io.read())");
  EXPECT_TRUE(runner.machine.type(pid, "12345\n"));
  EXPECT_FALSE(runner.machine.type(pid, "67890\n"));
  runner.settle();
  EXPECT_TRUE(runner.host.consoles[pid].is_reading);
  EXPECT_TRUE(runner.machine.type(pid, "67890\n"));
  runner.run_until_idle();
  EXPECT_EQ(runner.output(pid), "12345\n67890\n");
  EXPECT_FALSE(runner.host.consoles[pid].is_reading);
  EXPECT_FALSE(runner.machine.type(pid, "x")) << "nobody is there any more";
}

TEST(Limits, RecursionWithoutEndIsLuasStackOverflow) {
  ScriptRunner runner({.process_memory_bytes = 256u << 20});  // frames are larger than in wasm
  const Pid pid = runner.start("local function f() return 1 + f() end f()");
  runner.run_until_idle();
  EXPECT_EQ(runner.errors(pid).substr(0, 38), "lua: main.lua:1: stack overflow\nstack ");
}

}  // namespace
}  // namespace moonwire
