// What JavaScript asks of the module and does to it. A machine built without the luat dialect has
// none: module_calls_none.cpp.
#pragma once

#include <cstddef>
#include <string>

#include "bindings/luat/bench.h"

namespace moonwire::kernel {
class Machine;
}

namespace moonwire::edge {

/// What a script wrote to a UART; `lost`: bytes that were not taken in time.
struct UartBytes {
  std::string bytes;
  std::size_t lost = 0;
};

/// @return false when it cannot be done now.
bool act_on_module(kernel::Machine& machine, const bindings::BenchAction& action);
/// A ModuleState as JSON text: one string crosses to JavaScript cheaper than a hundred fields.
std::string module_state(kernel::Machine& machine);
/// {records, lost} as JSON text; each record's `time` is in microseconds on the steady clock.
std::string take_module_trace(kernel::Machine& machine);
UartBytes take_module_uart(kernel::Machine& machine, int port);

}  // namespace moonwire::edge
