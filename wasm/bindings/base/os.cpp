// The os library: time from the host, files from the machine, no shell and no locale but C.
#include <climits>
#include <cstring>
#include <string>

#include "bindings/base/base.h"
#include "bindings/base/calendar.h"
#include "bindings/base/file_result.h"
#include "bindings/base/turn.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {
namespace {

using kernel::FileError;
using kernel::Micros;

constexpr Micros micros_per_second = 1'000'000;

kernel::Machine& machine_of(lua_State* state) {
  return kernel::process_of(state).machine();
}

std::int64_t now_in_seconds(lua_State* state) {
  return machine_of(state).host().wall_clock() / micros_per_second;
}

// --- dates ---

void set_field(lua_State* state, const char* key, std::int64_t value) {
  lua_pushinteger(state, value);
  lua_setfield(state, -2, key);
}

void set_all_fields(lua_State* state, const CalendarTime& time) {
  set_field(state, "year", time.year);
  set_field(state, "month", time.month);
  set_field(state, "day", time.day);
  set_field(state, "hour", time.hour);
  set_field(state, "min", time.minute);
  set_field(state, "sec", time.second);
  set_field(state, "yday", time.day_of_year);
  set_field(state, "wday", time.day_of_week + 1);
  lua_pushboolean(state, 0);
  lua_setfield(state, -2, "isdst");
}

/// A field of the table on the top. `missing` < 0: it must be there. `delta` is what C's struct tm
/// subtracts; it sets the range.
int get_field(lua_State* state, const char* key, int missing, int delta) {
  int is_integer = 0;
  const int type = lua_getfield(state, -1, key);
  const lua_Integer value = lua_tointegerx(state, -1, &is_integer);
  lua_pop(state, 1);
  if (is_integer == 0) {
    if (type != LUA_TNIL) return luaL_error(state, "field '%s' is not an integer", key);
    if (missing < 0) return luaL_error(state, "field '%s' missing in date table", key);
    return missing;
  }
  const lua_Integer most = lua_Integer{INT_MAX} + delta;
  const lua_Integer least = lua_Integer{INT_MIN} + delta;
  if (value > most || value < least) return luaL_error(state, "field '%s' is out-of-bound", key);
  return static_cast<int>(value - delta);
}

int os_time(lua_State* state) {
  if (lua_isnoneornil(state, 1)) {
    lua_pushinteger(state, now_in_seconds(state));
    return 1;
  }
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_settop(state, 1);
  CalendarTime time;
  time.year = std::int64_t{get_field(state, "year", -1, 1900)} + 1900;
  time.month = std::int64_t{get_field(state, "month", -1, 1)} + 1;
  time.day = get_field(state, "day", -1, 0);
  time.hour = get_field(state, "hour", 12, 0);
  time.minute = get_field(state, "min", 0, 0);
  time.second = get_field(state, "sec", 0, 0);
  const std::int64_t seconds = seconds_of(time);
  const auto normal = calendar_time(seconds);
  if (!normal || seconds == -1)
    return luaL_error(state, "time result cannot be represented in this installation");
  set_all_fields(state, *normal);
  lua_pushinteger(state, seconds);
  return 1;
}

/// The conversion that begins at `at` (behind the '%'): its length, or 0 when there is none.
std::size_t conversion_length(std::string_view at) {
  constexpr std::string_view plain = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
  constexpr std::string_view with_e = "cCxXyY";
  constexpr std::string_view with_o = "deHImMSuUVwWy";
  if (at.empty()) return 0;
  if (plain.find(at[0]) != std::string_view::npos) return 1;
  if (at.size() < 2) return 0;
  if (at[0] == 'E' && with_e.find(at[1]) != std::string_view::npos) return 2;
  if (at[0] == 'O' && with_o.find(at[1]) != std::string_view::npos) return 2;
  return 0;
}

int os_date(lua_State* state) {
  std::size_t length = 0;
  const char* text = luaL_optlstring(state, 1, "%c", &length);
  std::string_view format{text, length};
  const std::int64_t seconds =
      lua_isnoneornil(state, 2) ? now_in_seconds(state) : luaL_checkinteger(state, 2);
  // The machine's time zone is UTC, so "!" changes only the zone's name.
  const char* zone = "UTC";
  if (format.starts_with('!')) {
    format.remove_prefix(1);
    zone = "GMT";
  }
  const auto time = calendar_time(seconds);
  if (!time) return luaL_error(state, "date result cannot be represented in this installation");
  if (std::strcmp(format.data(), "*t") == 0) {
    lua_createtable(state, 0, 9);
    set_all_fields(state, *time);
    return 1;
  }
  luaL_Buffer result;
  luaL_buffinit(state, &result);
  while (!format.empty()) {
    if (format.front() != '%') {
      luaL_addchar(&result, format.front());
      format.remove_prefix(1);
      continue;
    }
    format.remove_prefix(1);
    const std::size_t size = conversion_length(format);
    if (size == 0) {
      return luaL_argerror(
          state, 1, lua_pushfstring(state, "invalid conversion specifier '%%%s'", format.data()));
    }
    char* into = luaL_prepbuffsize(&result, longest_conversion);
    luaL_addsize(&result, format_conversion(*time, format[size - 1], zone, into));
    format.remove_prefix(size);
  }
  luaL_pushresult(&result);
  return 1;
}

int os_difftime(lua_State* state) {
  const lua_Integer later = luaL_checkinteger(state, 1);
  const lua_Integer earlier = luaL_checkinteger(state, 2);
  lua_pushnumber(state, static_cast<lua_Number>(later) - static_cast<lua_Number>(earlier));
  return 1;
}

/// Seconds since the process began, on the steady clock: the machine does not account slices.
int os_clock(lua_State* state) {
  const auto start = static_cast<Micros>(lua_tointeger(state, lua_upvalueindex(1)));
  const Micros passed = machine_of(state).host().steady_clock() - start;
  lua_pushnumber(state, static_cast<lua_Number>(passed) / micros_per_second);
  return 1;
}

// --- files ---

std::string path_of(lua_State* state, const char* name) {
  return kernel::process_of(state).file_path(name);
}

int os_remove(lua_State* state) {
  const char* name = luaL_checkstring(state, 1);
  kernel::Machine& machine = machine_of(state);
  const std::string path = path_of(state, name);
  if (machine.network().remove_socket_file(path))
    return push_file_result(state, FileError::none, name);
  return push_file_result(state, machine.files().remove(path), name);
}

int os_rename(lua_State* state) {
  const char* from = luaL_checkstring(state, 1);
  const char* to = luaL_checkstring(state, 2);
  return push_file_result(
      state, machine_of(state).files().rename(path_of(state, from), path_of(state, to)), nullptr);
}

int os_tmpname(lua_State* state) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  constexpr int attempts = 16;
  kernel::Machine& machine = machine_of(state);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    char name[] = "/tmp/lua_XXXXXX";
    std::uint64_t chance = machine.host().entropy();
    for (char* letter = std::strchr(name, 'X'); *letter != '\0'; ++letter) {
      *letter = letters[chance % letters.size()];
      chance /= letters.size();
    }
    if (machine.files().find(name)) continue;
    if (machine.files().put(name, {}) != FileError::none) break;
    lua_pushstring(state, name);
    return 1;
  }
  return luaL_error(state, "unable to generate a unique filename");
}

// --- the system ---

int os_execute(lua_State* state) {
  if (luaL_optstring(state, 1, nullptr) == nullptr) {
    lua_pushboolean(state, 0);  // there is no shell
    return 1;
  }
  constexpr int command_not_found = 127;  // what system(3) says when no shell can be run
  luaL_pushfail(state);
  lua_pushliteral(state, "exit");
  lua_pushinteger(state, command_not_found);
  return 3;
}

int os_getenv(lua_State* state) {
  struct Variable {
    const char* name;
    const char* value;
  };
  static constexpr Variable environment[] = {{"HOME", "/project"}, {"TMPDIR", "/tmp"}};
  const char* name = luaL_checkstring(state, 1);
  for (const Variable& variable : environment) {
    if (std::strcmp(variable.name, name) == 0) {
      lua_pushstring(state, variable.value);
      return 1;
    }
  }
  lua_pushnil(state);
  return 1;
}

int os_setlocale(lua_State* state) {
  static const char* const categories[] = {"all",     "collate", "ctype", "monetary",
                                           "numeric", "time",    nullptr};
  const char* locale = luaL_optstring(state, 1, nullptr);
  luaL_checkoption(state, 2, "all", categories);
  const bool is_ours = locale == nullptr || *locale == '\0' || std::strcmp(locale, "C") == 0 ||
                       std::strcmp(locale, "POSIX") == 0;
  if (is_ours)
    lua_pushliteral(state, "C");
  else
    luaL_pushfail(state);
  return 1;
}

int ended(lua_State*, int, lua_KContext) {
  return 0;  // never called: the process does not go on
}

int os_exit(lua_State* state) {
  constexpr int status_bits = 0xFF;  // what a parent process can see
  int status = 0;
  if (lua_isboolean(state, 1))
    status = lua_toboolean(state, 1) != 0 ? 0 : 1;
  else
    status = static_cast<int>(luaL_optinteger(state, 1, 0)) & status_bits;
  kernel::process_of(state).request_exit({status, kernel::ExitReason::exit});
  // request_exit has spent the slice; where Lua cannot yield this raises, and nothing can catch it.
  return must_give_turn(state) ? give_turn(state, 0, ended) : 0;
}

constexpr luaL_Reg functions[] = {
    {"date", os_date},       {"difftime", os_difftime},   {"execute", os_execute},
    {"exit", os_exit},       {"getenv", os_getenv},       {"remove", os_remove},
    {"rename", os_rename},   {"setlocale", os_setlocale}, {"time", os_time},
    {"tmpname", os_tmpname}, {"clock", nullptr},          {nullptr, nullptr},
};

}  // namespace

int open_os(lua_State* state) {
  luaL_newlib(state, functions);
  lua_pushinteger(state, machine_of(state).host().steady_clock());
  lua_pushcclosure(state, os_clock, 1);
  lua_setfield(state, -2, "clock");
  return 1;
}

}  // namespace moonwire::bindings::base
