#include "bindings/luat/digest.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace moonwire::bindings::luat {
namespace {

constexpr std::size_t block_size = 64;

std::uint32_t rotate_left(std::uint32_t bits, unsigned distance) {
  return bits << distance | bits >> (32 - distance);
}
std::uint32_t rotate_right(std::uint32_t bits, unsigned distance) {
  return bits >> distance | bits << (32 - distance);
}

std::uint32_t little_endian(const std::uint8_t* from) {
  return from[0] | std::uint32_t{from[1]} << 8 | std::uint32_t{from[2]} << 16 |
         std::uint32_t{from[3]} << 24;
}
std::uint32_t big_endian(const std::uint8_t* from) {
  return from[3] | std::uint32_t{from[2]} << 8 | std::uint32_t{from[1]} << 16 |
         std::uint32_t{from[0]} << 24;
}

/// The first 32 bits of the fractions of the first primes' cube roots.
constexpr std::array<std::uint32_t, 64> sha256_constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/// The sines of MD5's steps.
std::array<std::uint32_t, 64> md5_constants() {
  std::array<std::uint32_t, 64> constants{};
  for (std::size_t step = 0; step < constants.size(); ++step) {
    constants[step] =
        static_cast<std::uint32_t>(std::fabs(std::sin(static_cast<double>(step + 1))) * 4294967296);
  }
  return constants;
}

}  // namespace

Digest::Digest(DigestKind kind) : kind_(kind) {
  if (kind == DigestKind::sha256) {
    state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  } else {
    state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  }
}

void Digest::eat_md5(const std::uint8_t* block) {
  static const std::array<std::uint32_t, 64> sines = md5_constants();
  constexpr unsigned distances[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::uint32_t step = 0; step < 64; ++step) {
    std::uint32_t mixed = 0;
    std::uint32_t word = step;
    switch (step / 16) {
      case 0: mixed = (b & c) | (~b & d); break;
      case 1:
        mixed = (d & b) | (~d & c);
        word = 5 * step + 1;
        break;
      case 2:
        mixed = b ^ c ^ d;
        word = 3 * step + 5;
        break;
      default:
        mixed = c ^ (b | ~d);
        word = 7 * step;
        break;
    }
    const std::uint32_t sum =
        a + mixed + sines[step] + little_endian(block + std::size_t{word % 16} * 4);
    a = d;
    d = c;
    c = b;
    b += rotate_left(sum, distances[step / 16][step % 4]);
  }
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
}

void Digest::eat_sha1(const std::uint8_t* block) {
  constexpr std::uint32_t constants[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
  std::array<std::uint32_t, 80> words;
  for (std::size_t at = 0; at < words.size(); ++at) {
    words[at] =
        at < 16 ? big_endian(block + at * 4)
                : rotate_left(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1);
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t step = 0; step < words.size(); ++step) {
    std::uint32_t mixed = b ^ c ^ d;
    if (step < 20) mixed = (b & c) | (~b & d);
    if (step >= 40 && step < 60) mixed = (b & c) | (b & d) | (c & d);
    const std::uint32_t sum = rotate_left(a, 5) + mixed + e + constants[step / 20] + words[step];
    e = d;
    d = c;
    c = rotate_left(b, 30);
    b = a;
    a = sum;
  }
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
  state_[4] += e;
}

void Digest::eat_sha256(const std::uint8_t* block) {
  std::array<std::uint32_t, 64> words;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (at < 16) {
      words[at] = big_endian(block + at * 4);
      continue;
    }
    const std::uint32_t far = words[at - 15];
    const std::uint32_t near = words[at - 2];
    words[at] = words[at - 16] + words[at - 7] +
                (rotate_right(far, 7) ^ rotate_right(far, 18) ^ far >> 3) +
                (rotate_right(near, 17) ^ rotate_right(near, 19) ^ near >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t step = 0; step < words.size(); ++step) {
    const std::uint32_t first = h +
                                (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
                                ((e & f) ^ (~e & g)) + sha256_constants[step] + words[step];
    const std::uint32_t second = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
                                 ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const std::array<std::uint32_t, 8> after = {a, b, c, d, e, f, g, h};
  for (std::size_t at = 0; at < after.size(); ++at) state_[at] += after[at];
}

void Digest::eat_block(const std::uint8_t* block) {
  switch (kind_) {
    case DigestKind::md5: eat_md5(block); break;
    case DigestKind::sha1: eat_sha1(block); break;
    case DigestKind::sha256: eat_sha256(block); break;
  }
}

void Digest::update(std::string_view bytes) {
  length_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t taken = std::min(bytes.size(), block_size - filled_);
    std::memcpy(block_.data() + filled_, bytes.data(), taken);
    filled_ += taken;
    bytes.remove_prefix(taken);
    if (filled_ < block_size) break;
    eat_block(block_.data());
    filled_ = 0;
  }
}

std::string Digest::finish() {
  const std::uint64_t bits = length_ * 8;
  const bool is_little = kind_ == DigestKind::md5;
  std::string end(1, '\x80');
  end.append((2 * block_size - 9 - filled_) % block_size, '\0');
  for (int at = 0; at < 8; ++at) {
    end += static_cast<char>(bits >> (is_little ? at : 7 - at) * 8);
  }
  update(end);
  const std::size_t words = kind_ == DigestKind::md5 ? 4 : kind_ == DigestKind::sha1 ? 5 : 8;
  std::string result;
  for (std::size_t word = 0; word < words; ++word) {
    for (int at = 0; at < 4; ++at) {
      result += static_cast<char>(state_[word] >> (is_little ? at : 3 - at) * 8);
    }
  }
  return result;
}

std::string digest(DigestKind kind, std::string_view bytes) {
  Digest whole(kind);
  whole.update(bytes);
  return whole.finish();
}

std::string hmac(DigestKind kind, std::string_view bytes, std::string_view key) {
  std::string padded(key.size() > block_size ? digest(kind, key) : std::string(key));
  padded.resize(block_size, '\0');
  const auto keyed = [&](char pad) {
    std::string text = padded;
    for (char& each : text) each = static_cast<char>(each ^ pad);
    return text;
  };
  Digest inner(kind);
  inner.update(keyed(0x36));
  inner.update(bytes);
  return digest(kind, keyed(0x5c) + inner.finish());
}

namespace {

std::uint32_t reflect(std::uint32_t bits, int width) {
  std::uint32_t mirrored = 0;
  for (int at = 0; at < width; ++at) mirrored |= (bits >> at & 1) << (width - 1 - at);
  return mirrored;
}

}  // namespace

std::uint16_t Crc16::of(std::string_view bytes) const {
  std::uint32_t crc = initial;
  for (const char each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    crc ^= (reflects_input ? reflect(byte, 8) : byte) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000) != 0 ? (crc << 1 ^ polynomial) & 0xffff : crc << 1 & 0xffff;
    }
  }
  if (reflects_output) crc = reflect(crc, 16);
  return static_cast<std::uint16_t>(crc ^ final_xor);
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffff'ffff;
  for (const char each : bytes) {
    crc ^= static_cast<std::uint8_t>(each);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb8'8320 : crc >> 1;
  }
  return ~crc;
}

std::uint8_t crc8(std::string_view bytes) {
  std::uint32_t crc = 0xff;
  for (const char each : bytes) {
    crc ^= static_cast<std::uint8_t>(each);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x80) != 0 ? (crc << 1 ^ 0x31) & 0xff : crc << 1 & 0xff;
    }
  }
  return static_cast<std::uint8_t>(crc);
}

}  // namespace moonwire::bindings::luat
