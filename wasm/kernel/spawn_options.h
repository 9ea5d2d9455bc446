// What a process is started with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/host.h"

namespace moonwire::kernel {

enum class Dialect : std::uint8_t { luasocket, luat, chuck };

struct SpawnOptions {
  std::string path;               // the main script, in the machine's file system
  std::vector<std::string> args;  // arg[1]...
  Dialect dialect = Dialect::luasocket;
  std::vector<std::string> library_folders;  // put before the dialect's own root on package.path
  bool lua51 = false;  // the names of Lua 5.1 besides: module, setfenv, unpack, ...
  bool debug = false;  // socket._DEBUG: stream send and receive give the elapsed seconds too
  // A process that another one started. It writes to that one's console, and its end is not told to
  // the host, which does not know it.
  Pid console = 0;    // whose console; 0: its own
  Pid thread_of = 0;  // a thread: shares this process's descriptors and ends with it
};

}  // namespace moonwire::kernel
