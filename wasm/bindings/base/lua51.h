// Lua 5.1's spellings: module, setfenv, unpack and the rest, which a process asks for.
#pragma once

struct lua_State;

namespace moonwire::bindings::base {

/// Adds the names of Lua 5.1 that 5.4 has no more to an open state: runs /lib/common/lua51.lua,
/// which bindings::install_bundle() brings. Raises Lua's message when that file is missing.
void install_lua51(lua_State* state);

}  // namespace moonwire::bindings::base
