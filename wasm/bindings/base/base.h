// Lua 5.4's standard library as scripts of every dialect see it: upstream's own where it neither
// waits nor runs long, ours where it does.
//
// Whatever a function calls may wait, except: metamethods of a table that table.* works on
// (__index, __newindex, __len), an __index that string.format or tostring meet on the way to a
// __tostring, xpcall's handler, hooks and finalizers. There a blocking call raises an error that
// names it.
#pragma once

struct lua_State;

namespace moonwire::bindings::base {

/// Opens the whole library in a process's fresh state; package.path begins with the project's
/// folder and ends with the root of the process's dialect. With Lua 5.1's names, if the process
/// asks for them.
void open(lua_State* state);

// Each opens one library as upstream's luaopen_ functions do: leaves its table on the stack.
int open_basic(lua_State* state);
int open_package(lua_State* state);
int open_string(lua_State* state);
int open_table(lua_State* state);
int open_io(lua_State* state);
int open_os(lua_State* state);
int open_debug(lua_State* state);

}  // namespace moonwire::bindings::base
