// Where the files are that scripts name: not all dialects see the same folders.
#include "kernel/machine.h"
#include "kernel/process.h"

namespace moonwire::kernel {

std::string Process::file_path(std::string_view name) const {
  std::string full = FileSystem::resolve(name);
  if (options_.dialect != Dialect::luat) return full;
  for (const char* const own : {"/project/", "/lib/", "/tmp/", "/companion-"}) {
    if (full.starts_with(own)) return full;
  }
  if (full.starts_with("/lua/")) {
    full.erase(0, 4);
  } else if (full.starts_with("/ldata/")) {
    full.erase(0, 6);
  } else if (full == "/project" || full == "/lua" || full == "/ldata" || full == "/") {
    full.clear();
  }
  return "/project" + full;
}

}  // namespace moonwire::kernel
