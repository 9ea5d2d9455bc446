#include "bindings/base/lua51.h"

#include "bindings/base/chunk.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {
namespace {

constexpr const char* file_name = "/lib/common/lua51.lua";

/// The table that load() gives to chunks as their environment from now on: setfenv(0, table).
int set_globals(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_settop(state, 1);
  lua_rawseti(state, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  return 0;
}

/// newproxy([true | a proxy]): an empty userdata, with a metatable of its own or with the given
/// one's.
int new_proxy(lua_State* state) {
  lua_settop(state, 1);
  lua_newuserdatauv(state, 0, 0);
  if (lua_toboolean(state, 1) == 0) return 1;
  if (lua_isboolean(state, 1))
    lua_newtable(state);
  else if (lua_type(state, 1) != LUA_TUSERDATA || lua_getmetatable(state, 1) == 0)
    return luaL_argerror(state, 1, "boolean or proxy expected");
  lua_setmetatable(state, 2);
  return 1;
}

}  // namespace

void install_lua51(lua_State* state) {
  if (load_file(state, file_name, "t") != LUA_OK) lua_error(state);
  lua_pushcfunction(state, set_globals);
  lua_pushcfunction(state, new_proxy);
  lua_call(state, 2, 0);
}

}  // namespace moonwire::bindings::base
