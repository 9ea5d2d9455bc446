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
inline constexpr std::size_t socket_files_max =
    4096;  // paths that unix sockets were bound to and nobody removed; more: out_of_memory
inline constexpr std::uint16_t first_ephemeral_port = 32768;  // Linux's ip_local_port_range
inline constexpr std::uint16_t last_ephemeral_port = 60999;   // all taken: "address already in use"

inline constexpr std::size_t memberships_max =
    20;  // per socket: Linux igmp_max_memberships; then ENOBUFS
inline constexpr std::int64_t connect_timeout =
    127'000'000;  // microseconds: Linux's six SYN retries; then timed_out

inline constexpr std::size_t stand_ins_max =
    1024;  // names with a stand-in address; the one unused for the longest time is forgotten
inline constexpr std::size_t questions_asked_max =
    32;  // look-ups on their way to the proxy (PROTOCOL.md); more wait here
inline constexpr std::size_t questions_waiting_max =
    1024;  // look-ups that wait; beyond: name_try_again
inline constexpr std::size_t datagram_flows_max =
    64;  // remote addresses one socket keeps a stream for; the oldest is closed
inline constexpr std::size_t datagrams_waiting_max =
    16;  // per remote address while the tunnel opens; more are dropped
inline constexpr std::size_t datagram_overhead =
    64;  // what a datagram costs in a queue beyond its length, so that empty ones are not free
inline constexpr std::size_t name_bytes_max = 255;  // a DNS name; longer: name_unknown
inline constexpr std::size_t websockify_message_bytes_max = 64 * 1024;  // a longer send is cut up
inline constexpr std::size_t spare_blocks_max =
    16;  // buffers of each size kept for the next ring; more go back to the heap

// Spans of time, in microseconds.
inline constexpr std::int64_t tunnel_attempt_timeout =
    10'000'000;  // from opening the WebSocket to the end of the handshake; then: waiting
inline constexpr std::int64_t tunnel_retry_first = 1'000'000;  // back-off after a loss, doubled...
inline constexpr std::int64_t tunnel_retry_longest = 30'000'000;  // ...up to this
inline constexpr std::int64_t tunnel_retry_patience =
    2'000'000;  // a connect waits this long for a retry; then network_unreachable
inline constexpr std::int64_t plain_open_grace =
    250'000;  // without confirmation a stream counts as open after this
inline constexpr std::int64_t plain_close_linger =
    500'000;  // wisp-js drops what it holds when CLOSE comes; so CLOSE waits
inline constexpr std::int64_t lookup_timeout = 30'000'000;  // then name_try_again

}  // namespace moonwire::net
