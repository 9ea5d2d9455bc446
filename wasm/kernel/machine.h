// Everything inside one instance: processes, files, network, timers. It does nothing until the host
// gives it a turn.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/file_system.h"
#include "kernel/host.h"
#include "kernel/limits.h"
#include "kernel/process.h"
#include "net/network.h"

namespace moonwire::module {
class Module;
}

namespace moonwire::kernel {

/// What one turn left: whether some process could go on at once, and when the next timer is due
/// (steady clock; Wait::never if none).
struct Turn {
  bool has_more = false;
  Micros next_deadline = Wait::never;
};

/// Lua's own words about a file that does not compile.
struct CompileError {
  int line = 0;
  std::string message;
};

struct Census {
  std::size_t processes = 0;
  std::size_t sockets = 0;
  std::size_t timers = 0;
  std::size_t parked = 0;
  std::size_t memory_bytes = 0;
  net::NetworkCensus network;
};

class Machine final {
 public:
  struct Options {
    Limits limits;
    net::Limits network_limits;
    bool preemption = true;  // off only to measure what it costs
    OpenLibraries open_libraries;
  };

  Machine(Host& host, Options options);
  ~Machine();

  /// @return the new process, or nothing and why (no such file, too many processes). A file that
  /// does not compile makes a process that ends with status 1 and says so on standard error, as
  /// `lua FILE` does.
  std::optional<Pid> spawn(const SpawnOptions& options, std::string& why);
  /// Ends a process and all that it started, whatever they do: they never run again, their sockets
  /// are closed at once. One that catches SIGINT hears of a first stop instead, and may end itself.
  void stop(Pid pid);
  /// Sends a signal from one process to another. @return false when there is no such process.
  bool send_signal(Pid pid, int number);
  /// @return false when there is no such process or its input is full.
  bool type(Pid pid, std::string_view bytes);
  void end_input(Pid pid);
  /// The host has shown this many bytes of the process's output.
  void acknowledge_output(Pid pid, std::size_t bytes);

  /// Runs what can run for at most about `budget` of the steady clock, and one slice at least.
  Turn run(Micros budget);
  /// Whether a process could go on at once: true after input came to one that waited for it.
  bool has_runnable() const;

  /// Compiles only.
  std::optional<CompileError> check(std::string_view chunk_name, std::string_view source);

  Host& host();
  FileSystem& files();
  net::Network& network();
  net::Deadlines& deadlines();
  const Limits& limits() const;
  Census census() const;
  Process* find(Pid pid);
  /// In the order of their pids.
  void for_each(const std::function<void(const Process&)>& visit) const;

  /// The virtual module, of which the machine only knows that there may be one: it lives and dies
  /// with the machine.
  module::Module* module() const;
  void set_module(std::shared_ptr<module::Module> module);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace moonwire::kernel
