// package and require. Searchers, loaders and module bodies may wait: require calls them with
// continuations. There are no C modules: what the machine has in C++ is in package.preload.
#include <cstring>
#include <string_view>

#include "bindings/base/base.h"
#include "bindings/base/chunk.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lua.h"
#include "lua/call.h"

namespace moonwire::bindings::base {
namespace {

bool is_readable(lua_State* state, const char* filename) {
  kernel::Process& process = kernel::process_of(state);
  return process.machine().files().find(process.file_path(filename)) != nullptr;
}

/// Pushes the first file of `path` that is there, or what was tried.
/// @return the pushed name, or null.
const char* search_path(lua_State* state, const char* name, const char* path, const char* separator,
                        const char* replacement) {
  if (*separator != '\0' && std::strchr(name, *separator) != nullptr)
    name = luaL_gsub(state, name, separator, replacement);
  const std::string_view filenames = luaL_gsub(state, path, LUA_PATH_MARK, name);
  for (std::string_view rest = filenames;;) {
    const auto end = rest.find(LUA_PATH_SEP[0]);
    const std::string_view filename = rest.substr(0, end);
    const char* candidate = lua_pushlstring(state, filename.data(), filename.size());
    if (is_readable(state, candidate)) return candidate;
    lua_pop(state, 1);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  luaL_Buffer tried;
  luaL_buffinit(state, &tried);
  luaL_addstring(&tried, "no file '");
  luaL_addgsub(&tried, filenames.data(), LUA_PATH_SEP, "'\n\tno file '");
  luaL_addstring(&tried, "'");
  luaL_pushresult(&tried);
  return nullptr;
}

int package_searchpath(lua_State* state) {
  const char* name = luaL_checkstring(state, 1);
  const char* path = luaL_checkstring(state, 2);
  const char* separator = luaL_optstring(state, 3, ".");
  const char* replacement = luaL_optstring(state, 4, LUA_DIRSEP);
  if (search_path(state, name, path, separator, replacement) != nullptr) return 1;
  luaL_pushfail(state);
  lua_insert(state, -2);
  return 2;
}

int package_loadlib(lua_State* state) {
  luaL_checkstring(state, 1);
  luaL_checkstring(state, 2);
  luaL_pushfail(state);
  lua_pushliteral(state, "dynamic libraries not enabled; check your Lua installation");
  lua_pushliteral(state, "absent");
  return 3;
}

int search_preload(lua_State* state) {
  const char* name = luaL_checkstring(state, 1);
  lua_getfield(state, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  if (lua_getfield(state, -1, name) == LUA_TNIL) {
    lua_pushfstring(state, "no field package.preload['%s']", name);
    return 1;
  }
  lua_pushliteral(state, ":preload:");
  return 2;
}

/// Upvalue 1 is the package table, as in every searcher.
int search_file(lua_State* state) {
  const char* name = luaL_checkstring(state, 1);
  lua_getfield(state, lua_upvalueindex(1), "path");
  const char* path = lua_tostring(state, -1);
  if (path == nullptr) return luaL_error(state, "'package.path' must be a string");
  const char* filename = search_path(state, name, path, ".", LUA_DIRSEP);
  if (filename == nullptr) return 1;
  if (load_file(state, filename, nullptr) != LUA_OK)
    return luaL_error(state, "error loading module '%s' from file '%s':\n\t%s", name, filename,
                      lua_tostring(state, -1));
  lua_pushstring(state, filename);
  return 2;
}

// The stack of require: 1 the name, 2 package.loaded, 3 package.searchers, 4 what was tried so far;
// while the module's body runs, 5 its loader data.
constexpr int name_slot = 1;
constexpr int loaded_slot = 2;
constexpr int searchers_slot = 3;
constexpr int tried_slot = 4;
constexpr int data_slot = 5;

int finish_require(lua_State* state, int, lua_KContext) {
  const char* name = lua_tostring(state, name_slot);
  if (!lua_isnil(state, -1))
    lua_setfield(state, loaded_slot, name);
  else
    lua_pop(state, 1);
  if (lua_getfield(state, loaded_slot, name) == LUA_TNIL) {
    lua_pop(state, 1);
    lua_pushboolean(state, 1);
    lua_pushvalue(state, -1);
    lua_setfield(state, loaded_slot, name);
  }
  lua_pushvalue(state, data_slot);
  return 2;
}

/// Runs the loader; it and its data are on the top.
int run_loader(lua_State* state) {
  lua_insert(state, data_slot);
  lua_pushvalue(state, name_slot);
  lua_pushvalue(state, data_slot);
  return lua::call(state, 2, 1, 0, finish_require);
}

/// Looks at what a searcher answered (the two values on the top), and asks the next ones.
int continue_search(lua_State* state, int, lua_KContext context) {
  for (lua_Integer searcher = context;; ++searcher) {
    if (searcher > 0) {
      if (lua_isfunction(state, -2)) return run_loader(state);
      if (lua_isstring(state, -2) != 0) {
        lua_pop(state, 1);
        lua_pushliteral(state, "\n\t");
        lua_insert(state, -2);
        lua_concat(state, 3);  // what was tried is just below
      } else {
        lua_pop(state, 2);
      }
    }
    if (lua_rawgeti(state, searchers_slot, searcher + 1) == LUA_TNIL)
      return luaL_error(state, "module '%s' not found:%s", lua_tostring(state, name_slot),
                        lua_tostring(state, tried_slot));
    lua_pushvalue(state, name_slot);
    lua_callk(state, 1, 2, static_cast<lua_KContext>(searcher + 1), continue_search);
  }
}

int base_require(lua_State* state) {
  const char* name = luaL_checkstring(state, 1);
  lua_settop(state, 1);
  lua_getfield(state, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(state, loaded_slot, name);
  if (lua_toboolean(state, -1) != 0) return 1;
  lua_pop(state, 1);
  if (lua_getfield(state, lua_upvalueindex(1), "searchers") != LUA_TTABLE)
    return luaL_error(state, "'package.searchers' must be a table");
  lua_pushliteral(state, "");
  return continue_search(state, LUA_OK, 0);
}

constexpr luaL_Reg functions[] = {
    {"loadlib", package_loadlib},
    {"searchpath", package_searchpath},
    {"preload", nullptr},
    {"cpath", nullptr},
    {"path", nullptr},
    {"searchers", nullptr},
    {"loaded", nullptr},
    {nullptr, nullptr},
};

constexpr lua_CFunction searchers[] = {search_preload, search_file};

}  // namespace

int open_package(lua_State* state) {
  luaL_newlib(state, functions);
  lua_newtable(state);
  lua_Integer count = 0;
  for (const lua_CFunction searcher : searchers) {
    lua_pushvalue(state, -2);
    lua_pushcclosure(state, searcher, 1);
    lua_rawseti(state, -2, ++count);
  }
  lua_setfield(state, -2, "searchers");
  lua_pushliteral(state, "./?.lua;./?/init.lua");  // open() adds the dialect's root
  lua_setfield(state, -2, "path");
  lua_pushliteral(state, "");
  lua_setfield(state, -2, "cpath");
  lua_pushliteral(state, LUA_DIRSEP "\n" LUA_PATH_SEP "\n" LUA_PATH_MARK "\n!\n-\n");
  lua_setfield(state, -2, "config");
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_setfield(state, -2, "loaded");
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_setfield(state, -2, "preload");
  lua_pushvalue(state, -1);
  lua_pushcclosure(state, base_require, 1);
  lua_setglobal(state, "require");
  return 1;
}

}  // namespace moonwire::bindings::base
