// SHA-1 (RFC 3174) and base64 (RFC 4648).
#include "bindings/chuck/crypt.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "bindings/base/turn.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr std::size_t block_bytes = 64;

class Sha1 {
 public:
  void add_block(const unsigned char* block) {
    std::uint32_t words[80];
    for (int i = 0; i < 16; ++i) {
      words[i] = std::uint32_t(block[i * 4]) << 24 | std::uint32_t(block[i * 4 + 1]) << 16 |
                 std::uint32_t(block[i * 4 + 2]) << 8 | block[i * 4 + 3];
    }
    for (int i = 16; i < 80; ++i) {
      words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    auto [a, b, c, d, e] = state_;
    for (int i = 0; i < 80; ++i) {
      std::uint32_t mix = 0;
      if (i < 20) {
        mix = ((b & c) | (~b & d)) + 0x5a827999;
      } else if (i < 40) {
        mix = (b ^ c ^ d) + 0x6ed9eba1;
      } else if (i < 60) {
        mix = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
      } else {
        mix = (b ^ c ^ d) + 0xca62c1d6;
      }
      const std::uint32_t next = rotate(a, 5) + mix + e + words[i];
      e = d;
      d = c;
      c = rotate(b, 30);
      b = a;
      a = next;
    }
    state_[0] += a;
    state_[1] += b;
    state_[2] += c;
    state_[3] += d;
    state_[4] += e;
  }

  void write(char* digest) const {
    for (int i = 0; i < 20; ++i) digest[i] = static_cast<char>(state_[i / 4] >> (24 - i % 4 * 8));
  }

 private:
  static std::uint32_t rotate(std::uint32_t word, int by) { return word << by | word >> (32 - by); }
  std::array<std::uint32_t, 5> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
};

int sha1(lua_State* state) {
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(luaL_checklstring(state, 1, &size));
  base::charge(size / 4);
  Sha1 hash;
  std::size_t done = 0;
  for (; size - done >= block_bytes; done += block_bytes) hash.add_block(bytes + done);
  unsigned char last[2 * block_bytes] = {};
  const std::size_t rest = size - done;
  std::memcpy(last, bytes + done, rest);
  last[rest] = 0x80;
  const std::size_t blocks = rest + 9 > block_bytes ? 2 : 1;
  std::uint64_t bits = std::uint64_t(size) * 8;
  for (std::size_t i = 1; i <= 8; ++i, bits >>= 8) {
    last[blocks * block_bytes - i] = static_cast<unsigned char>(bits & 0xff);
  }
  for (std::size_t i = 0; i < blocks; ++i) hash.add_block(last + i * block_bytes);
  char digest[20];
  hash.write(digest);
  lua_pushlstring(state, digest, sizeof digest);
  return 1;
}

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_encode(lua_State* state) {
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(luaL_checklstring(state, 1, &size));
  luaL_Buffer text;
  luaL_buffinit(state, &text);
  for (std::size_t at = 0; at < size; at += 3) {
    std::uint32_t three = std::uint32_t(bytes[at]) << 16;
    if (at + 1 < size) three |= std::uint32_t(bytes[at + 1]) << 8;
    if (at + 2 < size) three |= bytes[at + 2];
    luaL_addchar(&text, letters[three >> 18]);
    luaL_addchar(&text, letters[three >> 12 & 63]);
    luaL_addchar(&text, at + 1 < size ? letters[three >> 6 & 63] : '=');
    luaL_addchar(&text, at + 2 < size ? letters[three & 63] : '=');
  }
  luaL_pushresult(&text);
  return 1;
}

/// Characters that belong to no base64 are passed over; the first '=' ends it.
int base64_decode(lua_State* state) {
  std::size_t size = 0;
  const char* given = luaL_checklstring(state, 1, &size);
  luaL_Buffer bytes;
  luaL_buffinit(state, &bytes);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : std::string_view(given, size)) {
    if (letter == '=') break;
    const std::size_t value = letters.find(letter);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    luaL_addchar(&bytes, static_cast<char>(bits >> count & 0xff));
  }
  luaL_pushresult(&bytes);
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"sha1", sha1},
    {"base64_encode", base64_encode},
    {"base64_decode", base64_decode},
    {nullptr, nullptr},
};

}  // namespace

void add_crypt(lua_State* state) {
  luaL_setfuncs(state, functions, 0);
}

}  // namespace moonwire::bindings::chuck
