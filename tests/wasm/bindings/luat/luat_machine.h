// A machine with the virtual module in it, and how these tests run scripts on that.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "bindings/luat/bench.h"
#include "bindings/luat/library.h"
#include "module/module.h"
#include "support/script_runner.h"

namespace moonwire::testing {

inline constexpr kernel::Micros second = 1'000'000;

/// What scripts here share: wait for a message of one kind, and for a time in which others are
/// thrown away.
inline constexpr const char* helpers = R"lua(
function wait_for(kind, span)
  rtos.timer_start(9999, span or 60000)
  while true do
    local message, first, second = rtos.receive(rtos.INF_TIMEOUT)
    local id = type(message) == "table" and message.id or message
    if id == kind then rtos.timer_stop(9999) return message, first, second end
    if id == rtos.MSG_TIMER and first == 9999 then return nil end
  end
end
function pass(span)
  rtos.timer_start(9998, span)
  repeat local message, id = rtos.receive(rtos.INF_TIMEOUT) until message == rtos.MSG_TIMER and id == 9998
end
)lua";

class LuatMachine : public ScriptRunner {
 public:
  explicit LuatMachine(modem::Profile profile = modem::Profile::air724u,
                       net::Limits network = roomy())
      : ScriptRunner({}, network) {
    module().set_profile(profile);
  }

  /// Pipes as wide as the product's in the hostile build, too: the tests count slices, not bytes.
  static net::Limits roomy() {
    net::Limits limits;
    limits.pipe_bytes = 64 * 1024;
    return limits;
  }

  module::Module& module() { return bindings::module_of(machine); }

  /// Switches the module on with a main.lua of this text behind the helpers.
  kernel::Pid switch_on(const std::string& text) {
    put("main.lua", helpers + text);
    std::string why;
    return machine
        .spawn({.path = "main.lua",
                .args = {},
                .dialect = kernel::Dialect::luat,
                .library_folders = {}},
               why)
        .value();
  }

  /// Lets time pass, at most `span` of it, as long as somebody waits for it.
  void pass(kernel::Micros span) {
    const kernel::Micros end = host.steady + span;
    for (int turns = 0; turns < 5'000'000; ++turns) {
      const kernel::Turn now = turn();
      if (now.has_more || machine.has_runnable()) continue;
      if (now.next_deadline > end) break;
      host.steady = std::max(host.steady, now.next_deadline);
    }
    host.steady = std::max(host.steady, end);
  }

  /// Runs a script to its end, at most ten minutes. @return what it wrote.
  std::string run(const std::string& text) {
    const kernel::Pid pid = switch_on(text);
    pass(600 * second);
    EXPECT_TRUE(has_exited(pid)) << output(pid) << errors(pid);
    EXPECT_EQ(leftovers(), 0u);
    return output(pid) + errors(pid);
  }

  bool act(std::string_view what, std::string_view text = {}, double one = 0, double two = 0) {
    return bindings::act_on_bench(module(),
                                  {.what = what, .text = text, .first = one, .second = two});
  }
};

}  // namespace moonwire::testing
