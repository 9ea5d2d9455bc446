#include "bindings/bundle.h"

#include <string>

#include "bindings/bundled_files.h"

namespace moonwire::bindings {

void install_bundle(kernel::FileSystem& files) {
  for (const BundledFile* file = bundled_files; !file->path.empty(); ++file)
    files.put(file->path, std::string(file->bytes), /*read_only=*/true);
}

}  // namespace moonwire::bindings
