// Log lines: to the console and, where there is a file, to the file.
#pragma once

#include <string_view>

#include "lua.h"

namespace moonwire::bindings::chuck {

/// Logs the string on top of the stack, an error that a callback raised, and pops it. Never waits.
void log_error(lua_State* state);

/// Adds `log_line(level, text [, path])`, `log_stamp()` and `set_system_log(path)` to the
/// table on top.
void add_log(lua_State* state);

}  // namespace moonwire::bindings::chuck
