// C++ values that must outlive a wait: a userdata on the waiting call's Lua stack stands for them,
// and they die with it, also when the process is stopped.
#pragma once

#include "kernel/possessions.h"
#include "kernel/process.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::luasocket {

template <class T>
struct Held final : kernel::Possession {
  T value{};
};

/// The value at a stack index where push_held put one of this kind.
template <class T>
T& held(lua_State* state, int index) {
  return (*static_cast<Held<T>**>(lua_touserdata(state, index)))->value;
}

/// Pushes a userdata that stands for a fresh T. `type_name` names its metatable.
template <class T>
T& push_held(lua_State* state, const char* type_name) {
  kernel::Process& process = kernel::process_of(state);
  if (process.is_ending()) luaL_error(state, "the process is ending");
  auto* const slot = static_cast<Held<T>**>(lua_newuserdatauv(state, sizeof(Held<T>*), 0));
  *slot = nullptr;
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
          const char* const name = lua_tostring(of, lua_upvalueindex(1));
          auto* const dead = static_cast<Held<T>**>(luaL_checkudata(of, 1, name));
          if (*dead) kernel::process_of(of).possessions().drop(*dead);
          *dead = nullptr;
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
  *slot = new Held<T>;
  process.possessions().take(*slot);
  return (*slot)->value;
}

}  // namespace moonwire::bindings::luasocket
