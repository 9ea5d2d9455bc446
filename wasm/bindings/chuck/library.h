// The chuck dialect's C module.
#pragma once

#include "lua.h"

namespace moonwire::bindings {

/// Puts chuck.core into package.preload; lua_lib/chuck builds both generations' `chuck` on it.
void open_chuck(lua_State* state);

}  // namespace moonwire::bindings
