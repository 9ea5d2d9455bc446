// Every bound of the edge in one place, and what happens at it.
#pragma once

#include <cstddef>

namespace moonwire::edge {

/// One message, file or typed text from JavaScript; inbox() gives null beyond.
inline constexpr std::size_t inbox_bytes_max = 64u << 20;
/// What the inbox keeps allocated between calls; more is given back at once.
inline constexpr std::size_t inbox_kept_bytes = 1u << 20;

}  // namespace moonwire::edge
