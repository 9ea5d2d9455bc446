// A machine with the bundled Lua files in it, and how these tests start scripts there.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "bindings/base/base.h"
#include "bindings/bundle.h"
#include "bindings/luasocket/library.h"
#include "support/script_runner.h"

namespace moonwire::testing {

/// The whole text of a file of the repository or of upstream's sources.
inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The LuaSocket dialect with socket._DEBUG set, as upstream's own client wants it.
inline void open_with_debug(lua_State* state, kernel::Dialect) {
  bindings::base::open(state);
  bindings::luasocket::open_library(state, {.debug = true});
}

class LuasocketMachine : public ScriptRunner {
 public:
  explicit LuasocketMachine(kernel::Limits limits = {}, net::Limits network_limits = {})
      : ScriptRunner(limits, network_limits) {
    bindings::install_bundle(machine.files());
  }
  explicit LuasocketMachine(kernel::OpenLibraries libraries)
      : ScriptRunner({}, {}, std::move(libraries)) {
    bindings::install_bundle(machine.files());
  }
};

}  // namespace moonwire::testing
