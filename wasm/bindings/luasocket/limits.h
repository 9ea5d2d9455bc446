// The numbers of the LuaSocket dialect in one place.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonwire::bindings::luasocket {

/// A stream object's read-ahead: what one filling takes from the socket (LuaSocket's BUF_SIZE).
inline constexpr std::size_t read_buffer_bytes = 8192;
/// The most one step of send offers the socket. The first step is upstream's: to a peer that has
/// gone it may still be taken, and the next one says "closed".
inline constexpr std::size_t first_send_step_bytes = 8192;
inline constexpr std::size_t send_step_bytes = 64 * 1024;
/// What a datagram receive takes without an explicit size (socket._DATAGRAMSIZE).
inline constexpr std::size_t datagram_bytes = 8192;
/// The largest size one may ask of a datagram receive; beyond: "out of memory".
inline constexpr double datagram_request_max = 1 << 30;
/// select() takes descriptors below this number (FD_SETSIZE on Linux); others raise.
inline constexpr int set_size = 1024;
/// listen() without a number.
inline constexpr int default_backlog = 32;
/// Polls with timeout 0 that may come back empty in a row before the process gives up the rest of
/// its slice: a busy loop then meets what the other processes sent.
inline constexpr std::uint32_t empty_polls_per_turn = 16;

}  // namespace moonwire::bindings::luasocket
