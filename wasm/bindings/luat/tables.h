// Making the firmware's modules: plain writable tables that scripts find as globals and by require.
#pragma once

#include <span>
#include <string_view>

#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::luat {

struct Constant {
  const char* name;
  lua_Integer value;
};

/// Leaves the new module's table on the stack.
inline void push_module(lua_State* state, const char* name, const luaL_Reg* functions) {
  lua_newtable(state);
  luaL_setfuncs(state, functions, 0);
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(state, -2);
  lua_setfield(state, -2, name);
  lua_pop(state, 1);
  lua_pushvalue(state, -1);
  lua_setglobal(state, name);
}

/// Adds numbers to the table on the top.
inline void set_constants(lua_State* state, std::span<const Constant> constants) {
  for (const Constant& constant : constants) {
    lua_pushinteger(state, constant.value);
    lua_setfield(state, -2, constant.name);
  }
}

/// A field of a table on the top that is being filled.
inline void set_number(lua_State* state, const char* name, lua_Integer value) {
  lua_pushinteger(state, value);
  lua_setfield(state, -2, name);
}
inline void set_truth(lua_State* state, const char* name, bool value) {
  lua_pushboolean(state, value);
  lua_setfield(state, -2, name);
}

inline std::string_view check_text(lua_State* state, int index) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(state, index, &size);
  return {text, size};
}
inline void push_text(lua_State* state, std::string_view text) {
  lua_pushlstring(state, text.data(), text.size());
}

/// Does nothing and gives nothing: for what this module's hardware lacks.
inline int do_nothing(lua_State*) {
  return 0;
}
inline int say_true(lua_State* state) {
  lua_pushboolean(state, 1);
  return 1;
}
inline int say_false(lua_State* state) {
  lua_pushboolean(state, 0);
  return 1;
}
inline int say_one(lua_State* state) {
  lua_pushinteger(state, 1);
  return 1;
}
inline int say_zero(lua_State* state) {
  lua_pushinteger(state, 0);
  return 1;
}

}  // namespace moonwire::bindings::luat
