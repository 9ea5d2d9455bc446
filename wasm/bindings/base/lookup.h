// Reading a value as Lua does, metamethods included, where an __index function may wait.
#pragma once

struct lua_State;

namespace moonwire::bindings::base {

/// Looks up the key on the top in the value at `index` (absolute). Either replaces the key by what
/// is found and answers false, or, when an __index function has to say, replaces it by that
/// function and its two arguments, ready for lua_callk(…, 2, 1, …), and answers true.
bool start_lookup(lua_State* state, int index);

}  // namespace moonwire::bindings::base
