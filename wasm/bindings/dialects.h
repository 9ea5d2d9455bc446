// What a script of each dialect finds when it starts.
#pragma once

#include "kernel/process.h"

struct lua_State;

namespace moonwire::bindings {

/// Whether this machine has it; one that a page downloads may have luasocket alone.
bool has_dialect(kernel::Dialect dialect);

/// Opens Lua's standard library and the dialect's modules in a fresh state: Machine::Options wants
/// it. The dialect's Lua files come from install_bundle() (bundle.h).
void open_libraries(lua_State* state, kernel::Dialect dialect);

}  // namespace moonwire::bindings
