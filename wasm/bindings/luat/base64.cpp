#include "bindings/luat/base64.h"

#include <cstdint>

namespace moonwire::bindings::luat {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t offset) {
      return at + offset < bytes.size() ? std::uint32_t(std::uint8_t(bytes[at + offset])) : 0u;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    const std::size_t letters = bytes.size() - at >= 3 ? 4 : bytes.size() - at + 1;
    for (std::size_t letter = 0; letter < 4; ++letter) {
      text += letter < letters ? alphabet[group >> (18 - 6 * letter) & 63] : '=';
    }
  }
  return text;
}

std::string base64_decode(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : text) {
    if (letter == '=') break;
    const auto value = alphabet.find(letter);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | std::uint32_t(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count);
  }
  return bytes;
}

}  // namespace moonwire::bindings::luat
