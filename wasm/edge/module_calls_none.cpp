// A machine without a module.
#include "edge/module_calls.h"

namespace moonwire::edge {

bool act_on_module(kernel::Machine&, const bindings::BenchAction&) {
  return false;
}

std::string module_state(kernel::Machine&) {
  return "null";
}

std::string take_module_trace(kernel::Machine&) {
  return R"({"records":[],"lost":0})";
}

UartBytes take_module_uart(kernel::Machine&, int) {
  return {};
}

}  // namespace moonwire::edge
