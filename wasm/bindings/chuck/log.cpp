// Log lines, as upstream words them: "[LEVEL]YYYY-MM-DD-HH:MM:SS.mmm[pid]:text".
#include "bindings/chuck/log.h"

#include <cstdio>
#include <cstring>
#include <string>

#include "bindings/base/calendar.h"
#include "bindings/blocking_call.h"
#include "bindings/chuck/limits.h"
#include "kernel/machine.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

// Where a path's last line ends; the registry's table of log files under this address.
constexpr char system_log_key = 0;

struct Moment {
  base::CalendarTime date;
  int milliseconds;
};

Moment moment_of(kernel::Process& process) {
  const kernel::Micros now = process.machine().host().wall_clock();
  const auto date = base::calendar_time(now / 1'000'000);
  return {date.value_or(base::CalendarTime{}), static_cast<int>(now / 1000 % 1000)};
}

std::string line_of(kernel::Process& process, std::string_view level, std::string_view text) {
  const Moment now = moment_of(process);
  char stamp[80];
  const int size = std::snprintf(
      stamp, sizeof stamp, "]%04d-%02d-%02d-%02d:%02d:%02d.%03d[%u]:", int(now.date.year),
      int(now.date.month), int(now.date.day), int(now.date.hour), int(now.date.minute),
      int(now.date.second), now.milliseconds, process.pid());
  std::string line = "[";
  line.append(level).append(stamp, std::size_t(size)).append(text).append("\n");
  return line;
}

/// A log that has grown to its limit begins anew; one that finds no room in the file system is only
/// on the console.
void add_to_file(kernel::Process& process, const char* path, std::string_view line) {
  kernel::FileSystem& files = process.machine().files();
  auto error = kernel::FileError::none;
  const auto file = files.open_for_write(path, false, error);
  if (!file) return;
  std::size_t at = file->bytes.size();
  if (at + line.size() > log_file_bytes_max) at = 0;
  if (files.resize(*file, at + line.size()) != kernel::FileError::none) return;
  std::memcpy(file->bytes.data() + at, line.data(), line.size());
  files.mark_changed(path);
}

int logged(lua_State*, int, lua_KContext) {
  return 0;
}

int log_line(lua_State* state) {
  std::size_t level_size = 0;
  std::size_t size = 0;
  const char* level = luaL_checklstring(state, 1, &level_size);
  const char* text = luaL_checklstring(state, 2, &size);
  const char* path = luaL_optstring(state, 3, nullptr);
  kernel::Process& process = kernel::process_of(state);
  bool has_room = true;
  {
    const std::string line = line_of(process, {level, level_size}, {text, size});
    if (path != nullptr) add_to_file(process, path, line);
    has_room = process.write(kernel::OutputStream::standard_output, line);
  }
  if (has_room || !process.can_suspend(state)) return 0;
  return park_on(state, process.output(), net::Ready::writable, kernel::Wait::never, 0, logged,
                 "Log");
}

/// set_system_log(path): where log_error writes, too.
int set_system_log(lua_State* state) {
  luaL_checkstring(state, 1);
  lua_settop(state, 1);
  lua_rawsetp(state, LUA_REGISTRYINDEX, &system_log_key);
  return 0;
}

/// log_stamp(): "YYYY-MM-DD", "HH.MM.SS.mmm".
int log_stamp(lua_State* state) {
  const Moment now = moment_of(kernel::process_of(state));
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", int(now.date.year), int(now.date.month),
                int(now.date.day));
  lua_pushstring(state, text);
  std::snprintf(text, sizeof text, "%02d.%02d.%02d.%03d", int(now.date.hour), int(now.date.minute),
                int(now.date.second), now.milliseconds);
  lua_pushstring(state, text);
  return 2;
}

constexpr luaL_Reg functions[] = {
    {"log_line", log_line},
    {"log_stamp", log_stamp},
    {"set_system_log", set_system_log},
    {nullptr, nullptr},
};

}  // namespace

void log_error(lua_State* state) {
  kernel::Process& process = kernel::process_of(state);
  std::size_t size = 0;
  const char* text = lua_tolstring(state, -1, &size);
  if (text == nullptr) text = "(error object is not a string)", size = std::strlen(text);
  const char* path = nullptr;
  if (lua_rawgetp(state, LUA_REGISTRYINDEX, &system_log_key) == LUA_TSTRING) {
    path = lua_tostring(state, -1);
  }
  const std::string line = line_of(process, "ERROR", {text, size});
  process.write(kernel::OutputStream::standard_output, line);
  if (path != nullptr) add_to_file(process, path, line);
  lua_pop(state, 2);
}

void add_log(lua_State* state) {
  luaL_setfuncs(state, functions, 0);
}

}  // namespace moonwire::bindings::chuck
