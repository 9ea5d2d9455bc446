// How the dialect's classes are made.
#include "bindings/chuck/object.h"

#include <cstring>

namespace moonwire::bindings::chuck {

void new_class(lua_State* state, const void* key, const char* name, const luaL_Reg* methods) {
  lua_createtable(state, 0, 4);
  lua_newtable(state);
  for (; methods->name != nullptr; ++methods) {
    lua_pushcfunction(state, methods->func);
    lua_setfield(state, std::strncmp(methods->name, "__", 2) == 0 ? -3 : -2, methods->name);
  }
  lua_setfield(state, -2, "__index");
  if (name != nullptr) {
    lua_pushstring(state, name);
    lua_setfield(state, -2, "__name");
  }
  lua_rawsetp(state, LUA_REGISTRYINDEX, key);
}

}  // namespace moonwire::bindings::chuck
