// A way to the far ends, and the streams on it: plain TCP, a Wisp server, websockify. The work that
// is measured knows no more than this.
#pragma once

#include <functional>
#include <memory>

#include "load/connection.h"

namespace moonwire::load {

/// One stream to a far end on this machine. Destroying it closes it.
class Stream {
 public:
  virtual ~Stream() = default;
  std::function<void(Bytes)> on_bytes;
  /// The other side closed it, or the way broke.
  std::function<void()> on_end;
  std::function<void()> on_room;
  /// False: wait for on_room before more.
  virtual bool send(Bytes bytes) = 0;
};

/// Which far end.
enum class Target { echo, source, sink };

struct Ports {
  std::uint16_t echo = 0;
  std::uint16_t source = 0;
  std::uint16_t sink = 0;
  std::uint16_t of(Target target) const {
    return target == Target::echo ? echo : target == Target::source ? source : sink;
  }
};

/// All streams of one "tab".
class Way {
 public:
  virtual ~Way() = default;
  virtual std::unique_ptr<Stream> open(Target target) = 0;
};

/// A connection each to the ports themselves.
std::unique_ptr<Way> make_tcp_way(Loop& loop, const Ports& far_ends);
/// A WebSocket each; every port is a websockify in front of one far end.
std::unique_ptr<Way> make_websockify_way(Loop& loop, const Ports& bridges);
/// All over one WebSocket, Wisp version 1. Null if the server does not answer.
std::unique_ptr<Way> make_wisp_way(Loop& loop, std::uint16_t server, const Ports& far_ends);

}  // namespace moonwire::load
