// Scripts in which something waits, tried in every way: with the wait, with the turn lost at every
// chance, and stopped in the middle.
#pragma once

#include <gtest/gtest.h>

#include <span>

#include "support/script_runner.h"

namespace moonwire::testing {

struct Waiting {
  const char* what;
  const char* script;  // calls pause(1) at least once
  const char* output;
};

inline void expect_waiting_is_invisible(std::span<const Waiting> cases) {
  for (const Waiting& one : cases) {
    ScriptRunner runner;
    const kernel::Micros began = runner.host.steady;
    EXPECT_EQ(runner.run(one.script), one.output) << one.what;
    EXPECT_GE(runner.host.steady - began, 1'000'000) << one.what << " did not wait";
    EXPECT_EQ(runner.leftovers(), 0u) << one.what;

    ScriptRunner restless({.slice_counts = 3, .slice_check_counts = 3});
    EXPECT_EQ(restless.run(one.script), one.output) << one.what << ", losing each turn";
    EXPECT_EQ(restless.leftovers(), 0u) << one.what;

    ScriptRunner stopped;
    const kernel::Pid pid = stopped.start(one.script);
    for (int i = 0; i < 10'000 && stopped.machine.census().parked == 0; ++i) stopped.turn();
    ASSERT_EQ(stopped.machine.census().parked, 1u) << one.what;
    stopped.machine.stop(pid);
    EXPECT_EQ(stopped.leftovers(), 0u) << one.what << ", stopped";
    EXPECT_EQ(stopped.machine.census().memory_bytes, 0u) << one.what << ", stopped";
  }
}

/// Each script would run for a very long time without ever coming back to Lua.
inline void expect_long_work_gives_turns(std::span<const char* const> scripts) {
  for (const char* script : scripts) {
    ScriptRunner runner({.slice_counts = 20'000, .slice_check_counts = 4'000});
    const kernel::Pid busy = runner.start(script, {}, "busy.lua");
    const kernel::Pid other = runner.start("for i = 1, 20 do pause(0) end print('done')");
    for (int i = 0; i < 500 && !runner.has_exited(other); ++i) runner.turn();
    EXPECT_EQ(runner.output(other), "done\n") << script;
    ASSERT_FALSE(runner.has_exited(busy)) << script << "\n" << runner.errors(busy);
    runner.machine.stop(busy);
    EXPECT_EQ(runner.status(busy), 143) << script;
    EXPECT_EQ(runner.leftovers(), 0u) << script;
    EXPECT_EQ(runner.machine.census().memory_bytes, 0u) << script;
  }
}

}  // namespace moonwire::testing
