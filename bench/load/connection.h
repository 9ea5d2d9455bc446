// A TCP connection as a client of a measurement sees it: bytes in as they come, bytes out at the
// end of the turn in one write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "load/loop.h"

namespace moonwire::load {

using Bytes = std::span<const std::byte>;

class Connection final : public Watcher {
 public:
  /// To 127.0.0.1. Begins at once; what is sent before it is open waits.
  Connection(Loop& loop, std::uint16_t port);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::function<void(Bytes)> on_bytes;
  /// The peer ended it, or it broke. Called once.
  std::function<void()> on_end;
  /// There is room again after send() said no.
  std::function<void()> on_room;

  /// False: more than `backlog` waits; go on at on_room.
  bool send(Bytes bytes);

  void on_readable() override;
  void on_writable() override;
  void flush() override;

 private:
  static constexpr std::size_t backlog = 1024 * 1024;
  static constexpr std::size_t read_bytes = 256 * 1024;
  void end();

  Loop& loop_;
  int descriptor_;
  std::vector<std::byte> out_;
  std::size_t written_ = 0;
  bool is_connecting_ = false;
  bool is_marked_ = false;
  bool wants_writable_ = false;
  bool was_full_ = false;
  bool has_ended_ = false;
};

/// No waiting for more to send with it.
void send_at_once(int descriptor);
/// A listening socket on 127.0.0.1; `port` 0 becomes the one taken.
int listen_on(std::uint16_t& port);

}  // namespace moonwire::load
