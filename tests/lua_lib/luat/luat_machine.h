// A machine with the module switched on, and how these tests let time pass for it: LuaTask scripts
// come as files, servers beside them are LuaSocket processes.
#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/luat/bench.h"
#include "bindings/luat/library.h"
#include "module/module.h"
#include "support/script_runner.h"

namespace moonwire::testing {

/// The whole text of a file below tests/.
inline std::string test_file(const std::string& path) {
  std::ifstream file(std::string(MOONWIRE_TESTS "/") + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A text with every `from` replaced.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

inline std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

class LuatMachine : public ScriptRunner {
 public:
  explicit LuatMachine(std::string_view profile, kernel::Limits limits = {})
      : ScriptRunner(limits, roomy()) {
    act({.what = "profile", .text = profile});
  }

  /// Switches the module on with main.lua, whose other files were put before.
  kernel::Pid switch_on(std::string main) {
    put("main.lua", std::move(main));
    std::string why;
    module_pid = machine
                     .spawn({.path = "main.lua",
                             .args = {},
                             .dialect = kernel::Dialect::luat,
                             .library_folders = {}},
                            why)
                     .value();
    return module_pid;
  }

  bool act(const bindings::BenchAction& action) {
    return bindings::act_on_bench(bindings::module_of(machine), action);
  }
  module::State state() { return bindings::module_of(machine).state(); }
  /// What the script has printed since it was started. The modules' print puts a blank or a tab
  /// between values; here it is a blank.
  const std::string& log() {
    const std::string& printed = output(module_pid);
    if (printed.size() < log_.size()) log_.clear();  // another process
    for (std::size_t at = log_.size(); at < printed.size(); ++at) {
      log_ += printed[at] == '\t' ? ' ' : printed[at];
    }
    return log_;
  }
  bool logged(std::string_view text) { return log().find(text) != std::string::npos; }

  /// Lets `span` pass, everything in it at its time.
  void pass(kernel::Micros span) {
    const kernel::Micros end = host.steady + span;
    while (true) {
      const kernel::Turn turn = this->turn();
      if (turn.has_more || machine.has_runnable()) continue;
      if (turn.next_deadline > end) break;
      host.steady = std::max(host.steady, turn.next_deadline);
    }
    host.steady = end;
  }
  void pass_seconds(double seconds) { pass(static_cast<kernel::Micros>(seconds * 1e6)); }
  /// Lets time pass until the log has `text`. @return whether it came within `seconds`
  bool reaches(std::string_view text, double seconds) {
    for (double passed = 0; passed < seconds; passed += 0.05) {
      if (logged(text)) return true;
      pass_seconds(0.05);
    }
    return logged(text);
  }
  /// The level of a pin that is in use.
  std::optional<bool> level(std::string_view name) {
    const auto code = module::Pins::code_of(name);
    for (const module::PinState& pin : state().pins) {
      if (code && pin.code == *code) return pin.level;
    }
    return std::nullopt;
  }

  kernel::Pid module_pid = 0;

 private:
  std::string log_;

  /// Pipes as wide as the product's, also in the hostile build.
  static net::Limits roomy() {
    net::Limits limits;
    limits.pipe_bytes = 64 * 1024;
    return limits;
  }
};

}  // namespace moonwire::testing
