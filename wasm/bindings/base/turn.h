// Long work in C: it charges what it does against the running slice, and when that is spent gives
// the other processes a turn and goes on in its continuation.
#pragma once

#include <cstddef>

#include "lua.h"
#include "lua/slice.h"

namespace moonwire::bindings::base {

/// Counts work (about a table access or a few compared bytes each) against the slice.
inline void charge(std::size_t counts) {
  constexpr std::size_t most = 1u << 30;
  lua::charge(static_cast<int>(counts < most ? counts : most));
}

/// Adds to the table on the top, in the place of its function `name`, one that charges a count for
/// each result it gives: for functions that can give very many.
inline void charge_results(lua_State* state, const char* name) {
  lua_getfield(state, -1, name);
  lua_pushcclosure(
      state,
      [](lua_State* calling) {
        const int count = lua_tocfunction(calling, lua_upvalueindex(1))(calling);
        charge(static_cast<std::size_t>(count));
        return count;
      },
      1);
  lua_setfield(state, -2, name);
}

/// Asks, once the counts are spent, whether the call must give a turn now: `return
/// give_turn(...)`. Raises where Lua cannot yield and the work has taken too long, or when the
/// process is to end.
inline bool must_give_turn(lua_State* state) {
  return moonwire_counts_left <= 0 &&
         lua::owner_of(state).on_slice_spent(state) == lua::AtSliceEnd::yield;
}

/// Lets the others run, then calls `resume`, with the stack as it is now.
inline int give_turn(lua_State* state, lua_KContext context, lua_KFunction resume) {
  return lua_yieldk(state, 0, context, resume);
}

}  // namespace moonwire::bindings::base
