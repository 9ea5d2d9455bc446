// socket.core: the table that upstream's socket.lua builds on, and what the dialect keeps per
// state.
#include "bindings/blocking_call.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/limits.h"
#include "bindings/luasocket/timeout.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lualib.h"

// Upstream's mime.c, compiled as it is (see CMakeLists.txt).
int luaopen_mime_core(lua_State* state);

namespace moonwire::bindings::luasocket {

namespace {

/// As LuaSocket 3.1.0 says it: its macro was not raised for that release.
constexpr const char* version = "LuaSocket 3.0.0";

// Its address is the registry key of the state's Library.
constexpr char library_key = 0;

int global_skip(lua_State* state) {
  const lua_Integer amount = luaL_checkinteger(state, 1);
  const lua_Integer left = lua_gettop(state) - amount - 1;
  const lua_Integer most = lua_gettop(state);  // a negative amount reads no foreign slots
  return left <= 0 ? 0 : int(left < most ? left : most);
}

int global_unload(lua_State*) {
  return 0;
}

// A wait for what is always there is over at once, and yet a switch to the next process.
class Always final : public net::Pollable {
 public:
  net::Ready ready() const override { return net::Ready::both; }
};

int return_results(lua_State*, int, lua_KContext results) {
  return int(results);
}

constexpr luaL_Reg functions[] = {
    {"skip", global_skip},       {"sleep", global_sleep}, {"gettime", global_gettime},
    {"__unload", global_unload}, {nullptr, nullptr},
};

constexpr luaL_Reg modules[] = {
    {"socket.core", open_socket_core},
    {"socket.unix", open_socket_unix},
    {"socket.serial", open_socket_serial},
    {"mime.core", luaopen_mime_core},
    {nullptr, nullptr},
};

}  // namespace

Library& library_of(lua_State* state) {
  lua_rawgetp(state, LUA_REGISTRYINDEX, &library_key);
  void* library = lua_touserdata(state, -1);
  lua_pop(state, 1);
  return *static_cast<Library*>(library);
}

int give_turn(lua_State* state, int results) {
  if (!kernel::process_of(state).can_suspend(state)) return results;
  Always always;
  return park_on(state, always, net::Ready::readable, kernel::Wait::never, results, return_results,
                 "sleep");
}

int end_empty_poll(lua_State* state, int results) {
  Library& library = library_of(state);
  if (++library.empty_polls < empty_polls_per_turn) return results;
  library.empty_polls = 0;
  return give_turn(state, results);
}

int open_socket_core(lua_State* state) {
  luaL_newlib(state, functions);
  lua_pushstring(state, version);
  lua_setfield(state, -2, "_VERSION");
  if (library_of(state).options.debug) {
    lua_pushboolean(state, 1);
    lua_setfield(state, -2, "_DEBUG");
  }
  add_exceptions(state);
  add_dns(state);
  add_tcp(state);
  add_udp(state);
  add_select(state);
  return 1;
}

void open_library(lua_State* state) {
  void* memory = lua_newuserdatauv(state, sizeof(Library), 0);
  new (memory) Library{.options = {.debug = kernel::process_of(state).options().debug}};
  lua_rawsetp(state, LUA_REGISTRYINDEX, &library_key);
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  luaL_setfuncs(state, modules, 0);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luasocket
