// What any time server (NTP, UDP port 123) answers: a tab has no way to a real one, so the module's
// host gives the time it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "net/deadlines.h"

namespace moonwire::module {

inline constexpr std::uint16_t time_port = 123;

/// The answer of a stratum 1 server to an NTP request (RFC 5905, figure 8), or nothing when the
/// request is shorter than its header. `unix_time`: microseconds since 1970.
std::vector<std::byte> time_answer(std::span<const std::byte> question, net::Micros unix_time);

}  // namespace moonwire::module
