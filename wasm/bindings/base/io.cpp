// The io library over the machine's files and the process's console. Reading standard input parks
// the process; so does writing when the console is behind.
#include <cctype>
#include <cstring>

#include "bindings/base/base.h"
#include "bindings/base/file_handle.h"
#include "bindings/base/file_result.h"
#include "bindings/blocking_call.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {

int push_file_result(lua_State* state, kernel::FileError error, const char* name) {
  if (error == kernel::FileError::none) {
    lua_pushboolean(state, 1);
    return 1;
  }
  const char* reason = kernel::error_text(error);
  luaL_pushfail(state);
  if (name != nullptr)
    lua_pushfstring(state, "%s: %s", name, reason);
  else
    lua_pushstring(state, reason);
  lua_pushinteger(state, kernel::error_number(error));
  return 3;
}

namespace {

using kernel::FileError;
using kernel::Process;
using Kind = FileHandle::Kind;

// Where the registry keeps the default files, under upstream's names.
constexpr const char* default_input = "_IO_input";
constexpr const char* default_output = "_IO_output";
constexpr std::size_t default_prefix = 4;  // "_IO_"

FileHandle& check_handle(lua_State* state) {
  return *static_cast<FileHandle*>(luaL_checkudata(state, 1, LUA_FILEHANDLE));
}

FileHandle& check_open(lua_State* state) {
  FileHandle& handle = check_handle(state);
  if (handle.kind == Kind::closed) luaL_error(state, "attempt to use a closed file");
  return handle;
}

/// Pushes a default file, which must be open.
FileHandle& push_default(lua_State* state, const char* key) {
  lua_getfield(state, LUA_REGISTRYINDEX, key);
  auto& handle = *static_cast<FileHandle*>(lua_touserdata(state, -1));
  if (handle.kind == Kind::closed)
    luaL_error(state, "default %s file is closed", key + default_prefix);
  return handle;
}

/// A failure that FileError has no name for.
int push_failure(lua_State* state, const char* reason, int number) {
  luaL_pushfail(state);
  lua_pushstring(state, reason);
  lua_pushinteger(state, number);
  return 3;
}
int push_bad_descriptor(lua_State* state) {
  constexpr int ebadf = 9;
  return push_failure(state, "Bad file descriptor", ebadf);
}
int push_illegal_seek(lua_State* state) {
  constexpr int espipe = 29;
  return push_failure(state, "Illegal seek", espipe);
}

// --- opening and closing ---

bool is_mode(const char* mode) {
  if (*mode == '\0' || std::strchr("rwa", *mode) == nullptr) return false;
  ++mode;
  if (*mode == '+') ++mode;
  return std::strspn(mode, "b") == std::strlen(mode);
}

/// Opens a file or raises.
void open_or_raise(lua_State* state, const char* name, const char* mode) {
  FileHandle& handle = push_file_handle(state);
  const FileError error = open_file(state, handle, name, mode);
  if (error != FileError::none)
    luaL_error(state, "cannot open file '%s' (%s)", name, kernel::error_text(error));
}

int io_open(lua_State* state) {
  const char* name = luaL_checkstring(state, 1);
  const char* mode = luaL_optstring(state, 2, "r");
  luaL_argcheck(state, is_mode(mode), 2, "invalid mode");
  FileHandle& handle = push_file_handle(state);
  const FileError error = open_file(state, handle, name, mode);
  return error == FileError::none ? 1 : push_file_result(state, error, name);
}

int io_popen(lua_State* state) {
  luaL_checkstring(state, 1);
  const char* mode = luaL_optstring(state, 2, "r");
  luaL_argcheck(state, (*mode == 'r' || *mode == 'w') && mode[1] == '\0', 2, "invalid mode");
  return luaL_error(state, "'popen' not supported");
}

int io_tmpfile(lua_State* state) {
  kernel::FileSystem& files = kernel::process_of(state).machine().files();
  const auto chance = kernel::process_of(state).machine().host().entropy();
  const char* name = lua_pushfstring(state, "/tmp/file_%I", static_cast<lua_Integer>(chance >> 1));
  FileHandle& handle = push_file_handle(state);
  const FileError error = open_file(state, handle, name, "w+");
  if (error != FileError::none) return push_file_result(state, error, nullptr);
  files.remove(name);  // it lives until it is closed
  lua_pushnil(state);
  lua_setiuservalue(state, -2, 1);
  return 1;
}

/// Closes the handle at index 1.
int close_handle(lua_State* state, FileHandle& handle) {
  if (handle.is_standard()) {
    luaL_pushfail(state);
    lua_pushliteral(state, "cannot close standard file");
    return 2;
  }
  close_file(state, handle, 1);
  lua_pushboolean(state, 1);
  return 1;
}

int file_close(lua_State* state) {
  return close_handle(state, check_open(state));
}

int io_close(lua_State* state) {
  if (lua_isnone(state, 1)) lua_getfield(state, LUA_REGISTRYINDEX, default_output);
  return file_close(state);
}

int file_collect(lua_State* state) {
  FileHandle& handle = check_handle(state);
  if (handle.kind != Kind::closed && !handle.is_standard()) close_file(state, handle, 1);
  return 0;
}

int file_tostring(lua_State* state) {
  const FileHandle& handle = check_handle(state);
  if (handle.kind == Kind::closed)
    lua_pushliteral(state, "file (closed)");
  else
    lua_pushfstring(state, "file (%p)", static_cast<const void*>(&handle));
  return 1;
}

int io_type(lua_State* state) {
  luaL_checkany(state, 1);
  const auto* handle = static_cast<FileHandle*>(luaL_testudata(state, 1, LUA_FILEHANDLE));
  if (handle == nullptr)
    luaL_pushfail(state);
  else
    lua_pushstring(state, handle->kind == Kind::closed ? "closed file" : "file");
  return 1;
}

int choose_default(lua_State* state, const char* key, const char* mode) {
  if (!lua_isnoneornil(state, 1)) {
    if (const char* name = lua_tostring(state, 1)) {
      open_or_raise(state, name, mode);
    } else {
      check_open(state);
      lua_pushvalue(state, 1);
    }
    lua_setfield(state, LUA_REGISTRYINDEX, key);
  }
  lua_getfield(state, LUA_REGISTRYINDEX, key);
  return 1;
}

int io_input(lua_State* state) {
  return choose_default(state, default_input, "r");
}

int io_output(lua_State* state) {
  return choose_default(state, default_output, "w");
}

// --- reading ---
//
// The stack of a read: 1 the file, 2 what standard input gave so far for the format at work (nil, a
// string, or a table of pieces with their total length at [0]), then the formats, then the results.
// The context is the stack index of the format at work. The bytes are taken as they come, because a
// process is woken by new ones only.

constexpr int file_slot = 1;
constexpr int pieces_slot = 2;
constexpr int first_format = 3;

enum class Got : std::uint8_t { item, nothing, must_wait };

void forget_pieces(lua_State* state) {
  lua_pushnil(state);
  lua_replace(state, pieces_slot);
}

std::size_t pieces_size(lua_State* state) {
  if (!lua_istable(state, pieces_slot)) return 0;
  lua_rawgeti(state, pieces_slot, 0);
  const auto size = static_cast<std::size_t>(lua_tointeger(state, -1));
  lua_pop(state, 1);
  return size;
}

/// Takes bytes of standard input that are not yet the whole item.
void keep_piece(lua_State* state, kernel::StandardInput& input, std::size_t count) {
  if (count == 0) return;
  const std::size_t size = pieces_size(state) + count;
  if (!lua_istable(state, pieces_slot)) {
    lua_newtable(state);
    lua_replace(state, pieces_slot);
  }
  lua_pushlstring(state, input.unread().data(), count);
  input.take(count);
  lua_rawseti(state, pieces_slot, static_cast<lua_Integer>(lua_rawlen(state, pieces_slot)) + 1);
  lua_pushinteger(state, static_cast<lua_Integer>(size));
  lua_rawseti(state, pieces_slot, 0);
}

/// Pushes the pieces and `tail` as one string and forgets them.
void push_pieces(lua_State* state, std::string_view tail) {
  if (!lua_istable(state, pieces_slot)) {
    lua_pushlstring(state, tail.data(), tail.size());
    return;
  }
  luaL_Buffer whole;
  luaL_buffinitsize(state, &whole, pieces_size(state) + tail.size());
  const auto count = static_cast<lua_Integer>(lua_rawlen(state, pieces_slot));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(state, pieces_slot, i);
    luaL_addvalue(&whole);
  }
  luaL_addlstring(&whole, tail.data(), tail.size());
  luaL_pushresult(&whole);
  forget_pieces(state);
}

Got read_line_of_input(lua_State* state, kernel::StandardInput& input, bool keeps_newline) {
  const std::string_view unread = input.unread();
  const auto newline = unread.find('\n');
  if (newline != std::string_view::npos) {
    push_pieces(state, unread.substr(0, newline + (keeps_newline ? 1 : 0)));
    input.take(newline + 1);
    return Got::item;
  }
  keep_piece(state, input, unread.size());
  if (!input.is_at_end()) return Got::must_wait;
  const bool has_some = pieces_size(state) > 0;
  push_pieces(state, {});
  return has_some ? Got::item : Got::nothing;
}

Got read_line(lua_State* state, FileHandle& handle, bool keeps_newline) {
  if (handle.kind == Kind::input)
    return read_line_of_input(state, kernel::process_of(state).input(), keeps_newline);
  const std::string_view rest = handle.rest();
  const auto newline = rest.find('\n');
  const bool is_whole = newline != std::string_view::npos;
  const std::size_t taken = is_whole ? newline + 1 : rest.size();
  lua_pushlstring(state, rest.data(), taken - (is_whole && !keeps_newline ? 1 : 0));
  handle.position += taken;
  return taken > 0 ? Got::item : Got::nothing;
}

Got read_all(lua_State* state, FileHandle& handle) {
  if (handle.kind == Kind::input) {
    kernel::StandardInput& input = kernel::process_of(state).input();
    keep_piece(state, input, input.unread().size());
    if (!input.is_at_end()) return Got::must_wait;
    push_pieces(state, {});
    return Got::item;
  }
  const std::string_view rest = handle.rest();
  lua_pushlstring(state, rest.data(), rest.size());
  handle.position += rest.size();
  return Got::item;
}

Got read_characters(lua_State* state, FileHandle& handle, std::size_t count) {
  if (handle.kind == Kind::input) {
    kernel::StandardInput& input = kernel::process_of(state).input();
    const std::size_t missing = count - pieces_size(state);
    if (count > 0 && missing <= input.unread().size()) {
      push_pieces(state, input.unread().substr(0, missing));
      input.take(missing);
      return Got::item;
    }
    if (count == 0 && !input.unread().empty()) {
      lua_pushliteral(state, "");
      return Got::item;
    }
    keep_piece(state, input, input.unread().size());
    if (!input.is_at_end()) return Got::must_wait;
    const bool has_some = pieces_size(state) > 0;
    push_pieces(state, {});
    return has_some ? Got::item : Got::nothing;
  }
  const std::string_view rest = handle.rest();
  const std::string_view part = rest.substr(0, count);
  lua_pushlstring(state, part.data(), part.size());
  handle.position += part.size();
  return rest.empty() ? Got::nothing : Got::item;
}

/// Reads the longest prefix of a numeral, as upstream does, from text that may not be whole yet.
class NumeralScanner {
 public:
  explicit NumeralScanner(std::string_view text) : text_(text) {}

  void scan() {
    accept_one_of("+-");
    int digits = 0;
    bool is_hexadecimal = false;
    if (accept_one_of("00")) {
      if (accept_one_of("xX"))
        is_hexadecimal = true;
      else
        digits = 1;
    }
    digits += accept_digits(is_hexadecimal);
    if (accept_one_of("..")) digits += accept_digits(is_hexadecimal);
    if (digits > 0 && accept_one_of(is_hexadecimal ? "pP" : "eE")) {
      accept_one_of("-+");
      accept_digits(false);
    }
  }
  std::size_t accepted() const { return accepted_; }
  /// The next character was looked for and is not there yet.
  bool ran_out() const { return ran_out_; }
  bool is_too_long() const { return is_too_long_; }

  static constexpr std::size_t longest = 200;  // upstream's L_MAXLENNUM

 private:
  bool has_next() {
    if (accepted_ < text_.size()) return true;
    ran_out_ = true;
    return false;
  }
  bool accept() {
    if (accepted_ >= longest) {
      is_too_long_ = true;
      return false;
    }
    ++accepted_;
    return true;
  }
  bool accept_one_of(const char* two) {
    return has_next() && (text_[accepted_] == two[0] || text_[accepted_] == two[1]) && accept();
  }
  int accept_digits(bool is_hexadecimal) {
    int count = 0;
    while (has_next()) {
      const auto next = static_cast<unsigned char>(text_[accepted_]);
      if ((is_hexadecimal ? std::isxdigit(next) : std::isdigit(next)) == 0 || !accept()) break;
      ++count;
    }
    return count;
  }

  std::string_view text_;
  std::size_t accepted_ = 0;
  bool ran_out_ = false;
  bool is_too_long_ = false;
};

/// Pushes the number that a scanned numeral means, or nil.
Got push_number(lua_State* state, std::string_view numeral, bool is_too_long) {
  char text[NumeralScanner::longest + 1];
  text[numeral.copy(text, NumeralScanner::longest)] = '\0';
  if (!is_too_long && lua_stringtonumber(state, text) != 0) return Got::item;
  lua_pushnil(state);
  return Got::nothing;
}

std::size_t leading_spaces(std::string_view text) {
  const auto first = text.find_first_not_of(" \f\n\r\t\v");
  return first == std::string_view::npos ? text.size() : first;
}

Got read_number_of_input(lua_State* state, kernel::StandardInput& input) {
  // Slot 2 holds the part of the numeral that was taken already.
  const bool has_part = lua_isstring(state, pieces_slot) != 0;
  if (!has_part) input.take(leading_spaces(input.unread()));
  char text[2 * NumeralScanner::longest];
  std::size_t part_size = 0;
  if (has_part) {
    const char* part = lua_tolstring(state, pieces_slot, &part_size);
    std::memcpy(text, part, part_size);
  }
  const std::size_t added = input.unread().copy(text + part_size, sizeof text - part_size);
  NumeralScanner scanner{{text, part_size + added}};
  scanner.scan();
  input.take(scanner.accepted() - part_size);
  if (scanner.ran_out() && !input.is_at_end()) {
    if (scanner.accepted() > 0) {
      lua_pushlstring(state, text, scanner.accepted());
      lua_replace(state, pieces_slot);
    }
    return Got::must_wait;
  }
  forget_pieces(state);
  return push_number(state, {text, scanner.accepted()}, scanner.is_too_long());
}

Got read_number(lua_State* state, FileHandle& handle) {
  if (handle.kind == Kind::input)
    return read_number_of_input(state, kernel::process_of(state).input());
  handle.position += leading_spaces(handle.rest());
  const std::string_view rest = handle.rest();
  NumeralScanner scanner{rest};
  scanner.scan();
  handle.position += scanner.accepted();
  return push_number(state, rest.substr(0, scanner.accepted()), scanner.is_too_long());
}

Got read_item(lua_State* state, FileHandle& handle, int format) {
  if (lua_type(state, format) == LUA_TNUMBER)
    return read_characters(state, handle, static_cast<std::size_t>(lua_tointeger(state, format)));
  const char* name = lua_tostring(state, format);
  if (*name == '*') ++name;
  switch (*name) {
    case 'n': return read_number(state, handle);
    case 'l': return read_line(state, handle, false);
    case 'L': return read_line(state, handle, true);
    default: return read_all(state, handle);
  }
}

/// Raises for what is not a format. `shift`: by how much the caller moved its arguments.
void check_formats(lua_State* state, int first, int shift) {
  const int last = lua_gettop(state);
  for (int index = first; index <= last; ++index) {
    if (lua_type(state, index) == LUA_TNUMBER) {
      luaL_checkinteger(state, index);
      continue;
    }
    const char* name = lua_tostring(state, index);
    if (name == nullptr) luaL_checkstring(state, index);  // raises
    if (*name == '*') ++name;
    if (*name == '\0' || std::strchr("nlLa", *name) == nullptr)
      luaL_argerror(state, index - shift, "invalid format");
  }
}

/// Reads from the format at stack index `format` on. @return the number of results on the top, or
/// -1 when it must wait; `format` then says where to go on.
int read_formats(lua_State* state, int& format) {
  auto& handle = *static_cast<FileHandle*>(lua_touserdata(state, file_slot));
  if (handle.kind == Kind::closed) return luaL_error(state, "attempt to use a closed file");
  if (!handle.can_read) return push_bad_descriptor(state);
  if (handle.kind == Kind::directory)
    return push_file_result(state, FileError::is_directory, nullptr);
  const int results = format - first_format;
  const int last = lua_gettop(state) - results;  // of the formats
  for (; format <= last; ++format) {
    const Got got = read_item(state, handle, format);
    if (got == Got::must_wait) return -1;
    if (got == Got::nothing) {
      lua_pop(state, 1);
      luaL_pushfail(state);
      return format - first_format + 1;
    }
  }
  return last - first_format + 1;
}

int park_for_input(lua_State* state, int format, lua_KFunction resume) {
  return park_on(state, kernel::process_of(state).input(), net::Ready::readable,
                 kernel::Wait::never, format, resume, "read");
}

int continue_read(lua_State* state, int, lua_KContext context) {
  int format = static_cast<int>(context);
  const int count = read_formats(state, format);
  return count >= 0 ? count : park_for_input(state, format, continue_read);
}

/// Reads what the formats above index 2 ask for.
int start_read(lua_State* state) {
  if (lua_gettop(state) < first_format) lua_pushliteral(state, "l");
  luaL_checkstack(state, lua_gettop(state) + LUA_MINSTACK, "too many arguments");
  return continue_read(state, LUA_OK, first_format);
}

int file_read(lua_State* state) {
  check_open(state);
  check_formats(state, 2, 0);
  lua_pushnil(state);
  lua_insert(state, pieces_slot);
  return start_read(state);
}

int io_read(lua_State* state) {
  check_formats(state, 1, 0);
  push_default(state, default_input);
  lua_insert(state, file_slot);
  lua_pushnil(state);
  lua_insert(state, pieces_slot);
  return start_read(state);
}

// --- lines ---

constexpr int most_line_formats = 250;  // they become upvalues

// Upvalues of an iterator.
constexpr int line_file = 1;
constexpr int line_format_count = 2;
constexpr int line_closes = 3;

int finish_line(lua_State* state, int count) {
  if (lua_toboolean(state, -count) != 0) return count;
  if (count > 1) return luaL_error(state, "%s", lua_tostring(state, -count + 1));
  if (lua_toboolean(state, lua_upvalueindex(line_closes)) != 0) {
    lua_settop(state, 0);
    lua_pushvalue(state, lua_upvalueindex(line_file));
    close_handle(state, check_handle(state));
  }
  return 0;
}

int continue_line(lua_State* state, int, lua_KContext context) {
  int format = static_cast<int>(context);
  const int count = read_formats(state, format);
  return count >= 0 ? finish_line(state, count) : park_for_input(state, format, continue_line);
}

int next_line(lua_State* state) {
  const auto* handle = static_cast<FileHandle*>(lua_touserdata(state, lua_upvalueindex(line_file)));
  if (handle->kind == Kind::closed) return luaL_error(state, "file is already closed");
  const auto count = static_cast<int>(lua_tointeger(state, lua_upvalueindex(line_format_count)));
  lua_settop(state, 0);
  luaL_checkstack(state, 2 * count + LUA_MINSTACK, "too many arguments");
  lua_pushvalue(state, lua_upvalueindex(line_file));
  for (int i = 1; i <= count; ++i) lua_pushvalue(state, lua_upvalueindex(line_closes + i));
  check_formats(state, 2, 0);
  lua_pushnil(state);
  lua_insert(state, pieces_slot);
  if (count == 0) lua_pushliteral(state, "l");
  return continue_line(state, LUA_OK, first_format);
}

/// Makes the iterator of the file at 1 with the formats behind it.
void push_line_iterator(lua_State* state, bool closes) {
  const int count = lua_gettop(state) - 1;
  luaL_argcheck(state, count <= most_line_formats, most_line_formats + 2, "too many arguments");
  lua_pushvalue(state, 1);
  lua_pushinteger(state, count);
  lua_pushboolean(state, closes ? 1 : 0);
  lua_rotate(state, 2, 3);
  lua_pushcclosure(state, next_line, 3 + count);
}

int file_lines(lua_State* state) {
  check_open(state);
  push_line_iterator(state, false);
  return 1;
}

int io_lines(lua_State* state) {
  if (lua_isnone(state, 1)) lua_pushnil(state);
  if (lua_isnil(state, 1)) {
    lua_getfield(state, LUA_REGISTRYINDEX, default_input);
    lua_replace(state, 1);
    check_open(state);
    push_line_iterator(state, false);
    return 1;
  }
  open_or_raise(state, luaL_checkstring(state, 1), "r");
  lua_replace(state, 1);
  push_line_iterator(state, true);
  lua_pushnil(state);
  lua_pushnil(state);
  lua_pushvalue(state, 1);  // to be closed with the loop
  return 4;
}

// --- writing ---

int return_file(lua_State*, int, lua_KContext) {
  return 1;  // it is on the top
}

int flush_done(lua_State* state, int, lua_KContext) {
  lua_pushboolean(state, 1);
  return 1;
}

/// Waits, where it can, until the console has room; `name` is the call's.
int wait_for_console(lua_State* state, lua_KFunction resume, const char* name) {
  if (!kernel::process_of(state).can_suspend(state)) return resume(state, LUA_OK, 0);
  return park_on(state, kernel::process_of(state).output(), net::Ready::writable,
                 kernel::Wait::never, 0, resume, name);
}

/// Writes the values from `first` up to the file, which is on the top.
int write_values(lua_State* state, FileHandle& handle, int first) {
  constexpr std::size_t number_size = 64;
  const int last = lua_gettop(state) - 1;
  Process& process = kernel::process_of(state);
  bool has_room = true;
  for (int index = first; index <= last; ++index) {
    std::size_t size = 0;
    char number[number_size];
    const char* bytes = number;
    if (lua_type(state, index) != LUA_TNUMBER)
      bytes = luaL_checklstring(state, index, &size);
    else if (lua_isinteger(state, index) != 0)
      size = static_cast<std::size_t>(
          lua_integer2str(number, number_size, lua_tointeger(state, index)));
    else  // without the ".0" that tostring adds
      size =
          static_cast<std::size_t>(lua_number2str(number, number_size, lua_tonumber(state, index)));
    if (!handle.can_write) return push_bad_descriptor(state);
    if (handle.kind == Kind::output) {
      has_room = process.write(handle.stream, {bytes, size}) && has_room;
    } else {
      const FileError error = write_file(state, handle, {bytes, size});
      if (error != FileError::none) return push_file_result(state, error, nullptr);
    }
  }
  return has_room ? 1 : wait_for_console(state, return_file, "write");
}

int file_write(lua_State* state) {
  FileHandle& handle = check_open(state);
  lua_pushvalue(state, 1);
  return write_values(state, handle, 2);
}

int io_write(lua_State* state) {
  FileHandle& handle = push_default(state, default_output);
  return write_values(state, handle, 1);
}

int file_flush(lua_State* state) {
  FileHandle& handle = check_open(state);
  if (handle.kind == Kind::file) report_change(state, handle, 1);
  return flush_done(state, LUA_OK, 0);
}

int io_flush(lua_State* state) {
  FileHandle& handle = push_default(state, default_output);
  if (handle.kind == Kind::file) report_change(state, handle, -1);
  return flush_done(state, LUA_OK, 0);
}

int file_seek(lua_State* state) {
  static const char* const names[] = {"set", "cur", "end", nullptr};
  FileHandle& handle = check_open(state);
  const int from = luaL_checkoption(state, 2, "cur", names);
  const lua_Integer offset = luaL_optinteger(state, 3, 0);
  if (handle.kind != Kind::file) return push_illegal_seek(state);
  const auto size = static_cast<lua_Integer>(handle.data->bytes.size());
  const auto position = static_cast<lua_Integer>(handle.position);
  const lua_Integer origin = from == 0 ? 0 : from == 1 ? position : size;
  // Sizes are small, so only an offset near the ends of the range could overflow.
  const bool is_valid =
      offset >= -origin && offset <= static_cast<lua_Integer>(PTRDIFF_MAX) - origin;
  if (!is_valid) return push_file_result(state, FileError::invalid, nullptr);
  handle.position = static_cast<std::size_t>(origin + offset);
  lua_pushinteger(state, origin + offset);
  return 1;
}

int file_setvbuf(lua_State* state) {
  static const char* const names[] = {"no", "full", "line", nullptr};
  check_open(state);
  luaL_checkoption(state, 2, nullptr, names);
  luaL_optinteger(state, 3, LUAL_BUFFERSIZE);
  lua_pushboolean(state, 1);  // every write is seen at once, which each of the three allows
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"close", io_close}, {"flush", io_flush},     {"input", io_input}, {"lines", io_lines},
    {"open", io_open},   {"output", io_output},   {"popen", io_popen}, {"read", io_read},
    {"type", io_type},   {"tmpfile", io_tmpfile}, {"write", io_write}, {nullptr, nullptr},
};

constexpr luaL_Reg methods[] = {
    {"read", file_read}, {"write", file_write}, {"lines", file_lines},     {"flush", file_flush},
    {"seek", file_seek}, {"close", file_close}, {"setvbuf", file_setvbuf}, {nullptr, nullptr},
};

constexpr luaL_Reg metamethods[] = {
    {"__index", nullptr},          {"__gc", file_collect}, {"__close", file_collect},
    {"__tostring", file_tostring}, {nullptr, nullptr},
};

void add_standard_file(lua_State* state, FileHandle standard, const char* name,
                       const char* default_key) {
  push_file_handle(state) = std::move(standard);
  if (default_key != nullptr) {
    lua_pushvalue(state, -1);
    lua_setfield(state, LUA_REGISTRYINDEX, default_key);
  }
  lua_setfield(state, -2, name);
}

}  // namespace

int open_io(lua_State* state) {
  using kernel::OutputStream;
  luaL_newlib(state, functions);
  luaL_newmetatable(state, LUA_FILEHANDLE);
  luaL_setfuncs(state, metamethods, 0);
  luaL_newlib(state, methods);
  lua_setfield(state, -2, "__index");
  lua_pop(state, 1);
  add_standard_file(state, {.kind = Kind::input, .can_read = true, .data = {}}, "stdin",
                    default_input);
  add_standard_file(state,
                    {.kind = Kind::output,
                     .can_write = true,
                     .stream = OutputStream::standard_output,
                     .data = {}},
                    "stdout", default_output);
  add_standard_file(
      state,
      {.kind = Kind::output, .can_write = true, .stream = OutputStream::standard_error, .data = {}},
      "stderr", nullptr);
  return 1;
}

}  // namespace moonwire::bindings::base
