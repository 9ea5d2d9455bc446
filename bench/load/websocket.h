// A client's WebSocket: binary messages out, payloads in as they come, in pieces. The mask is zero:
// the proxies unmask all the same, and a client's own cost of masking is none of theirs.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "load/connection.h"

namespace moonwire::load {

class WebSocket {
 public:
  /// `protocol` may be empty: none is offered.
  WebSocket(Loop& loop, std::uint16_t port, std::string_view path, std::string_view protocol);

  /// A piece of a message's payload; `is_last` with the message's last piece.
  std::function<void(Bytes piece, bool is_last)> on_piece;
  std::function<void()> on_end;
  std::function<void()> on_room;

  /// One message of two parts; before the handshake was answered it waits. False: wait for on_room
  /// before more.
  bool send(Bytes head, Bytes body);
  bool is_open() const { return is_open_; }
  bool has_failed() const { return has_failed_; }

 private:
  void take(Bytes bytes);
  void take_frames(Bytes bytes);
  bool take_header(Bytes& bytes);

  Connection connection_;
  std::string answer_;
  std::vector<std::byte> early_;  // sent before the handshake was answered
  bool is_open_ = false;
  bool has_failed_ = false;
  std::array<std::byte, 10> header_{};
  std::size_t header_size_ = 0;
  std::uint64_t left_ = 0;  // of the payload
  bool in_payload_ = false;
  bool is_control_ = false;
};

}  // namespace moonwire::load
