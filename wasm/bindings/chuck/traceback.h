// What protected calls of callbacks use as message handler.
#pragma once

#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::chuck {

inline int traceback(lua_State* state) {
  const char* message = lua_tostring(state, 1);
  if (message == nullptr) message = luaL_tolstring(state, 1, nullptr);
  luaL_traceback(state, state, message, 1);
  return 1;
}

}  // namespace moonwire::bindings::chuck
