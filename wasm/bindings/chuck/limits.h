// The numbers of the chuck dialect in one place.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonwire::bindings::chuck {

/// A framed packet of the first generation with its header; writing beyond raises an error.
inline constexpr std::size_t packet_bytes_max = 65535;
/// What a fresh wpacket or buffer holds without growing.
inline constexpr std::size_t packet_capacity = 64;
/// One buffer or packet of any kind; growing beyond raises an error.
inline constexpr std::size_t buffer_bytes_max = 16u << 20;
/// Tables in tables; deeper ones (a cycle, most likely) are not written and not read.
inline constexpr int table_depth_max = 64;
/// What one read takes from a socket when the script names no size, and at most.
inline constexpr std::size_t receive_bytes = 4096;
inline constexpr std::size_t receive_bytes_max = 1u << 20;
/// Bytes of one connection that wait to be sent; beyond, Send answers -ENOBUFS ("send error").
inline constexpr std::size_t outbox_bytes_max = 16u << 20;
/// Packets of one connection that wait to be sent; the same answer beyond.
inline constexpr std::size_t outbox_packets_max = 65536;
/// A datagram with all its bytes; a longer one is not sent.
inline constexpr std::size_t datagram_bytes_max = 65535;
/// Bytes of head, and of body, that the http decoder takes when the script names no size, and at
/// most; beyond: EPKTOOLARGE.
inline constexpr std::size_t http_head_bytes = 64 * 1024;
inline constexpr std::size_t http_body_bytes = 4u << 20;
inline constexpr std::size_t http_bytes_max = 16u << 20;
/// Header lines of one message; beyond: EPKTOOLARGE.
inline constexpr std::size_t http_headers_max = 256;
/// A WebSocket message when the script names no size, and at most; beyond: EPKTOOLARGE.
inline constexpr std::size_t websocket_bytes = 1u << 20;
inline constexpr std::size_t websocket_bytes_max = 16u << 20;
/// Timers of one engine; one more raises an error.
inline constexpr std::size_t timers_max = 65536;
/// The longest interval of a timer, milliseconds: a day less one; longer ones count as this.
inline constexpr std::int64_t timer_span_max = 86'399'999;
/// Events one handle may have in a row before the others of its engine have theirs.
inline constexpr int events_per_turn = 64;
/// Posted closures that run between two looks at the sockets.
inline constexpr int closures_per_round = 1024;
/// Intervals that a late timer makes up for, one call each; after a longer stall it fires once.
inline constexpr std::int64_t missed_ticks_max = 4;
/// A log file; one that would grow beyond begins anew.
inline constexpr std::size_t log_file_bytes_max = 1u << 20;
/// Microseconds between two calls of an idle callback, at least.
inline constexpr std::int64_t idle_period = 100'000;

}  // namespace moonwire::bindings::chuck
