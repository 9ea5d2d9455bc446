#include "bindings/luat/aes.h"

#include <algorithm>

namespace moonwire::bindings::luat {
namespace {

std::uint8_t doubled(std::uint8_t value) {
  return static_cast<std::uint8_t>(value << 1 ^ ((value & 0x80) != 0 ? 0x1b : 0));
}

std::uint8_t product(std::uint8_t one, std::uint8_t other) {
  std::uint8_t sum = 0;
  for (; other != 0; other >>= 1, one = doubled(one)) {
    if ((other & 1) != 0) sum ^= one;
  }
  return sum;
}

/// The substitution box and its inverse, from the inverses in the field.
struct Boxes {
  std::array<std::uint8_t, 256> there{};
  std::array<std::uint8_t, 256> back{};

  Boxes() {
    std::uint8_t power = 1;
    std::uint8_t inverse = 1;
    do {
      power ^= doubled(power);           // times 3, a generator
      inverse = product(inverse, 0xf6);  // times its inverse
      std::uint8_t mixed = inverse;
      for (unsigned turn = 1; turn <= 4; ++turn) {
        mixed ^= static_cast<std::uint8_t>(inverse << turn | inverse >> (8 - turn));
      }
      there[power] = mixed ^ 0x63;
    } while (power != 1);
    there[0] = 0x63;
    for (std::size_t at = 0; at < there.size(); ++at) {
      back[there[at]] = static_cast<std::uint8_t>(at);
    }
  }
};

const Boxes& boxes() {
  static const Boxes made;
  return made;
}

/// Each row of the block turned by its number, `step` places at a time.
void shift_rows(Aes::Block& block, std::size_t step) {
  const Aes::Block before = block;
  for (std::size_t row = 1; row < 4; ++row) {
    for (std::size_t column = 0; column < 4; ++column) {
      block[column * 4 + row] = before[(column + row * step) % 4 * 4 + row];
    }
  }
}

void mix_columns(Aes::Block& block, const std::array<std::uint8_t, 4>& factors) {
  const Aes::Block before = block;
  for (std::size_t at = 0; at < block.size(); ++at) {
    const std::size_t column = at / 4 * 4;
    block[at] = 0;
    for (std::size_t row = 0; row < 4; ++row) {
      block[at] ^= product(before[column + (at + row) % 4], factors[row]);
    }
  }
}

}  // namespace

std::optional<Aes> Aes::with_key(std::string_view key) {
  if (key.size() != 16 && key.size() != 24 && key.size() != 32) return std::nullopt;
  Aes aes;
  aes.rounds_ = key.size() / 4 + 6;
  std::copy(key.begin(), key.end(), aes.keys_.begin());
  std::uint8_t round = 1;
  for (std::size_t at = key.size(); at < (aes.rounds_ + 1) * block_size; at += 4) {
    std::array<std::uint8_t, 4> word;
    std::copy_n(aes.keys_.begin() + static_cast<std::ptrdiff_t>(at) - 4, 4, word.begin());
    if (at % key.size() == 0) {
      std::rotate(word.begin(), word.begin() + 1, word.end());
      for (std::uint8_t& each : word) each = boxes().there[each];
      word[0] ^= round;
      round = doubled(round);
    } else if (key.size() == 32 && at % key.size() == 16) {
      for (std::uint8_t& each : word) each = boxes().there[each];
    }
    for (std::size_t byte = 0; byte < 4; ++byte) {
      aes.keys_[at + byte] = aes.keys_[at + byte - key.size()] ^ word[byte];
    }
  }
  return aes;
}

void Aes::add_key(Block& block, std::size_t round) const {
  for (std::size_t at = 0; at < block_size; ++at) block[at] ^= keys_[round * block_size + at];
}

void Aes::encrypt(Block& block) const {
  add_key(block, 0);
  for (std::size_t round = 1; round <= rounds_; ++round) {
    for (std::uint8_t& each : block) each = boxes().there[each];
    shift_rows(block, 1);
    if (round < rounds_) mix_columns(block, {2, 3, 1, 1});
    add_key(block, round);
  }
}

void Aes::decrypt(Block& block) const {
  for (std::size_t round = rounds_; round >= 1; --round) {
    add_key(block, round);
    if (round < rounds_) mix_columns(block, {14, 11, 13, 9});
    shift_rows(block, 3);
    for (std::uint8_t& each : block) each = boxes().back[each];
  }
  add_key(block, 0);
}

}  // namespace moonwire::bindings::luat
