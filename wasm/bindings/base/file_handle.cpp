// Opening, writing and closing of the machine's files, as fopen, fwrite and fclose would.
#include "bindings/base/file_handle.h"

#include <cstring>
#include <new>

#include "kernel/machine.h"
#include "kernel/process.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {
namespace {

using kernel::FileError;

kernel::FileSystem& files_of(lua_State* state) {
  return kernel::process_of(state).machine().files();
}

}  // namespace

FileHandle& push_file_handle(lua_State* state) {
  constexpr int user_values = 1;
  auto* handle = new (lua_newuserdatauv(state, sizeof(FileHandle), user_values)) FileHandle;
  luaL_setmetatable(state, LUA_FILEHANDLE);
  return *handle;
}

FileError open_file(lua_State* state, FileHandle& handle, const char* name, const char* mode) {
  kernel::FileSystem& files = files_of(state);
  const bool updates = std::strchr(mode, '+') != nullptr;
  const char kind = mode[0];
  if (*name == '\0') return FileError::no_entry;
  const std::string path = kernel::process_of(state).file_path(name);

  kernel::Descriptors& descriptors = kernel::process_of(state).descriptors();
  const int descriptor = descriptors.reserve();
  if (descriptor < 0) return FileError::too_many;
  FileError error = FileError::none;
  std::shared_ptr<kernel::FileData> data;
  bool is_directory = false;
  if (kind == 'r') {
    data = files.find(path);
    if (!data) {
      is_directory = !files.list(path).empty();
      error = is_directory && updates ? FileError::is_directory
              : is_directory          ? FileError::none
                                      : FileError::no_entry;
    } else if (updates && data->is_read_only) {
      error = FileError::read_only;
    }
  } else {
    const bool truncate = kind == 'w';
    const bool is_new = !files.find(path);
    data = path.ends_with('/') || std::string_view(name).ends_with('/')
               ? nullptr
               : files.open_for_write(path, truncate, error);
    if (!data && error == FileError::none) error = FileError::is_directory;
    handle.has_unreported_change = error == FileError::none && (truncate || is_new);
  }
  if (error != FileError::none) {
    descriptors.close(descriptor);
    return error;
  }
  handle.kind = is_directory ? FileHandle::Kind::directory : FileHandle::Kind::file;
  handle.can_read = kind == 'r' || updates;
  handle.can_write = kind != 'r' || updates;
  handle.appends = kind == 'a';
  handle.descriptor = descriptor;
  handle.data = std::move(data);
  lua_pushlstring(state, path.data(), path.size());
  lua_setiuservalue(state, -2, 1);
  report_change(state, handle, -1);
  return FileError::none;
}

void report_change(lua_State* state, FileHandle& handle, int index) {
  if (!handle.has_unreported_change) return;
  handle.has_unreported_change = false;
  if (lua_getiuservalue(state, index, 1) == LUA_TSTRING)
    files_of(state).mark_changed(lua_tostring(state, -1));
  lua_pop(state, 1);
}

void close_file(lua_State* state, FileHandle& handle, int index) {
  report_change(state, handle, index);
  kernel::process_of(state).descriptors().close(handle.descriptor);
  handle.kind = FileHandle::Kind::closed;
  handle.descriptor = -1;
  handle.data.reset();
}

FileError write_file(lua_State* state, FileHandle& handle, std::string_view bytes) {
  if (bytes.empty()) return FileError::none;
  std::string& content = handle.data->bytes;
  if (handle.appends) handle.position = content.size();
  const std::size_t end = handle.position + bytes.size();
  if (end < bytes.size()) return FileError::no_space;
  if (end > content.size()) {
    const FileError error = files_of(state).resize(*handle.data, end);
    if (error != FileError::none) return error;
  }
  std::memcpy(content.data() + handle.position, bytes.data(), bytes.size());
  handle.position = end;
  handle.has_unreported_change = true;
  return FileError::none;
}

}  // namespace moonwire::bindings::base
