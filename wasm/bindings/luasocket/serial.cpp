// socket.serial: there is no serial device in the machine, and a script is told so as the operating
// system would tell it.
#include "bindings/failure.h"
#include "bindings/luasocket/library.h"
#include "lauxlib.h"

namespace moonwire::bindings::luasocket {

namespace {

constexpr lua_Number no_entry_number = 2;  // ENOENT

int global_serial(lua_State* state) {
  luaL_checkstring(state, 1);
  lua_pushnil(state);
  lua_pushstring(state, system_words(net::NetError::no_such_path));
  lua_pushnumber(state, no_entry_number);
  return 3;
}

}  // namespace

int open_socket_serial(lua_State* state) {
  lua_pushcfunction(state, global_serial);
  return 1;
}

}  // namespace moonwire::bindings::luasocket
