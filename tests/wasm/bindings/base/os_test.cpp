// os: the host's time, and ways to end.
#include "wasm/bindings/base/waiting.h"

namespace moonwire {
namespace {

using kernel::ExitReason;
using kernel::Pid;
using testing::ScriptRunner;

TEST(Os, TimeIsTheHosts) {
  ScriptRunner runner;
  runner.host.wall_epoch = 1'000'000'000'000'000 - runner.host.steady;
  EXPECT_EQ(runner.run("print(os.time(), os.date()) pause(90) print(os.time(), os.clock())"),
            "1000000000\tSun Sep  9 01:46:40 2001\n1000000090\t90.0\n");
}

struct End {
  const char* script;
  int status;
  const char* output;
};

TEST(Os, ExitEndsWithItsStatusFromEverywhere) {
  constexpr End ends[] = {
      {"os.exit()", 0, ""},
      {"os.exit(3)", 3, ""},
      {"os.exit(true)", 0, ""},
      {"os.exit(false)", 1, ""},
      {"os.exit(256 + 7)", 7, ""},
      {"os.exit(true, true)", 0, ""},
      {"pcall(os.exit, 5) print('never')", 5, ""},
      {"coroutine.wrap(function() os.exit(6) end)() print('never')", 6, ""},
      {"print('before') setmetatable({}, {__index = function() os.exit(7) end}).x = nil "
       "local _ = setmetatable({}, {__index = function() os.exit(7) end}).x print('never')",
       7, "before\n"},
      {"('x'):gsub('x', function() os.exit(8) end) print('never')", 8, ""},
      {"table.sort({2, 1}, function() os.exit(9) end) print('never')", 9, ""},
      {"xpcall(error, function() os.exit(10) end) print('never')", 10, ""},
      {"setmetatable({}, {__gc = function() os.exit(11) end}) collectgarbage() print('never')", 11,
       ""},
  };
  for (const End& end : ends) {
    ScriptRunner runner;
    const Pid pid = runner.start(end.script);
    runner.run_until_idle();
    ASSERT_TRUE(runner.has_exited(pid)) << end.script;
    EXPECT_EQ(runner.status(pid), end.status) << end.script;
    EXPECT_EQ(runner.host.exits.at(pid).reason, ExitReason::exit) << end.script;
    EXPECT_EQ(runner.output(pid) + runner.errors(pid), end.output) << end.script;
    EXPECT_EQ(runner.leftovers(), 0u) << end.script;
  }
}

TEST(Os, TheEnvironmentIsSmallAndFixed) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(os.getenv('HOME'), os.getenv('PATH'), os.getenv('LUA_PATH'))"),
            "/project\tnil\tnil\n");
}

}  // namespace
}  // namespace moonwire
