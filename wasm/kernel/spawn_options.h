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
  bool lua51 = false;  // the names of Lua 5.1 besides: module, setfenv, unpack, ...
  bool debug = false;  // socket._DEBUG: stream send and receive give the elapsed seconds too
};

}  // namespace moonwire::kernel
