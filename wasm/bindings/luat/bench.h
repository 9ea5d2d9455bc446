// What a hand does to the module on the bench, by the names that web/src/protocol.ts gives it.
#pragma once

#include <string_view>

namespace moonwire::module {
class Module;
}

namespace moonwire::bindings {

/// An action with what it needs: a word, one or two numbers, or bytes.
struct BenchAction {
  std::string_view what;
  std::string_view text = {};
  double first = 0;
  double second = 0;
  std::string_view bytes = {};
};

/// @return false when it cannot be done now, or there is no such thing.
bool act_on_bench(module::Module& module, const BenchAction& action);

}  // namespace moonwire::bindings
