// A machine with the bundled Lua files in it, and how these tests start scripts there.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bundle.h"
#include "support/script_runner.h"

namespace moonwire::testing {

/// The whole text of a file of the repository or of upstream's sources.
inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Pipes as wide as the product's, also in the hostile build: a script that holds both ends of a
/// connection must be able to send a line.
inline net::Limits roomy() {
  net::Limits limits;
  limits.pipe_bytes = 64 * 1024;
  return limits;
}

class LuasocketMachine : public ScriptRunner {
 public:
  explicit LuasocketMachine(kernel::Limits limits = {}, net::Limits network_limits = roomy())
      : ScriptRunner(limits, network_limits) {
    bindings::install_bundle(machine.files());
  }

  /// As ScriptRunner's, with turns enough for the hostile build's short slices.
  std::string run(std::string text, std::vector<std::string> arguments = {}) {
    const kernel::Pid pid = start(std::move(text), std::move(arguments));
    run_until_idle();
    return output(pid) + errors(pid);
  }
  void run_until_idle(int turns = 5'000'000) { ScriptRunner::run_until_idle(turns); }

  /// Gives turns without moving time on, until all that can happen now has happened.
  void settle() {
    for (int i = 0; i < 10'000 && (turn().has_more || machine.has_runnable()); ++i) {
    }
  }
};

}  // namespace moonwire::testing
