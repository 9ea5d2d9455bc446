// All that the machine asks of the world. Time, chance, output and the uplink come and go here and
// nowhere else, so that the same answers give the same run.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/deadlines.h"
#include "net/uplink.h"

namespace moonwire::kernel {

using Pid = std::uint32_t;
using net::Micros;

enum class OutputStream : std::uint8_t { standard_output = 1, standard_error = 2 };

enum class ExitReason : std::uint8_t {
  finished,  // the main chunk returned: status 0
  error,     // an uncaught error: status 1, traceback on standard error
  exit,      // os.exit
  stopped,   // Stop: status 143
};

struct ExitStatus {
  int status = 0;
  ExitReason reason = ExitReason::finished;
};

class Host {
 public:
  /// Microseconds since the Unix epoch: os.time, socket.gettime.
  virtual Micros wall_clock() = 0;
  /// Microseconds on a clock that never goes back: deadlines, os.clock, slices.
  virtual Micros steady_clock() = 0;
  /// 64 random bits: hash seeds, math.random, ephemeral ports.
  virtual std::uint64_t entropy() = 0;
  /// Output of a process; bytes, not characters.
  virtual void write(Pid pid, OutputStream stream, std::string_view bytes) = 0;
  virtual void exited(Pid pid, ExitStatus status) = 0;
  /// A process began or ceased to wait for standard input.
  virtual void reading(Pid pid, bool waits) = 0;
  /// Doors, tunnel state or project files changed: ask the machine what is new.
  virtual void doors_changed() = 0;
  virtual void tunnel_changed() = 0;
  virtual void files_changed() = 0;
  /// The virtual module's state, UART output or AT trace. Hosts without a bench leave it out.
  virtual void module_changed() {}
  /// null: this host has no outside.
  virtual net::Uplink* uplink() = 0;

 protected:
  ~Host() = default;
};

}  // namespace moonwire::kernel
