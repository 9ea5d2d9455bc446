// Compiling text. Bytecode is refused, for Lua does not check it.
#include "bindings/base/chunk.h"

#include <cstring>

#include "kernel/file_system.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {

int load_bytes(lua_State* state, std::string_view bytes, const char* name, const char* mode) {
  const bool is_binary = !bytes.empty() && bytes.front() == LUA_SIGNATURE[0];
  if (is_binary && (mode == nullptr || std::strchr(mode, 'b') != nullptr)) {
    lua_pushliteral(state,
                    "binary chunks are not loaded here: Lua cannot check that they are safe");
    return LUA_ERRSYNTAX;
  }
  return luaL_loadbufferx(state, bytes.data(), bytes.size(), name, mode);
}

int load_source(lua_State* state, std::string_view source, const char* name, const char* mode) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (source.starts_with(byte_order_mark)) source.remove_prefix(byte_order_mark.size());
  if (source.starts_with('#')) {  // a Unix script's first line; its newline stays, for the numbers
    const auto end = source.find('\n');
    source.remove_prefix(end == std::string_view::npos ? source.size() : end);
  }
  return load_bytes(state, source, name, mode);
}

int load_file(lua_State* state, const char* filename, const char* mode) {
  kernel::Process& process = kernel::process_of(state);
  kernel::FileSystem& files = process.machine().files();
  const std::string path = process.file_path(filename);
  const auto file = files.find(path);
  if (!file) {
    const auto error =
        files.list(path).empty() ? kernel::FileError::no_entry : kernel::FileError::is_directory;
    const char* verb = error == kernel::FileError::no_entry ? "open" : "read";
    lua_pushfstring(state, "cannot %s %s: %s", verb, filename, kernel::error_text(error));
    return LUA_ERRFILE;
  }
  const int status = load_source(state, file->bytes, lua_pushfstring(state, "@%s", filename), mode);
  lua_remove(state, -2);  // the chunk's name
  return status;
}

}  // namespace moonwire::bindings::base
