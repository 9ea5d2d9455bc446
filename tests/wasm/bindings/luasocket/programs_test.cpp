// Random programs against the whole API, several at once in one machine, some stopped in the
// middle: they may fail as they like, but nothing crashes, hangs or is left over. The hostile build
// adds its sanitizers. MOONWIRE_PROGRAMS and MOONWIRE_FIRST_SEED make longer runs.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

const std::string scripts = MOONWIRE_LUA_TESTS;

int setting(const char* name, int usual) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : usual;
}

void run_programs(int seed, const std::string& script) {
  kernel::Limits limits;
  limits.process_memory_bytes = 8u << 20;
  limits.slice_counts = limits.slice_check_counts =
      200;  // many switches, and yet it gets somewhere
  net::Limits network_limits;
  if (seed % 2 == 0) network_limits = roomy();
  LuasocketMachine machine(limits, network_limits);
  std::vector<kernel::Pid> programs;
  constexpr int at_once = 3;
  for (int i = 0; i < at_once; ++i) {
    programs.push_back(
        machine.start(script, {std::to_string(seed * at_once + i)}, "random_program.lua"));
  }
  // One is stopped somewhere in the middle; the others go on.
  machine.ScriptRunner::run_until_idle(100 + seed * 37 % 3000);
  machine.machine.type(programs[1], "a line\n");
  machine.machine.stop(programs[0]);
  machine.ScriptRunner::run_until_idle(20'000);
  for (const kernel::Pid pid : programs) machine.machine.stop(pid);
  EXPECT_EQ(machine.leftovers(), 0u);
  for (const kernel::Pid pid : programs) EXPECT_TRUE(machine.has_exited(pid));
}

TEST(Programs, ThatNobodyWroteNeverCrashHangOrLeakTheMachine) {
  const std::string script = file_text(scripts + "/random_program.lua");
  ASSERT_FALSE(script.empty());
  const int first = setting("MOONWIRE_FIRST_SEED", 1);
  const int end = first + setting("MOONWIRE_PROGRAMS", 100);
  for (int seed = first; seed < end; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto began = std::chrono::steady_clock::now();
    run_programs(seed, script);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(60));
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace moonwire::testing
