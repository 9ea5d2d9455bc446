// The coroutine library: upstream's behaviour and words, except that a process waiting or losing
// its turn inside a coroutine passes outward unseen.
#pragma once

struct lua_State;

namespace moonwire::bindings::base {

/// As upstream's luaopen_coroutine: leaves the library's table on the stack.
int open_coroutine(lua_State* state);

}  // namespace moonwire::bindings::base
