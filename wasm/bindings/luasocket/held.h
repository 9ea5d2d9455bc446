// C++ values that must outlive a wait: they live in a userdata on the waiting call's Lua stack and
// die with it, also when the process is stopped.
#pragma once

#include <new>

#include "kernel/process.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::luasocket {

/// Pushes a userdata that holds a fresh T. `type_name` names its metatable. T{} must own nothing:
/// the finalizer puts one in the value's place.
template <class T>
T& push_held(lua_State* state, const char* type_name) {
  // While a state is closed, Lua finalizes nothing that is made from then on.
  if (kernel::process_of(state).is_ending()) luaL_error(state, "the process is ending");
  void* memory = lua_newuserdatauv(state, sizeof(T), 0);
  T* value = new (memory) T{};
  if (luaL_getmetatable(state, type_name) == LUA_TNIL) {
    // Known under its name only when it is whole: memory may run out at every step.
    lua_pop(state, 1);
    lua_createtable(state, 0, 3);
    lua_pushstring(state, type_name);
    lua_setfield(state, -2, "__name");
    lua_pushstring(state, type_name);
    lua_pushcclosure(
        state,
        [](lua_State* of) {
          *static_cast<T*>(luaL_checkudata(of, 1, lua_tostring(of, lua_upvalueindex(1)))) = T{};
          return 0;
        },
        1);
    lua_setfield(state, -2, "__gc");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_pushvalue(state, -1);
    lua_setfield(state, LUA_REGISTRYINDEX, type_name);
  }
  lua_setmetatable(state, -2);
  return *value;
}

}  // namespace moonwire::bindings::luasocket
