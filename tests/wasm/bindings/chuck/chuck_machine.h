// A machine whose scripts are of the chuck dialect, and scripts from the repository.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/script_runner.h"

namespace moonwire::testing {

/// Pipes as wide as the product's, also in the hostile build: these scripts hold both ends.
inline net::Limits roomy_pipes() {
  net::Limits limits;
  limits.pipe_bytes = 64 * 1024;
  return limits;
}

class ChuckMachine : public ScriptRunner {
 public:
  explicit ChuckMachine(kernel::Limits limits = {}, net::Limits network_limits = roomy_pipes())
      : ScriptRunner(limits, network_limits) {
    dialect = kernel::Dialect::chuck;
  }

  /// A script of tests/lua/chuck as text.
  static std::string script(const std::string& name) {
    std::ifstream file(std::string(MOONWIRE_LUA_TESTS) + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void run_until_idle(int turns = 5'000'000) { ScriptRunner::run_until_idle(turns); }
};

}  // namespace moonwire::testing
