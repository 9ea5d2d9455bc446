// chuck.core.
#include "bindings/chuck/library.h"

#include "bindings/base/chunk.h"
#include "bindings/chuck/connection.h"
#include "bindings/chuck/crypt.h"
#include "bindings/chuck/decoder.h"
#include "bindings/chuck/engine.h"
#include "bindings/chuck/errors.h"
#include "bindings/chuck/http_framer.h"
#include "bindings/chuck/log.h"
#include "bindings/chuck/packet.h"
#include "bindings/chuck/sockets.h"
#include "bindings/chuck/threads.h"
#include "bindings/chuck/websocket_framer.h"
#include "kernel/machine.h"
#include "lauxlib.h"

namespace moonwire::bindings {

namespace {

int open_core(lua_State* state) {
  using namespace chuck;
  lua_newtable(state);
  add_packets(state);
  add_buffers(state);
  add_decoders(state);
  add_engine(state);
  add_connections(state);
  add_sockets(state);
  add_errors(state);
  add_http(state);
  add_websocket(state);
  add_threads(state);
  add_log(state);
  add_crypt(state);
  return 1;
}

/// The last searcher: the dialect's own files, whatever the script has made of package.path.
int search_own(lua_State* state) {
  const char* name = luaL_gsub(state, luaL_checkstring(state, 1), ".", "/");
  const char* path = lua_pushfstring(state, "/lib/chuck/%s.lua", name);
  if (!kernel::process_of(state).machine().files().find(path)) {
    lua_pushfstring(state, "no file '%s'", path);
    return 1;
  }
  if (base::load_file(state, path, nullptr) != LUA_OK) return lua_error(state);
  lua_pushstring(state, path);
  return 2;
}

}  // namespace

void open_chuck(lua_State* state) {
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(state, open_core);
  lua_setfield(state, -2, "chuck.core");
  lua_getglobal(state, "package");
  lua_getfield(state, -1, "searchers");
  lua_pushcfunction(state, search_own);
  lua_rawseti(state, -2, static_cast<lua_Integer>(lua_rawlen(state, -2)) + 1);
  lua_pop(state, 3);
}

}  // namespace moonwire::bindings
