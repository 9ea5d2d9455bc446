// What the proxy counts, for /metrics. Plain numbers: one thread writes them.
#pragma once

#include <cstdint>
#include <string>

namespace moonwire::proxy {

struct Counters {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;  ///< over a limit
  std::uint64_t requests_total = 0;
  std::uint64_t refusals_host = 0;
  std::uint64_t refusals_origin = 0;
  std::uint64_t refusals_token = 0;
  std::uint64_t refusals_password = 0;
  std::uint64_t sessions_open = 0;
  std::uint64_t sessions_total = 0;
  std::uint64_t sessions_malformed = 0;  ///< ended for what the client sent
  std::uint64_t sessions_silent = 0;
  std::uint64_t sessions_held = 0;  ///< by a rate in bytes
  std::uint64_t relays_open = 0;
  std::uint64_t relays_total = 0;
  std::uint64_t streams_open = 0;
  std::uint64_t streams_total = 0;
  std::uint64_t streams_denied = 0;   ///< by a rule
  std::uint64_t streams_failed = 0;   ///< refused, unreachable, timed out, name unknown
  std::uint64_t streams_limited = 0;  ///< over a limit, or overran its credit
  std::uint64_t bytes_up = 0;         ///< payload from tabs
  std::uint64_t bytes_down = 0;       ///< payload to tabs
  std::uint64_t datagrams_up = 0;
  std::uint64_t datagrams_down = 0;
  std::uint64_t datagrams_dropped = 0;
  std::uint64_t datagrams_limited = 0;  ///< of these: by a rate
  std::uint64_t packets_ignored = 0;    ///< unknown types, unknown streams
  std::uint64_t names_resolved = 0;
  std::uint64_t names_failed = 0;
  std::uint64_t lingering_bytes = 0;
  std::uint64_t blocks_borrowed = 0;
};

/// The Prometheus text format, version 0.0.4.
std::string to_prometheus(const Counters& counters);

}  // namespace moonwire::proxy
