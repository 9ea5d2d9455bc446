#include "bindings/luat/firmware.h"

#include <string>

#include "kernel/host.h"
#include "kernel/machine.h"

namespace moonwire::bindings::luat {

void Firmware::begin() {
  has_received_ = false;
  module_.power_on(*this, next_reason_);
}

std::optional<kernel::Micros> Firmware::on_error(std::string_view words) {
  kernel::FileSystem& files = process_.machine().files();
  constexpr const char* report = "/luaerrinfo.txt";
  const std::string path = process_.file_path(report);
  if (files.put(path, std::string(words)) == kernel::FileError::none) files.mark_changed(path);
  if (!has_received_) return std::nullopt;
  next_reason_ = module::PowerOnReason::exception;
  module_.power_off();
  return module::crash_reboot_delay;
}

void Firmware::on_end() {
  if (module_.vm() == this) module_.power_off();
}

std::size_t Firmware::memory_limit_bytes() const {
  return process_.machine().limits().process_memory_bytes;
}

void Firmware::restart(module::PowerOnReason reason, module::Micros after) {
  next_reason_ = reason;
  process_.request_restart(after);
}

void Firmware::switch_off() {
  process_.request_exit({0, kernel::ExitReason::exit});
}

Firmware& firmware_of(lua_State* state) {
  return static_cast<Firmware&>(*kernel::process_of(state).caretaker());
}

}  // namespace moonwire::bindings::luat
