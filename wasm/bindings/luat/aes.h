// AES (FIPS 197) with keys of 128, 192 and 256 bits, one block at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace moonwire::bindings::luat {

class Aes {
 public:
  static constexpr std::size_t block_size = 16;
  using Block = std::array<std::uint8_t, block_size>;

  /// Nothing for a key of another length than 16, 24 or 32 bytes.
  static std::optional<Aes> with_key(std::string_view key);

  void encrypt(Block& block) const;
  void decrypt(Block& block) const;

 private:
  Aes() = default;
  void add_key(Block& block, std::size_t round) const;

  std::size_t rounds_ = 0;
  std::array<std::uint8_t, 15 * block_size> keys_{};
};

}  // namespace moonwire::bindings::luat
