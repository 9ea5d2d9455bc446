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
  bool append(std::span<const char> body, const Head& head, ByteQueue& to);

  Role role_;
  std::size_t max_;
  ByteQueue message_;  // fragments so far
  ByteQueue control_;  // a control frame's body, which may come between fragments
  Opcode message_opcode_ = Opcode::continuation;  // continuation: none under way
  Opcode found_ = Opcode::continuation;
  FrameError error_ = FrameError::none;
};

/// Whether the bytes are UTF-8 throughout.
bool is_utf8(std::span<const char> bytes);

/// Adds `websocket_frame(opcode, bytes, mask|nil)` to the table on top.
void add_websocket(lua_State* state);

}  // namespace moonwire::bindings::chuck
