// What the host must offer the tunnel: message pipes to the outside (WebSockets). And what the host
// tells back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace moonwire::net {

/// One pipe; the tunnel numbers them from 1 and never uses a number twice.
using PipeId = std::uint32_t;

/// Implemented by the host's edge. Calls return at once; what comes of them arrives as
/// UplinkEvents, never inside the call.
class Uplink {
 public:
  /// Opens a WebSocket. `protocols` is a comma-separated Sec-WebSocket-Protocol list, may be empty.
  virtual void open(PipeId pipe, std::string_view url, std::string_view protocols) = 0;
  /// Sends one binary message. The bytes are taken before the call returns.
  virtual void send(PipeId pipe, std::span<const std::byte> message) = 0;
  /// Whether fewer than `limit` bytes wait in the pipe, accepted by send and not yet handed to the
  /// operating system (WebSocket.bufferedAmount). After a no, on_pipe_drained tells of a yes.
  virtual bool has_room(PipeId pipe, std::size_t limit) = 0;
  virtual void close(PipeId pipe) = 0;

 protected:
  ~Uplink() = default;
};

/// Implemented by the tunnel; called by the edge.
class UplinkEvents {
 public:
  virtual void on_pipe_open(PipeId pipe, std::string_view protocol) = 0;
  virtual void on_pipe_message(PipeId pipe, std::span<const std::byte> message) = 0;
  /// There is room again; called only after has_room() had denied it.
  virtual void on_pipe_drained(PipeId pipe) = 0;
  /// Closed by the other side or never opened: WebSocket close code and reason (1006 and "" when
  /// unknown).
  virtual void on_pipe_closed(PipeId pipe, std::uint16_t code, std::string_view reason) = 0;

 protected:
  ~UplinkEvents() = default;
};

}  // namespace moonwire::net
