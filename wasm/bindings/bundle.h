// The Lua files that come with the machine: upstream LuaSocket's and those below lua_lib, compiled
// in by cmake/bundle.cmake.
#pragma once

#include "kernel/file_system.h"

namespace moonwire::bindings {

/// Puts every bundled file, read only, below /lib/<dialect>.
void install_bundle(kernel::FileSystem& files);

}  // namespace moonwire::bindings
