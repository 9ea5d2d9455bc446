#include "bindings/luat/bench.h"

#include <cmath>

#include "module/module.h"

namespace moonwire::bindings {
namespace {

using module::Module;

/// A number from outside as a whole one; 0 for what is none.
std::int64_t whole(double value) {
  constexpr double most = 1e15;
  return std::fabs(value) <= most ? static_cast<std::int64_t>(value) : 0;
}

bool choose_profile(Module& module, std::string_view name) {
  if (name == "air202") return module.set_profile(modem::Profile::air202);
  if (name == "air724u") return module.set_profile(modem::Profile::air724u);
  return false;
}

bool choose_sim(Module& module, std::string_view name) {
  if (name == "ready") {
    module.modem().set_sim(modem::Sim::ready);
  } else if (name == "pin") {
    module.modem().set_sim(modem::Sim::pin);
  } else if (name == "absent") {
    module.modem().set_sim(modem::Sim::absent);
  } else {
    return false;
  }
  return true;
}

bool drive_pin(Module& module, std::string_view name, bool level) {
  const auto code = module::Pins::code_of(name);
  if (code) module.drive_pin(*code, level);
  return code.has_value();
}

}  // namespace

bool act_on_bench(Module& module, const BenchAction& action) {
  const std::string_view what = action.what;
  const std::int64_t first = whole(action.first);
  const std::int64_t second = whole(action.second);
  if (what == "profile") return choose_profile(module, action.text);
  if (what == "sim") return choose_sim(module, action.text);
  if (what == "enter-pin") return module.modem().enter_pin(action.text);
  if (what == "pin") return drive_pin(module, action.text, first != 0);
  if (what == "power-key") {
    module.press_power_key(first != 0);
  } else if (what == "reset") {
    module.reset_line();
  } else if (what == "signal") {
    module.modem().set_signal(static_cast<std::uint8_t>(first));
  } else if (what == "network") {
    module.modem().set_network(first != 0);
  } else if (what == "drop-pdp") {
    module.modem().drop_bearer();
  } else if (what == "adc") {
    if (first < 0) return false;
    module.set_adc(static_cast<std::size_t>(first), static_cast<int>(second));
  } else if (what == "battery") {
    module.set_battery(static_cast<int>(first));
  } else if (what == "uart") {
    module.arrive_at_uart(static_cast<int>(first), action.bytes);
  } else if (what == "latency") {
    module.modem().set_latency(first, second);
  } else {
    return false;
  }
  return true;
}

}  // namespace moonwire::bindings
