#include "kernel/file_system.h"

#include <utility>

namespace moonwire::kernel {

namespace {

struct ErrorWords {
  const char* text;
  int number;
};

// In the order of FileError: strerror's words and errno's numbers on Linux.
constexpr ErrorWords words[] = {
    {"Success", 0},
    {"No such file or directory", 2},
    {"Is a directory", 21},
    {"Permission denied", 13},
    {"No space left on device", 28},
    {"File exists", 17},
    {"Invalid argument", 22},
    {"Too many open files", 24},
    {"Not a directory", 20},
};

constexpr std::string_view project_folder = "/project";
constexpr std::string_view roots[] = {"/", "/project", "/lib", "/tmp"};

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

const char* error_text(FileError error) {
  return words[static_cast<std::size_t>(error)].text;
}

int error_number(FileError error) {
  return words[static_cast<std::size_t>(error)].number;
}

FileSystem::FileSystem(const Limits& limits) : limits_(limits) {}

std::string FileSystem::resolve(std::string_view path) {
  std::string full;
  if (!path.starts_with('/')) {
    full = project_folder;
  }
  std::size_t begin = 0;
  while (begin <= path.size()) {
    std::size_t end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    const std::string_view part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      full.erase(full.empty() ? 0 : full.rfind('/'));
      continue;
    }
    full += '/';
    full += part;
  }
  return full.empty() ? "/" : full;
}

void FileSystem::set_source(std::function<SourceEntry(const std::string& path)> source) {
  source_ = std::move(source);
}

void FileSystem::bring_in(const std::string& path) {
  if (!source_ || entries_.contains(path) || removed_.contains(path)) return;
  SourceEntry found = source_(path);
  switch (found.kind) {
    using enum SourceEntry::Kind;
    case nothing: return;
    case folder: folders_.insert(path); return;
    case read_only_file: {
      auto file = std::make_shared<FileData>();
      file->bytes = std::move(found.bytes);
      file->is_read_only = true;
      entries_[path] = std::move(file);
      return;
    }
    case file: {
      const std::size_t size = found.bytes.size();
      if (size > limits_.file_bytes || *used_ + size > limits_.file_system_bytes) return;
      FileError error = FileError::none;
      if (const auto made = make(path, error)) {
        made->bytes = std::move(found.bytes);
        *used_ += size;
      }
    }
  }
}

bool FileSystem::is_folder(const std::string& path) {
  for (const std::string_view root : roots) {
    if (path == root) return true;
  }
  bring_in(path);
  if (folders_.contains(path)) return true;
  const std::string prefix = path + "/";
  const auto next = entries_.lower_bound(prefix);
  return next != entries_.end() && next->first.starts_with(prefix);
}

std::shared_ptr<FileData> FileSystem::find(std::string_view path) {
  const std::string full = resolve(path);
  bring_in(full);
  const auto entry = entries_.find(full);
  return entry == entries_.end() ? nullptr : entry->second;
}

FileError FileSystem::why_not_writable(const std::string& path) {
  if (is_folder(path)) return FileError::is_directory;
  const auto entry = entries_.find(path);
  if (entry != entries_.end()) {
    return entry->second->is_read_only ? FileError::read_only : FileError::none;
  }
  const std::string parent = parent_of(path);
  if (entries_.contains(parent)) return FileError::not_directory;
  if (path.starts_with("/lib/") || parent == "/") return FileError::read_only;
  return is_folder(parent) ? FileError::none : FileError::no_entry;
}

FileError FileSystem::why_not_creatable(std::string_view path) {
  const std::string full = resolve(path);
  if (find(full) || is_folder(full)) return FileError::exists;
  return why_not_writable(full);
}

std::shared_ptr<FileData> FileSystem::make(const std::string& path, FileError& error) {
  if (entries_.size() >= limits_.files) {
    error = FileError::no_space;
    return nullptr;
  }
  auto file = std::make_shared<FileData>();
  file->used = used_;
  entries_.emplace(path, file);
  error = FileError::none;
  return file;
}

FileError FileSystem::put(std::string_view path, std::string bytes, bool read_only) {
  const std::string full = resolve(path);
  if (is_folder(full)) return FileError::is_directory;
  if (read_only) {
    auto file = std::make_shared<FileData>();
    file->bytes = std::move(bytes);
    file->is_read_only = true;
    entries_[full] = std::move(file);
    return FileError::none;
  }
  std::shared_ptr<FileData> file = find(full);
  if (file && file->is_read_only) return FileError::read_only;
  const std::size_t before = file ? file->bytes.size() : 0;
  if (bytes.size() > limits_.file_bytes ||
      *used_ - before + bytes.size() > limits_.file_system_bytes) {
    return FileError::no_space;
  }
  FileError error = FileError::none;
  if (!file) file = make(full, error);
  if (!file) return error;
  *used_ += bytes.size() - file->bytes.size();
  file->bytes = std::move(bytes);
  return FileError::none;
}

std::shared_ptr<FileData> FileSystem::open_for_write(std::string_view path, bool truncate,
                                                     FileError& error) {
  const std::string full = resolve(path);
  error = path.ends_with('/') ? FileError::is_directory : why_not_writable(full);
  if (error != FileError::none) return nullptr;
  std::shared_ptr<FileData> file = find(full);
  if (!file) {
    file = make(full, error);
    if (file) mark_changed(full);
  } else if (truncate) {
    resize(*file, 0);
    mark_changed(full);
  }
  return file;
}

FileError FileSystem::resize(FileData& file, std::size_t size) {
  if (file.is_read_only) return FileError::read_only;
  const std::size_t before = file.bytes.size();
  if (size > before) {
    if (size > limits_.file_bytes || *used_ + (size - before) > limits_.file_system_bytes) {
      return FileError::no_space;
    }
  }
  file.bytes.resize(size);
  *used_ += size - before;
  return FileError::none;
}

FileError FileSystem::remove(std::string_view path) {
  const std::string full = resolve(path);
  bring_in(full);
  const auto entry = entries_.find(full);
  if (entry == entries_.end()) {
    return is_folder(full) ? FileError::is_directory : FileError::no_entry;
  }
  if (entry->second->is_read_only) return FileError::read_only;
  entries_.erase(entry);
  if (source_) removed_.insert(full);
  mark_changed(full);
  return FileError::none;
}

FileError FileSystem::make_folder(std::string_view path) {
  const std::string full = resolve(path);
  if (is_folder(full)) return FileError::exists;
  if (const FileError error = why_not_writable(full); error != FileError::none) return error;
  if (entries_.contains(full)) return FileError::exists;
  if (folders_.size() >= limits_.files) return FileError::no_space;
  folders_.insert(full);
  return FileError::none;
}

FileError FileSystem::remove_folder(std::string_view path) {
  const std::string full = resolve(path);
  if (entries_.contains(full)) return FileError::not_directory;
  const std::string prefix = full + "/";
  const auto file = entries_.lower_bound(prefix);
  const auto folder = folders_.lower_bound(prefix);
  if ((file != entries_.end() && file->first.starts_with(prefix)) ||
      (folder != folders_.end() && folder->starts_with(prefix))) {
    return FileError::exists;
  }
  return folders_.erase(full) > 0 ? FileError::none : FileError::no_entry;
}

FileError FileSystem::rename(std::string_view from, std::string_view to) {
  const std::string source = resolve(from);
  const std::string target = resolve(to);
  bring_in(source);
  const auto entry = entries_.find(source);
  if (entry == entries_.end()) {
    return is_folder(source) ? FileError::is_directory : FileError::no_entry;
  }
  if (entry->second->is_read_only) return FileError::read_only;
  if (const FileError error = why_not_writable(target); error != FileError::none) return error;
  if (source == target) return FileError::none;
  std::shared_ptr<FileData> file = std::move(entry->second);
  entries_.erase(entry);
  entries_[target] = std::move(file);
  if (source_) removed_.insert(source);
  mark_changed(source);
  mark_changed(target);
  return FileError::none;
}

std::vector<std::string> FileSystem::list(std::string_view folder) const {
  std::string prefix = resolve(folder);
  if (prefix != "/") prefix += '/';
  std::vector<std::string> paths;
  for (auto entry = entries_.lower_bound(prefix);
       entry != entries_.end() && entry->first.starts_with(prefix); ++entry) {
    paths.push_back(entry->first);
  }
  return paths;
}

std::vector<std::string> FileSystem::take_changed() {
  std::vector<std::string> paths(changed_.begin(), changed_.end());
  changed_.clear();
  return paths;
}

void FileSystem::mark_changed(std::string_view path) {
  std::string full = resolve(path);
  if (full.starts_with("/project/")) changed_.insert(std::move(full));
}

std::size_t FileSystem::used_bytes() const {
  return *used_;
}

}  // namespace moonwire::kernel
