// The calls on the machine's own module.
#include "edge/module_calls.h"

#include "bindings/luat/bench.h"
#include "bindings/luat/library.h"
#include "edge/module_report.h"
#include "module/module.h"

namespace moonwire::edge {

bool act_on_module(kernel::Machine& machine, const ModuleAction& action) {
  return bindings::act_on_bench(bindings::module_of(machine), {.what = action.what,
                                                               .text = action.text,
                                                               .first = action.first,
                                                               .second = action.second,
                                                               .bytes = action.bytes});
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
