// Hashes and checksums over bytes that may come in pieces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace moonwire::bindings::luat {

enum class DigestKind : std::uint8_t { md5, sha1, sha256 };

/// One hash over all that update() was given.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  void update(std::string_view bytes);
  /// The hash as bytes; nothing may follow.
  std::string finish();

 private:
  void eat_block(const std::uint8_t* block);
  void eat_md5(const std::uint8_t* block);
  void eat_sha1(const std::uint8_t* block);
  void eat_sha256(const std::uint8_t* block);

  DigestKind kind_;
  std::array<std::uint32_t, 8> state_{};
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t length_ = 0;
};

std::string digest(DigestKind kind, std::string_view bytes);
/// RFC 2104.
std::string hmac(DigestKind kind, std::string_view bytes, std::string_view key);

/// How a 16-bit checksum is made.
struct Crc16 {
  std::uint16_t polynomial = 0;
  std::uint16_t initial = 0;
  std::uint16_t final_xor = 0;
  bool reflects_input = false;
  bool reflects_output = false;

  std::uint16_t of(std::string_view bytes) const;
};

std::uint32_t crc32(std::string_view bytes);
/// Polynomial 0x31, begun with 0xFF, the highest bit first.
std::uint8_t crc8(std::string_view bytes);

}  // namespace moonwire::bindings::luat
