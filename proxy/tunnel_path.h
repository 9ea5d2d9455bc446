// What a WebSocket's path asks for: the Wisp tunnel, a websockify target, or one target by name
// (wsproxy). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moonwire::proxy {

struct TunnelPath {
  enum class Kind {
    wisp,        ///< /wisp/TOKEN/
    websockify,  ///< /websockify/?token=NAME, /websockify/NAME
    wsproxy,     ///< /wisp/TOKEN/HOST:PORT, or /HOST:PORT where no token is needed
  };
  Kind kind = Kind::wisp;
  std::string token;  ///< the proxy's, or websockify's name of a target
  std::string host;   ///< wsproxy only
  std::uint16_t port = 0;
};

/// Nothing: no tunnel's path.
std::optional<TunnelPath> parse_tunnel_path(std::string_view target);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
/// "HOST:PORT", the port not 0, IPv6 in brackets.
std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace moonwire::proxy
