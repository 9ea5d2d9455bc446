// What a process is started with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moonwire::kernel {

enum class Dialect : std::uint8_t { luasocket, luat, chuck };

struct SpawnOptions {
  std::string path;               // the main script, in the machine's file system
  std::vector<std::string> args;  // arg[1]...
  Dialect dialect = Dialect::luasocket;
  std::vector<std::string> library_folders;  // put before the dialect's own root on package.path
};

}  // namespace moonwire::kernel
