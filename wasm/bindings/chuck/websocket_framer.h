// WebSocket's frames (RFC 6455) as messages: fragments are put together, what the rules forbid is
// refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bindings/chuck/byte_queue.h"
#include "bindings/chuck/framing.h"
#include "lua.h"

namespace moonwire::bindings::chuck {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Whether bytes that come in pieces are UTF-8.
class Utf8Check final {
 public:
  /// @return false as soon as they cannot become UTF-8 any more.
  bool add(std::span<const char> bytes);
  /// Whether the last character is whole.
  bool is_complete() const { return needed_ == 0; }

 private:
  int needed_ = 0;            // bytes of the character under way
  unsigned char low_ = 0x80;  // what its next byte may be
  unsigned char high_ = 0xbf;
};

class WebsocketFramer final {
 public:
  /// A server's frames come masked, a client's do not.
  enum class Role : std::uint8_t { server, client };

  WebsocketFramer(lua_State* state, Role role, std::size_t max);

  Step look(std::span<const char> bytes);
  /// Pushes the message just found: a table with opcode and bytes whose methods the Lua side has.
  void push_message(lua_State* state);

 private:
  struct Head {
    bool is_final;
    bool is_masked;
    Opcode opcode;
    std::size_t size;    // of the head
    std::uint64_t body;  // bytes that follow
    unsigned char mask[4];
  };
  enum class HeadState : std::uint8_t { complete, incomplete, forbidden };

  HeadState read_head(std::span<const char> bytes, Head& head);
  Step refuse(FrameError error);
  Step finish_control(std::size_t done);
  bool append(std::span<const char> body, ByteQueue& to);

  Role role_;
  std::size_t max_;
  Head frame_{};  // the one under way
  bool is_in_frame_ = false;
  std::uint64_t left_ = 0;  // of its body, bytes
  Utf8Check text_;
  ByteQueue message_;  // fragments so far
  ByteQueue control_;  // a control frame's body, which may come between fragments
  Opcode message_opcode_ = Opcode::continuation;  // continuation: none under way
  Opcode found_ = Opcode::continuation;
  FrameError error_ = FrameError::none;
};

/// Adds `websocket_frame(opcode, bytes, mask|nil)` to the table on top.
void add_websocket(lua_State* state);

}  // namespace moonwire::bindings::chuck
