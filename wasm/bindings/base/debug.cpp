// The debug library: upstream's, with a debug.debug that reads the process's own console.
#include <cstring>

#include "bindings/base/base.h"
#include "kernel/process.h"
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

namespace moonwire::bindings::base {
namespace {

void write_error(lua_State* state, const char* text) {
  kernel::process_of(state).write(kernel::OutputStream::standard_error, text);
}

enum Stage : lua_KContext { before_line, after_line, after_command };

/// Upvalue 1 is io.stdin.
int converse(lua_State* state, int status, lua_KContext stage) {
  for (;; stage = before_line) {
    if (stage == after_command && status != LUA_OK && status != LUA_YIELD) {
      write_error(state, luaL_tolstring(state, -1, nullptr));
      write_error(state, "\n");
    }
    if (stage != after_line) {
      lua_settop(state, 0);
      write_error(state, "lua_debug> ");
      lua_getfield(state, lua_upvalueindex(1), "read");
      lua_pushvalue(state, lua_upvalueindex(1));
      lua_callk(state, 1, 1, after_line, converse);
    }
    const char* line = lua_tostring(state, -1);
    if (line == nullptr || std::strcmp(line, "cont") == 0) return 0;
    status = luaL_loadbufferx(state, line, static_cast<std::size_t>(lua_rawlen(state, -1)),
                              "=(debug command)", "t");
    if (status == LUA_OK) status = lua_pcallk(state, 0, 0, 0, after_command, converse);
    if (status != LUA_OK) {
      write_error(state, luaL_tolstring(state, -1, nullptr));
      write_error(state, "\n");
    }
  }
}

int debug_debug(lua_State* state) {
  return converse(state, LUA_OK, before_line);
}

}  // namespace

int open_debug(lua_State* state) {
  luaopen_debug(state);
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(state, -1, LUA_IOLIBNAME);
  lua_getfield(state, -1, "stdin");
  lua_pushcclosure(state, debug_debug, 1);
  lua_setfield(state, -4, "debug");
  lua_pop(state, 2);
  return 1;
}

}  // namespace moonwire::bindings::base
