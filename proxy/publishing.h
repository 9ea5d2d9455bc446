// Where a tab's bind leads: which address and port of the proxy's machine, by the rules; and under
// which addresses others reach it. Shared by listeners and datagram sockets.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "proxy/access_rules.h"
#include "proxy/asio.h"
#include "wisp/packet.h"

namespace moonwire::proxy {

struct BindFailure {
  wisp::Failure failure = wisp::Failure::denied_by_rule;
  std::string why;
};

/// Calls `try_bind` with addresses that the rules allow for this BIND until one succeeds. Nothing:
/// it did.
std::optional<BindFailure> bind_by_rules(
    const std::vector<PublishRule>& rules, const wisp::Bind& wanted,
    const std::function<error_code(const ip::address&, std::uint16_t)>& try_bind);

/// The addresses under which others reach a socket bound to `local`: itself, or all of the
/// machine's interfaces.
std::vector<wisp::Address> published_addresses(const ip::address& local, std::uint16_t port);

}  // namespace moonwire::proxy
