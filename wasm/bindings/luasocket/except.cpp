// socket.newtry and socket.protect: failures that travel as errors and come out as nil, message.
#include "bindings/luasocket/library.h"
#include "lauxlib.h"
#include "lua/call.h"

namespace moonwire::bindings::luasocket {

namespace {

// Upvalue 1 of everything here: the private metatable by which a travelling failure is known.
constexpr int metatable_upvalue = 1;
constexpr int callee_upvalue = 2;  // the finalizer, or the protected function

int do_nothing(lua_State*) {
  return 0;
}

// The function that newtry returns: passes its arguments on, or finalizes and throws the second.
int try_arguments(lua_State* state) {
  if (lua_toboolean(state, 1)) return lua_gettop(state);
  lua_pushvalue(state, lua_upvalueindex(callee_upvalue));
  lua_call(state, 0, 0);
  lua_settop(state, 2);
  lua_createtable(state, 1, 0);
  lua_insert(state, 2);
  lua_rawseti(state, 2, 1);
  lua_pushvalue(state, lua_upvalueindex(metatable_upvalue));
  lua_setmetatable(state, 2);
  return lua::raise(state);
}

int global_newtry(lua_State* state) {
  lua_settop(state, 1);
  if (lua_isnil(state, 1)) lua_pushcfunction(state, do_nothing);
  lua_pushvalue(state, lua_upvalueindex(metatable_upvalue));
  lua_insert(state, -2);
  lua_pushcclosure(state, try_arguments, 2);
  return 1;
}

bool is_failure(lua_State* state) {
  if (!lua_istable(state, -1) || !lua_getmetatable(state, -1)) return false;
  const bool is_ours = lua_rawequal(state, -1, lua_upvalueindex(metatable_upvalue));
  lua_pop(state, 1);
  return is_ours;
}

int end_protected(lua_State* state, int status, lua_KContext) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(state);
  if (!is_failure(state)) return lua::raise(state);
  lua_pushnil(state);
  lua_rawgeti(state, -2, 1);
  return 2;
}

int call_protected(lua_State* state) {
  lua_pushvalue(state, lua_upvalueindex(callee_upvalue));
  lua_insert(state, 1);
  return lua::protected_call(state, lua_gettop(state) - 1, 0, end_protected);
}

int global_protect(lua_State* state) {
  lua_settop(state, 1);
  lua_pushvalue(state, lua_upvalueindex(metatable_upvalue));
  lua_insert(state, 1);
  lua_pushcclosure(state, call_protected, 2);
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"newtry", global_newtry},
    {"protect", global_protect},
    {nullptr, nullptr},
};

}  // namespace

void add_exceptions(lua_State* state) {
  lua_newtable(state);
  lua_pushboolean(state, 0);
  lua_setfield(state, -2, "__metatable");
  luaL_setfuncs(state, functions, 1);
}

}  // namespace moonwire::bindings::luasocket
