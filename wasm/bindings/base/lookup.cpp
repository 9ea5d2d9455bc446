#include "bindings/base/lookup.h"

#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {

bool start_lookup(lua_State* state, int index) {
  constexpr int longest_chain = 2000;  // upstream's bound on a chain of __index tables
  const int key = lua_gettop(state);
  lua_pushvalue(state, index);
  for (int step = 0; step < longest_chain; ++step) {
    // stack: key, the object to look in
    if (lua_istable(state, -1)) {
      lua_pushvalue(state, key);
      if (lua_rawget(state, -2) != LUA_TNIL) break;
      lua_pop(state, 1);
    }
    const int handler = luaL_getmetafield(state, -1, "__index");
    if (handler == LUA_TFUNCTION) {
      lua_insert(state, -2);
      lua_pushvalue(state, key);
      lua_remove(state, key);
      return true;
    }
    if (handler == LUA_TNIL) {
      lua_pushvalue(state, key);
      lua_gettable(state, -2);  // nil, or the error for what cannot be indexed
      break;
    }
    lua_remove(state, -2);
  }
  lua_replace(state, key);
  lua_settop(state, key);
  return false;
}

}  // namespace moonwire::bindings::base
