// Every bound of the network in one place, and what happens at it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonwire::net {

/// Bounds that a test or the hostile build makes small. Defaults are those of the product.
struct Limits {
#ifdef MOONWIRE_HOSTILE
  std::size_t pipe_bytes = 1;  // the hostile build: every byte waits for the one before it
#else
  std::size_t pipe_bytes = 64 * 1024;  // per direction of a loopback stream; full: send waits
#endif
  std::size_t sockets = 16 * 1024;  // in the whole machine; full: "Too many open files in system"
  std::size_t backlog_max = 4096;   // what listen() is clamped to (Linux: somaxconn)
  std::size_t datagram_queue_bytes = 208 * 1024;  // per socket, as Linux's default; full: dropped
  std::size_t tunnel_stream_bytes =
      256 * 1024;  // received and unread per tunnel stream, with credit
  std::size_t tunnel_stream_hard_bytes =
      16 * 1024 * 1024;  // plain Wisp has no credit towards us: reset beyond
  std::size_t uplink_backlog_bytes = 1024 * 1024;  // unsent in the WebSocket; above: streams wait
};

inline constexpr std::size_t wire_records_max = 4096;  // oldest dropped and counted
inline constexpr std::size_t wire_sample_bytes =
    256;  // kept of each record; the size is always told
inline constexpr std::size_t datagram_bytes_max = 65507;  // UDP over IPv4; longer: message_too_long
inline constexpr std::size_t unix_path_bytes_max = 107;   // sun_path less its NUL
inline constexpr std::uint16_t first_ephemeral_port = 32768;  // Linux's ip_local_port_range
inline constexpr std::uint16_t last_ephemeral_port = 60999;   // all taken: "address already in use"

inline constexpr std::size_t memberships_max =
    20;  // per socket: Linux igmp_max_memberships; then ENOBUFS
inline constexpr std::int64_t connect_timeout =
    127'000'000;  // microseconds: Linux's six SYN retries; then timed_out

}  // namespace moonwire::net
