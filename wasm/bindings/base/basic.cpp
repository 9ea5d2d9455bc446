// The functions of _G that call Lua functions or touch the console: print, tostring, ipairs, load,
// loadfile, dofile and the warnings. All others are upstream's.
#include <cstring>

#include "bindings/base/base.h"
#include "bindings/base/chunk.h"
#include "bindings/base/lookup.h"
#include "bindings/base/turn.h"
#include "bindings/blocking_call.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lobject.h"  // the size of a table, which the interface does not tell
#include "lua.h"
#include "lua/call.h"
#include "lualib.h"

namespace moonwire::bindings::base {
namespace {

using kernel::OutputStream;

// --- tostring and print ---

int check_tostring(lua_State* state, int, lua_KContext) {
  if (lua_isstring(state, -1) == 0) return luaL_error(state, "'__tostring' must return a string");
  return 1;
}

int base_tostring(lua_State* state) {
  luaL_checkany(state, 1);
  if (luaL_getmetafield(state, 1, "__tostring") == LUA_TNIL) {
    luaL_tolstring(state, 1, nullptr);
    return 1;
  }
  lua_pushvalue(state, 1);
  lua_callk(state, 1, 1, 0, check_tostring);
  return check_tostring(state, LUA_OK, 0);
}

int print_done(lua_State*, int, lua_KContext) {
  return 0;
}

/// Output on its way to the console: small pieces go there together.
class Line {
 public:
  explicit Line(kernel::Process& process) : process_(process) {}

  void add(std::string_view bytes) {
    if (bytes.size() > sizeof bytes_ - size_) flush();
    if (bytes.size() > sizeof bytes_) {
      has_room_ = process_.write(OutputStream::standard_output, bytes);
      return;
    }
    size_ += bytes.copy(bytes_ + size_, bytes.size());
  }
  void flush() {
    if (size_ > 0) has_room_ = process_.write(OutputStream::standard_output, {bytes_, size_});
    size_ = 0;
  }
  bool has_room() const { return has_room_; }

 private:
  kernel::Process& process_;
  std::size_t size_ = 0;
  bool has_room_ = true;
  char bytes_[512];
};

int continue_print(lua_State* state, int status, lua_KContext context);

/// Prints from value `index` on. With `is_converted` its text is on the top already.
int print_from(lua_State* state, int index, bool is_converted) {
  Line line{kernel::process_of(state)};
  const int last = lua_gettop(state) - (is_converted ? 1 : 0);
  // A cellular module's trace has blanks.
  const bool is_luat = kernel::process_of(state).dialect() == kernel::Dialect::luat;
  const std::string_view separator = is_luat ? " " : "\t";
  for (; index <= last; ++index) {
    if (!is_converted) {
      if (luaL_getmetafield(state, index, "__tostring") != LUA_TNIL) {
        line.flush();  // what the method prints comes behind it
        lua_pushvalue(state, index);
        lua_callk(state, 1, 1, index, continue_print);
        check_tostring(state, LUA_OK, 0);
      } else {
        luaL_tolstring(state, index, nullptr);
      }
    }
    is_converted = false;
    if (index > 1) line.add(separator);
    std::size_t size = 0;
    const char* bytes = lua_tolstring(state, -1, &size);
    line.add({bytes, size});
    lua_pop(state, 1);
  }
  line.add("\n");
  line.flush();
  if (line.has_room() || !kernel::process_of(state).can_suspend(state)) return 0;
  return park_on(state, kernel::process_of(state).output(), net::Ready::writable,
                 kernel::Wait::never, 0, print_done, "print");
}

int continue_print(lua_State* state, int, lua_KContext context) {
  check_tostring(state, LUA_OK, 0);
  return print_from(state, static_cast<int>(context), true);
}

int base_print(lua_State* state) {
  return print_from(state, 1, false);
}

// --- ipairs ---

int after_index(lua_State* state, int, lua_KContext) {
  return lua_isnil(state, -1) ? 1 : 2;
}

/// As upstream's, but an __index function may wait.
int next_pair(lua_State* state) {
  const auto index =
      static_cast<lua_Integer>(static_cast<lua_Unsigned>(luaL_checkinteger(state, 2)) + 1u);
  lua_pushinteger(state, index);
  if (lua_type(state, 1) == LUA_TTABLE && lua_rawgeti(state, 1, index) != LUA_TNIL) return 2;
  lua_settop(state, 3);
  lua_pushinteger(state, index);
  if (start_lookup(state, 1)) lua_callk(state, 2, 1, 0, after_index);
  return after_index(state, LUA_OK, 0);
}

int base_ipairs(lua_State* state) {
  luaL_checkany(state, 1);
  lua_pushcfunction(state, next_pair);
  lua_pushvalue(state, 1);
  lua_pushinteger(state, 0);
  return 3;
}

// --- next and pairs ---

constexpr std::size_t entries_per_count = 16;

/// How many places a table has for entries, used or not.
std::size_t most_entries(lua_State* state, int index) {
  const auto* const table = static_cast<const Table*>(lua_topointer(state, index));
  return static_cast<std::size_t>(sizenode(table)) + table->alimit;
}

/// Looking for the first entry passes over all that are gone; a table that is emptied from the
/// front would take quadratic time between two turns.
int base_next(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_settop(state, 2);
  if (lua_isnil(state, 2)) charge(most_entries(state, 1) / entries_per_count);
  if (lua_next(state, 1) != 0) return 2;
  lua_pushnil(state);
  return 1;
}

int pairs_done(lua_State*, int, lua_KContext) {
  return 3;
}

int base_pairs(lua_State* state) {
  luaL_checkany(state, 1);
  if (luaL_getmetafield(state, 1, "__pairs") == LUA_TNIL) {
    lua_pushcfunction(state, base_next);
    lua_pushvalue(state, 1);
    lua_pushnil(state);
    return 3;
  }
  lua_pushvalue(state, 1);
  lua_callk(state, 1, 3, 0, pairs_done);
  return 3;
}

// --- collectgarbage ---

/// Upvalue 1 is upstream's. What goes through the whole heap is charged by the heap's size.
int base_collectgarbage(lua_State* state) {
  const char* const what = luaL_optstring(state, 1, "collect");
  if (std::strcmp(what, "count") != 0 && std::strcmp(what, "isrunning") != 0)
    charge(static_cast<std::size_t>(lua_gc(state, LUA_GCCOUNT)));  // KiB
  return lua_tocfunction(state, lua_upvalueindex(1))(state);
}

// --- load ---

/// Ends a load: the function with its environment (at stack index `environment` unless 0), or nil
/// and the message.
int finish_load(lua_State* state, int status, int environment) {
  if (status != LUA_OK) {
    luaL_pushfail(state);
    lua_insert(state, -2);
    return 2;
  }
  if (environment != 0) {
    lua_pushvalue(state, environment);
    if (lua_setupvalue(state, -2, 1) == nullptr) lua_pop(state, 1);
  }
  return 1;
}

// The stack while a reader function is called: load's four arguments, then whether there was an
// environment, then the pieces read so far.
constexpr int load_environment = 4;
constexpr int has_environment = 5;
constexpr int load_pieces = 6;

int load_pieces_read(lua_State* state) {
  luaL_Buffer source;
  luaL_buffinit(state, &source);
  const auto count = static_cast<lua_Integer>(lua_rawlen(state, load_pieces));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(state, load_pieces, i);
    luaL_addvalue(&source);
  }
  luaL_pushresult(&source);
  std::size_t size = 0;
  const char* bytes = lua_tolstring(state, -1, &size);
  const char* name = luaL_optstring(state, 2, "=(load)");
  const int status = load_bytes(state, {bytes, size}, name, luaL_optstring(state, 3, "bt"));
  return finish_load(state, status,
                     lua_toboolean(state, has_environment) != 0 ? load_environment : 0);
}

int continue_pieces(lua_State* state, int status, lua_KContext) {
  for (;;) {
    if (status != LUA_OK && status != LUA_YIELD) return finish_load(state, status, 0);
    const char* piece = lua_tostring(state, -1);
    if (piece == nullptr && !lua_isnil(state, -1)) {
      luaL_pushfail(state);
      luaL_where(state, 1);
      lua_pushliteral(state, "reader function must return a string");
      lua_concat(state, 2);
      return 2;
    }
    if (piece == nullptr || lua_rawlen(state, -1) == 0) {
      lua_pop(state, 1);
      return load_pieces_read(state);
    }
    lua_rawseti(state, load_pieces, static_cast<lua_Integer>(lua_rawlen(state, load_pieces)) + 1);
    lua_pushvalue(state, 1);
    status = lua_pcallk(state, 0, 1, 0, 0, continue_pieces);
  }
}

int base_load(lua_State* state) {
  std::size_t size = 0;
  const char* bytes = lua_tolstring(state, 1, &size);
  const char* mode = luaL_optstring(state, 3, "bt");
  const bool with_environment = !lua_isnone(state, load_environment);
  if (bytes != nullptr) {
    const char* name = luaL_optstring(state, 2, bytes);
    const int status = load_bytes(state, {bytes, size}, name, mode);
    return finish_load(state, status, with_environment ? load_environment : 0);
  }
  luaL_optstring(state, 2, nullptr);
  luaL_checktype(state, 1, LUA_TFUNCTION);
  lua_settop(state, load_environment);
  lua_pushboolean(state, with_environment ? 1 : 0);
  lua_newtable(state);
  lua_pushvalue(state, 1);
  return continue_pieces(state, lua_pcallk(state, 0, 1, 0, 0, continue_pieces), 0);
}

// --- loadfile and dofile ---
//
// Without a name they read standard input to its end, by upvalue 1: the read method of its file.

void push_read_of_input(lua_State* state) {
  luaL_getsubtable(state, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(state, -1, LUA_IOLIBNAME);
  lua_getfield(state, -1, "stdin");
  lua_getfield(state, -1, "read");
  lua_insert(state, -2);
  lua_pushliteral(state, "a");
  // stack: loaded, io, read, stdin, "a"
}

int load_input(lua_State* state, const char* mode) {
  std::size_t size = 0;
  const char* bytes = luaL_checklstring(state, -1, &size);
  return load_source(state, {bytes, size}, "=stdin", mode);
}

int finish_loadfile(lua_State* state, int, lua_KContext environment) {
  const int status = load_input(state, luaL_optstring(state, 2, nullptr));
  return finish_load(state, status, static_cast<int>(environment));
}

int base_loadfile(lua_State* state) {
  const char* name = luaL_optstring(state, 1, nullptr);
  const char* mode = luaL_optstring(state, 2, nullptr);
  const int environment = lua_isnone(state, 3) ? 0 : 3;
  if (name != nullptr) return finish_load(state, load_file(state, name, mode), environment);
  lua_settop(state, 3);
  push_read_of_input(state);
  lua_callk(state, 2, 1, environment, finish_loadfile);
  return finish_loadfile(state, LUA_OK, environment);
}

int finish_dofile(lua_State* state, int, lua_KContext) {
  return lua_gettop(state) - 1;
}

int run_loaded(lua_State* state, int status) {
  if (status != LUA_OK) return lua_error(state);
  lua_insert(state, 1);
  lua_settop(state, 1);
  lua_pushvalue(state, 1);
  return lua::call(state, 0, LUA_MULTRET, 0, finish_dofile);
}

int run_input(lua_State* state, int, lua_KContext) {
  return run_loaded(state, load_input(state, nullptr));
}

int base_dofile(lua_State* state) {
  const char* name = luaL_optstring(state, 1, nullptr);
  lua_settop(state, 1);
  if (name != nullptr) return run_loaded(state, load_file(state, name, nullptr));
  push_read_of_input(state);
  lua_callk(state, 2, 1, 0, run_input);
  return run_input(state, LUA_OK, 0);
}

// --- warnings ---

/// State of the warnings: off, on, or in the middle of one. Kept in the registry, under this
/// address.
enum class Warnings : std::uint8_t { off, on, continued };
constexpr char warnings_key = 0;

Warnings warnings(lua_State* state) {
  lua_rawgetp(state, LUA_REGISTRYINDEX, &warnings_key);
  const auto value = static_cast<Warnings>(lua_tointeger(state, -1));
  lua_pop(state, 1);
  return value;
}

void set_warnings(lua_State* state, Warnings value) {
  lua_pushinteger(state, static_cast<lua_Integer>(value));
  lua_rawsetp(state, LUA_REGISTRYINDEX, &warnings_key);
}

void write_warning(void* owner, const char* message, int to_be_continued) {
  auto* state = static_cast<lua_State*>(owner);
  Warnings now = warnings(state);
  if (now != Warnings::continued && to_be_continued == 0 && *message == '@') {
    if (std::strcmp(message, "@off") == 0) set_warnings(state, Warnings::off);
    if (std::strcmp(message, "@on") == 0) set_warnings(state, Warnings::on);
    return;
  }
  if (now == Warnings::off) return;
  kernel::Process& process = kernel::process_of(state);
  if (now == Warnings::on) process.write(OutputStream::standard_error, "Lua warning: ");
  process.write(OutputStream::standard_error, message);
  if (to_be_continued == 0) process.write(OutputStream::standard_error, "\n");
  now = to_be_continued != 0 ? Warnings::continued : Warnings::on;
  set_warnings(state, now);
}

constexpr luaL_Reg functions[] = {
    {"dofile", base_dofile}, {"ipairs", base_ipairs},     {"load", base_load},
    {"print", base_print},   {"loadfile", base_loadfile}, {"tostring", base_tostring},
    {"next", base_next},     {"pairs", base_pairs},       {nullptr, nullptr},
};

}  // namespace

int open_basic(lua_State* state) {
  luaopen_base(state);
  luaL_setfuncs(state, functions, 0);
  lua_getfield(state, -1, "collectgarbage");
  lua_pushcclosure(state, base_collectgarbage, 1);
  lua_setfield(state, -2, "collectgarbage");
  set_warnings(state, Warnings::off);
  lua_rawgeti(state, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_setwarnf(state, write_warning, lua_tothread(state, -1));
  lua_pop(state, 1);
  return 1;
}

}  // namespace moonwire::bindings::base
