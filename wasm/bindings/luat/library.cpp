#include "bindings/luat/library.h"

#include <string>

#include "bindings/base/lua51.h"
#include "bindings/luat/firmware.h"
#include "lauxlib.h"

namespace moonwire::bindings {

module::Module& module_of(kernel::Machine& machine) {
  if (!machine.module()) {
    machine.set_module(std::make_shared<module::Module>(module::Module::Surroundings{
        .deadlines = machine.deadlines(),
        .network = machine.network(),
        .wall_clock = [&machine] { return machine.host().wall_clock(); },
        .on_changed = [&machine] { machine.host().module_changed(); }}));
  }
  return *machine.module();
}

namespace {

/// The script's folder first, then what the process was started with, then our own libraries.
void set_package_path(lua_State* state) {
  std::string path = "/lua/?.lua;/lua/?.luac;/lua/?.luae;";
  for (const std::string& folder : kernel::process_of(state).options().library_folders) {
    path += folder + "/?.lua;";
  }
  path += "/lib/luat/?.lua";
  lua_getglobal(state, "package");
  lua_pushlstring(state, path.data(), path.size());
  lua_setfield(state, -2, "path");
  lua_pop(state, 1);
}

}  // namespace

void open_luat(lua_State* state) {
  kernel::Process& process = kernel::process_of(state);
  module::Module& module = module_of(process.machine());
  if (module.vm() != nullptr && module.vm() != static_cast<luat::Firmware*>(process.caretaker())) {
    luaL_error(state, "the module is on already, with process %d: stop that first",
               static_cast<int>(module.vm()->pid()));
  }
  if (!process.caretaker()) {
    process.set_caretaker(std::make_unique<luat::Firmware>(process, module));
  }
  luat::firmware_of(state).begin();
  if (!process.options().lua51) base::install_lua51(state);
  set_package_path(state);
  luat::adjust_standard_library(state);
  luat::add_rtos(state);
  luat::add_socketcore(state);
  luat::add_uart(state);
  luat::add_pins(state);
  luat::add_peripherals(state);
  luat::add_bit(state);
  luat::add_json(state);
  luat::add_pack(state);
  luat::add_crypto(state);
  luat::add_iconv(state);
}

}  // namespace moonwire::bindings
