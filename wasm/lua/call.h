// Calls of Lua functions from C functions that can be continued, and errors, without an exception
// where that is possible; yields with one; and long strings without a copy.
#pragma once

#include <cstddef>

#include "lua.h"

int moonwire_enter_call(lua_State* state, int arguments, int results, lua_KContext context,
                        lua_KFunction resume);
int moonwire_enter_pcall(lua_State* state, int arguments, int handler, lua_KContext context,
                         lua_KFunction resume);

int moonwire_error(lua_State* state);
void moonwire_throw_yield(lua_State* state, lua_KContext context, lua_KFunction resume);
char* moonwire_push_unfilled(lua_State* state, std::size_t size);

namespace moonwire::lua {

/// Calls as lua_callk does, then answers what `resume` answers (called with LUA_OK or, after a
/// yield, LUA_YIELD). Use as `return call(...)`: where it can, the running virtual machine goes on
/// with the function instead of a second one, so that a yield in it costs no exception.
inline int call(lua_State* state, int arguments, int results, lua_KContext context,
                lua_KFunction resume) {
  const int word = moonwire_enter_call(state, arguments, results, context, resume);
  if (word != 0) return word;
  lua_callk(state, arguments, results, context, resume);
  return resume(state, LUA_OK, context);
}

/// The same for lua_pcallk with all results and no message handler.
inline int protected_call(lua_State* state, int arguments, lua_KContext context,
                          lua_KFunction resume) {
  const int word = moonwire_enter_pcall(state, arguments, 0, context, resume);
  if (word != 0) return word;
  const int status = lua_pcallk(state, arguments, LUA_MULTRET, 0, context, resume);
  return resume(state, status, context);
}

/// lua_yieldk without values for C functions too deep in their own work to return what it returns:
/// does not come back, at the price of an exception.
inline void yield_from_within(lua_State* state, lua_KContext context, lua_KFunction resume) {
  moonwire_throw_yield(state, context, resume);
}

/// lua_error, for C functions that nothing but the virtual machine called. Use as
/// `return raise(...)`.
inline int raise(lua_State* state) {
  return moonwire_error(state);
}

/// The shortest string that push_unfilled() makes.
inline constexpr std::size_t unfilled_bytes_min = 41;  // LUAI_MAXSHORTLEN + 1

/// Pushes a string of `size` bytes, which the caller must fill before anything else of Lua runs.
/// Finalizers may run before it is made. @return where its bytes go.
inline char* push_unfilled(lua_State* state, std::size_t size) {
  return moonwire_push_unfilled(state, size);
}

}  // namespace moonwire::lua
