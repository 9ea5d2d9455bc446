// The calls on the machine's own module.
#include "edge/module_calls.h"

#include "bindings/luat/library.h"
#include "edge/module_report.h"
#include "module/module.h"

namespace moonwire::edge {

bool act_on_module(kernel::Machine& machine, const bindings::BenchAction& action) {
  return bindings::act_on_bench(bindings::module_of(machine), action);
}

std::string module_state(kernel::Machine& machine) {
  return report(bindings::module_of(machine).state());
}

std::string take_module_trace(kernel::Machine& machine) {
  return report(bindings::module_of(machine).modem().take_trace());
}

UartBytes take_module_uart(kernel::Machine& machine, int port) {
  UartBytes taken;
  taken.bytes = bindings::module_of(machine).take_uart(port, taken.lost);
  return taken;
}

}  // namespace moonwire::edge
