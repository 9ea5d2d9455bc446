// The firmware under a luat script: ties the process to the module it runs on, over every restart.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/machine.h"
#include "kernel/process.h"
#include "lua.h"
#include "module/module.h"

namespace moonwire::bindings::luat {

class Firmware final : public kernel::Caretaker, public module::Vm {
 public:
  Firmware(kernel::Process& process, module::Module& module) : process_(process), module_(module) {}

  module::Module& module() { return module_; }
  /// A fresh state starts on the module.
  void begin();
  /// The script has come as far as rtos.receive: from now on an uncaught error reboots the module.
  void note_receive() { has_received_ = true; }

  // kernel::Caretaker.
  std::optional<kernel::Micros> on_error(std::string_view words) override;
  void on_end() override;

  // module::Vm.
  std::uint32_t pid() const override { return process_.pid(); }
  std::size_t memory_bytes() const override { return process_.memory_bytes(); }
  std::size_t memory_limit_bytes() const override;
  void restart(module::PowerOnReason reason, module::Micros after) override;
  void switch_off() override;

 private:
  kernel::Process& process_;
  module::Module& module_;
  module::PowerOnReason next_reason_ = module::PowerOnReason::key;
  bool has_received_ = false;
};

/// The firmware of the process that a luat state belongs to.
Firmware& firmware_of(lua_State* state);
inline module::Module& module_of(lua_State* state) {
  return firmware_of(state).module();
}

}  // namespace moonwire::bindings::luat
