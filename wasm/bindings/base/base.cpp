// Opening everything, and where require looks.
#include "bindings/base/base.h"

#include <string>

#include "bindings/base/coroutine.h"
#include "bindings/base/lua51.h"
#include "bindings/base/turn.h"
#include "kernel/process.h"
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

namespace moonwire::bindings::base {
namespace {

const char* root_of(kernel::Dialect dialect) {
  switch (dialect) {
    using enum kernel::Dialect;
    case luasocket: return "/lib/luasocket";
    case luat: return "/lib/luat";
    case chuck: return "/lib/chuck";
  }
  return "/lib";
}

void add_root(std::string& path, const std::string& folder) {
  path += folder + "/?.lua;" + folder + "/?/init.lua;";
}

/// The project first, then the folders that the process was started with, then the dialect.
std::string package_path(const kernel::Process& process) {
  std::string path;
  add_root(path, ".");
  for (const std::string& folder : process.options().library_folders) add_root(path, folder);
  add_root(path, root_of(process.dialect()));
  path.pop_back();
  return path;
}

struct Library {
  const char* name;
  lua_CFunction open;
};

constexpr Library libraries[] = {
    {LUA_GNAME, open_basic},       {LUA_LOADLIBNAME, open_package}, {LUA_COLIBNAME, open_coroutine},
    {LUA_TABLIBNAME, open_table},  {LUA_IOLIBNAME, open_io},        {LUA_OSLIBNAME, open_os},
    {LUA_STRLIBNAME, open_string}, {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
    {LUA_DBLIBNAME, open_debug},
};

}  // namespace

void open(lua_State* state) {
  lua_gc(state, LUA_GCGEN, 0, 0);  // as `lua` itself does; twice as fast for short-lived objects
  for (const Library& library : libraries) {
    luaL_requiref(state, library.name, library.open, 1);
    lua_pop(state, 1);
  }
  lua_getglobal(state, LUA_UTF8LIBNAME);
  charge_results(state, "codepoint");
  lua_pop(state, 1);
  lua_getglobal(state, LUA_LOADLIBNAME);
  lua_pushstring(state, package_path(kernel::process_of(state)).c_str());
  lua_setfield(state, -2, "path");
  lua_pop(state, 1);
  if (kernel::process_of(state).options().lua51) install_lua51(state);
}

}  // namespace moonwire::bindings::base
