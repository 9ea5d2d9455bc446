// The machine's files, in memory: the project's (read and written) and the bundled libraries' (read
// only), under one root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/limits.h"

namespace moonwire::kernel {

/// Why a file operation failed, in errno's meaning; `error_text` and `error_number` give C's words
/// and number.
enum class FileError : unsigned char {
  none,
  no_entry,
  is_directory,
  read_only,
  no_space,
  exists,
  invalid,
  too_many,
  not_directory
};
const char* error_text(FileError error);
int error_number(FileError error);

/// The bytes of one file, shared by name and by those who have it open (a removed file lives on
/// until closed). Only FileSystem changes the length of `bytes`; it counts against the quota as
/// long as the file lives.
struct FileData {
  std::string bytes;
  bool is_read_only = false;
  std::shared_ptr<std::size_t> used;  // the file system's count, null for bundled files

  FileData() = default;
  FileData(const FileData&) = delete;
  FileData& operator=(const FileData&) = delete;
  ~FileData() {
    if (used) *used -= bytes.size();
  }
};

/// What stands elsewhere (on the disk of a machine in Node) at a path that the file system does not
/// hold.
struct SourceEntry {
  enum class Kind : std::uint8_t { nothing, file, read_only_file, folder };
  Kind kind = Kind::nothing;
  std::string bytes;  // of a file
};

/// Paths are '/'-separated; folders exist as long as a file is in them; relative ones are resolved
/// against the project folder, "." and ".." are folded. The project is "/project", bundled
/// libraries are below "/lib/<dialect>", temporary files below "/tmp".
class FileSystem final {
 public:
  explicit FileSystem(const Limits& limits);

  static std::string resolve(std::string_view path);

  /// Asked once for each path that is missing, whenever one is; what it gives comes in as if put. A
  /// file that a script removed does not come back.
  void set_source(std::function<SourceEntry(const std::string& path)> source);

  std::shared_ptr<FileData> find(std::string_view path);
  /// Makes or replaces a file. `read_only` is for bundled ones (they do not count against the
  /// quota).
  FileError put(std::string_view path, std::string bytes, bool read_only = false);
  /// Opens for writing: makes it when missing, empties it if asked.
  std::shared_ptr<FileData> open_for_write(std::string_view path, bool truncate, FileError& error);
  /// Grows or shrinks within the quota.
  FileError resize(FileData& file, std::size_t size);
  /// Why no new file could be made here: `exists` when there is a file or folder already.
  FileError why_not_creatable(std::string_view path);
  FileError remove(std::string_view path);
  /// A folder that is there without a file in it, below one that is.
  FileError make_folder(std::string_view path);
  /// Only an empty one.
  FileError remove_folder(std::string_view path);
  FileError rename(std::string_view from, std::string_view to);
  /// Full paths below a folder, sorted.
  std::vector<std::string> list(std::string_view folder) const;
  /// Paths of project files written, renamed or removed by scripts since the last call.
  std::vector<std::string> take_changed();
  void mark_changed(std::string_view path);
  bool has_changed() const { return !changed_.empty(); }
  std::size_t used_bytes() const;

 private:
  bool is_folder(const std::string& path);
  FileError why_not_writable(const std::string& path);
  void bring_in(const std::string& path);
  std::shared_ptr<FileData> make(const std::string& path, FileError& error);

  Limits limits_;
  std::map<std::string, std::shared_ptr<FileData>, std::less<>> entries_;  // by full path
  std::set<std::string, std::less<>> changed_;
  std::function<SourceEntry(const std::string& path)> source_;
  std::set<std::string, std::less<>> folders_;  // the source's, and those made without a file
  std::set<std::string, std::less<>> removed_;  // while there is a source
  std::shared_ptr<std::size_t> used_ = std::make_shared<std::size_t>(0);
};

}  // namespace moonwire::kernel
