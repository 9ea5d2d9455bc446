// An open file as scripts hold it (a FILE* of upstream's io): a file of the machine, or one of the
// three standard ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "kernel/file_system.h"
#include "kernel/host.h"

struct lua_State;

namespace moonwire::bindings::base {

/// Lives in a userdata whose user value 1 is the file's path. Bytes are read from and written to
/// the file itself, so there is nothing to flush.
struct FileHandle {
  enum class Kind : std::uint8_t { closed, file, directory, input, output };

  Kind kind = Kind::closed;
  bool can_read = false;
  bool can_write = false;
  bool appends = false;
  bool has_unreported_change = false;
  kernel::OutputStream stream = kernel::OutputStream::standard_output;  // of Kind::output
  int descriptor = -1;                                                  // of Kind::file
  std::size_t position = 0;
  std::shared_ptr<kernel::FileData> data;

  bool is_standard() const { return kind == Kind::input || kind == Kind::output; }
  /// What is left to read of a file.
  std::string_view rest() const {
    if (!data || position >= data->bytes.size()) return {};
    return std::string_view(data->bytes).substr(position);
  }
};

/// Pushes a new closed handle.
FileHandle& push_file_handle(lua_State* state);

/// Opens `name` into a closed handle on the top of the stack. `mode` is fopen's.
kernel::FileError open_file(lua_State* state, FileHandle& handle, const char* name,
                            const char* mode);

/// Frees what a handle of Kind::file or Kind::directory, at `index`, holds.
void close_file(lua_State* state, FileHandle& handle, int index);

/// Writes at the position, or at the end when the handle appends.
kernel::FileError write_file(lua_State* state, FileHandle& handle, std::string_view bytes);

/// Tells the file system that the file at `index` was written; done at flush and close, once for
/// many writes.
void report_change(lua_State* state, FileHandle& handle, int index);

}  // namespace moonwire::bindings::base
