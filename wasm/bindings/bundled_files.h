// The table that cmake/bundle.cmake writes.
#pragma once

#include <string_view>

namespace moonwire::bindings {

struct BundledFile {
  std::string_view path;  // in the machine; empty behind the last one
  std::string_view bytes;
};

extern const BundledFile bundled_files[];

}  // namespace moonwire::bindings
