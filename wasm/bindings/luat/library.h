// The luat dialect: the firmware's C modules, and what is different about Lua there.
#pragma once

#include <memory>

#include "lua.h"

namespace moonwire::kernel {
class Machine;
}
namespace moonwire::module {
class Module;
}

namespace moonwire::bindings {

/// The machine's module, made when it is first asked for.
module::Module& module_of(kernel::Machine& machine);

/// Switches the module on with this state's process. Raises when another process is on it.
void open_luat(lua_State* state);

namespace luat {

// Each adds one or more of the firmware's modules: a global table, in package.loaded too.
void add_rtos(lua_State* state);
void add_socketcore(lua_State* state);
void add_uart(lua_State* state);
void add_pins(lua_State* state);
void add_peripherals(lua_State* state);
void add_bit(lua_State* state);
void add_json(lua_State* state);
void add_pack(lua_State* state);
void add_crypto(lua_State* state);
void add_iconv(lua_State* state);
/// What the firmware adds to io, os, coroutine and print.
void adjust_standard_library(lua_State* state);

}  // namespace luat
}  // namespace moonwire::bindings
