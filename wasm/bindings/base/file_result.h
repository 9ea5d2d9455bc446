// What a file operation answers to the script, in upstream's shape.
#pragma once

#include "kernel/file_system.h"

struct lua_State;

namespace moonwire::bindings::base {

/// As luaL_fileresult: true, or nil, "[name: ]reason", errno.
int push_file_result(lua_State* state, kernel::FileError error, const char* name);

}  // namespace moonwire::bindings::base
