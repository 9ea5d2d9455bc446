// One Lua program: its state, its console, its descriptors, its memory. The scheduler runs it; the
// machine owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/descriptors.h"
#include "kernel/host.h"
#include "net/readiness.h"

struct lua_State;

namespace moonwire::kernel {

class Machine;

enum class Dialect : std::uint8_t { luasocket, luat, chuck };

/// What a process waits for: any of the pollables, or the deadline.
struct Wait {
  struct Item {
    net::Pollable* pollable;
    net::Ready interest;
  };
  std::vector<Item> items;
  Micros deadline = never;  // on the steady clock

  static constexpr Micros never = INT64_MAX;
};

/// Standard input of a process: bytes as typed, in order; readable when a byte or the end is there.
class StandardInput final : public net::Pollable {
 public:
  net::Ready ready() const override;
  void append(std::string_view bytes);
  void end();
  bool is_at_end() const { return ended_ && taken_ == bytes_.size(); }
  std::string_view unread() const { return std::string_view(bytes_).substr(taken_); }
  void take(std::size_t count);

 private:
  std::string bytes_;
  std::size_t taken_ = 0;
  bool ended_ = false;
};

class Process final : public net::Watcher {
 public:
  Pid pid() const;
  Machine& machine();
  Dialect dialect() const;
  lua_State* state();
  Descriptors& descriptors();
  StandardInput& input();
  const std::string& name() const;  // argv[0]: the script's path

  /// Sends output to the console. @return false when the host has not taken what was written before
  /// (output_burst_bytes): the writer should park on output() first; the bytes are taken in any
  /// case.
  bool write(OutputStream stream, std::string_view bytes);
  /// Writable when there is room for output.
  net::Pollable& output();

  /// Registers the wait and marks the process parked; the caller then yields (see
  /// bindings/blocking_call.h, the one caller).
  void park(const Wait& wait);
  /// After waking: whether the deadline passed without any pollable becoming ready.
  bool woke_by_deadline() const;

  /// Asks the process to end with this status as soon as the running call returns to the scheduler
  /// (os.exit).
  void request_exit(ExitStatus status);

  std::size_t memory_bytes() const;
  void on_ready(net::Pollable& pollable, net::Ready ready) override;

 private:
  // The kernel's author fills in the rest.
};

/// The process that a Lua state belongs to.
Process& process_of(lua_State* state);

}  // namespace moonwire::kernel
