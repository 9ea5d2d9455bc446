// Headers, masks and the handshake's digest.
#include "proxy/websocket_frame.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

namespace moonwire::proxy::websocket {
namespace {

void unmask(std::span<std::byte> payload, std::array<std::byte, 4> key) {
  std::uint64_t wide = 0;
  std::memcpy(&wide, key.data(), 4);
  std::memcpy(reinterpret_cast<std::byte*>(&wide) + 4, key.data(), 4);
  std::size_t i = 0;
  for (; i + 8 <= payload.size(); i += 8) {
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, payload.data() + i, 8);
    chunk ^= wide;
    std::memcpy(payload.data() + i, &chunk, 8);
  }
  for (; i < payload.size(); ++i) payload[i] ^= key[i % 4];
}

bool is_control(Opcode opcode) {
  return (static_cast<unsigned>(opcode) & 0x8U) != 0;
}

std::optional<std::string_view> complaint(unsigned first, unsigned second) {
  if ((first & 0x70U) != 0) return "reserved bits set";
  const unsigned opcode = first & 0x0fU;
  if ((opcode > 2 && opcode < 8) || opcode > 10) return "unknown opcode";
  if ((second & 0x80U) == 0) return "a client's frame without a mask";
  if (is_control(static_cast<Opcode>(opcode)) && ((first & 0x80U) == 0 || (second & 0x7fU) > 125)) {
    return "a control frame in pieces or over 125 bytes";
  }
  return std::nullopt;
}

}  // namespace

std::variant<Frame, Incomplete, Violation> read_frame(std::span<std::byte> bytes,
                                                      std::size_t most) {
  if (bytes.size() < 2) return Incomplete{6};
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint64_t>(bytes[i]); };
  if (const auto why = complaint(static_cast<unsigned>(at(0)), static_cast<unsigned>(at(1)))) {
    return Violation{CloseCode::protocol_error, *why};
  }
  std::uint64_t length = at(1) & 0x7fU;
  const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  const std::size_t header = 2 + length_bytes + 4;
  if (bytes.size() < header) return Incomplete{header};
  if (length_bytes > 0) {
    length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8 | at(2 + i);
    const bool is_shortest = length_bytes == 2 ? length > 125 : length > 0xffff;
    if (!is_shortest)
      return Violation{CloseCode::protocol_error, "a length not in its shortest form"};
  }
  if (length > most) return Violation{CloseCode::too_big, "message too big"};
  const std::size_t total = header + static_cast<std::size_t>(length);
  if (bytes.size() < total) return Incomplete{total};
  std::array<std::byte, 4> key{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(header - 4), 4, key.begin());
  const auto payload = bytes.subspan(header, static_cast<std::size_t>(length));
  unmask(payload, key);
  return Frame{(at(0) & 0x80U) != 0, static_cast<Opcode>(at(0) & 0x0fU), payload, total};
}

FrameHeader frame_header(Opcode opcode, std::size_t payload_bytes) {
  FrameHeader header;
  const auto put = [&header](std::size_t value) {
    header.bytes[header.size++] = static_cast<std::byte>(value & 0xff);
  };
  put(0x80U | static_cast<unsigned>(opcode));
  if (payload_bytes < 126) {
    put(payload_bytes);
  } else if (payload_bytes <= 0xffff) {
    put(126);
    put(payload_bytes >> 8);
    put(payload_bytes);
  } else {
    put(127);
    for (int shift = 56; shift >= 0; shift -= 8) put(payload_bytes >> shift);
  }
  return header;
}

std::optional<CloseCode> read_close(std::span<const std::byte> payload) {
  if (payload.empty()) return CloseCode::no_status;
  if (payload.size() == 1) return std::nullopt;
  const unsigned code =
      std::to_integer<unsigned>(payload[0]) << 8 | std::to_integer<unsigned>(payload[1]);
  const bool is_defined =
      code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  const bool is_private = code >= 3000 && code <= 4999;
  if (!is_defined && !is_private) return std::nullopt;
  return static_cast<CloseCode>(code);
}

std::string close_payload(CloseCode code, std::string_view reason) {
  constexpr std::size_t most = 123;
  if (reason.size() > most) {
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0U) == 0x80U) --end;
    reason = reason.substr(0, end);
  }
  std::string payload;
  payload += static_cast<char>(static_cast<unsigned>(code) >> 8);
  payload += static_cast<char>(static_cast<unsigned>(code) & 0xffU);
  payload += reason;
  return payload;
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

}  // namespace moonwire::proxy::websocket
