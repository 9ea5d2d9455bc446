// RFC 6455's frames, the server's side: bytes to a frame or a reason, and the header of a frame to
// be sent. Pure; buffers and sockets are left to the session.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace moonwire::proxy::websocket {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

/// Close codes: RFC 6455's, and ours (proxy/PROTOCOL.md).
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  no_status = 1005,  // never on the wire
  too_big = 1009,
  internal_error = 1011,
  try_again_later = 1013,
  malformed = 4400,
  token = 4401,
  credentials = 4403,  // also what a rule forbids
  too_slow = 4408,
  limit = 4429,
};

/// A whole frame; the payload lies in the bytes it was read from, already unmasked.
struct Frame {
  bool is_final = true;
  Opcode opcode = Opcode::binary;
  std::span<std::byte> payload;
  std::size_t total_bytes = 0;  ///< header and payload: how far to go on
};

/// More is needed. `total_bytes` is the whole frame's size, or a header's as long as it is not
/// known.
struct Incomplete {
  std::size_t total_bytes = 0;
};

struct Violation {
  CloseCode code = CloseCode::protocol_error;
  std::string_view why;
};

/// Reads one frame of a client at the start of `bytes` and unmasks it in place. A payload over
/// `most` is a violation.
std::variant<Frame, Incomplete, Violation> read_frame(std::span<std::byte> bytes, std::size_t most);

/// The longest header a server writes (it never masks).
inline constexpr std::size_t max_header_bytes = 10;
/// The header of a final frame with this payload. `size` tells how much of `bytes` it is.
struct FrameHeader {
  std::array<std::byte, max_header_bytes> bytes{};
  std::size_t size = 0;
};
FrameHeader frame_header(Opcode opcode, std::size_t payload_bytes);

/// What a client says in its close frame. Nothing if the payload breaks the rules.
std::optional<CloseCode> read_close(std::span<const std::byte> payload);
/// The payload of a close frame; the reason is cut to what fits (123 bytes, whole characters).
std::string close_payload(CloseCode code, std::string_view reason);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string accept_key(std::string_view key);

}  // namespace moonwire::proxy::websocket
