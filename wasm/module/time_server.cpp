#include "module/time_server.h"

#include <algorithm>

namespace moonwire::module {
namespace {

constexpr std::size_t header_bytes = 48;
constexpr std::int64_t from_1900_to_1970 = 2'208'988'800;  // seconds

/// Seconds since 1900 and their fraction, 32 bits each, the highest first.
void put_timestamp(std::span<std::byte, 8> into, net::Micros unix_time) {
  const std::int64_t seconds = unix_time / 1'000'000 + from_1900_to_1970;
  const auto fraction =
      static_cast<std::uint64_t>(unix_time % 1'000'000) * (1ull << 32) / 1'000'000;
  std::uint64_t bits = (static_cast<std::uint64_t>(seconds) << 32) | fraction;
  for (std::size_t i = 8; i-- > 0; bits >>= 8) into[i] = static_cast<std::byte>(bits & 0xff);
}

}  // namespace

std::vector<std::byte> time_answer(std::span<const std::byte> question, net::Micros unix_time) {
  if (question.size() < header_bytes) return {};
  std::vector<std::byte> answer(header_bytes);
  const std::span<std::byte, header_bytes> fields(answer);
  const auto version = question[0] & std::byte{0x38};
  fields[0] = version | std::byte{4};  // no leap second; mode 4: server
  fields[1] = std::byte{1};            // stratum: its own clock
  fields[2] = question[2];             // poll
  fields[3] = std::byte{0xec};         // precision: 2^-20 s
  const char name[] = {'M', 'O', 'O', 'N'};
  std::transform(std::begin(name), std::end(name), fields.begin() + 12,
                 [](char c) { return static_cast<std::byte>(c); });
  put_timestamp(fields.subspan<16, 8>(), unix_time);
  std::copy_n(question.begin() + 40, 8, fields.begin() + 24);  // when the asker asked
  put_timestamp(fields.subspan<32, 8>(), unix_time);
  put_timestamp(fields.subspan<40, 8>(), unix_time);
  return answer;
}

}  // namespace moonwire::module
