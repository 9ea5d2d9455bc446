// Rules to sockets.
#include "proxy/publishing.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <memory>
#include <random>

#include "proxy/socket_failure.h"
#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

// Free ports are looked for at random within a rule's range, so that two tabs do not race along the
// same row.
constexpr int tries_for_any_port = 64;

/// Whether a rule can serve an address that a script asked for. The script's any-address takes what
/// the rule has.
bool serves(const PublishRule& rule, const wisp::Address& wanted) {
  const auto address = from_wire(wanted);
  if (!address || address->is_unspecified()) return true;
  if (rule.address == without_mapping(*address)) return true;
  return address->is_loopback() && rule.address.is_loopback();
}

/// One free port of a rule's range, or why none.
error_code bind_any(const PublishRule& rule,
                    const std::function<error_code(const ip::address&, std::uint16_t)>& try_bind) {
  if (rule.ports.contains(0)) return try_bind(rule.address, 0);
  // The system's own choice falls into wide ranges, as a rule; when it does not, ours is taken.
  std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<unsigned> any{rule.ports.first, rule.ports.last};
  error_code error;
  for (int i = 0; i < tries_for_any_port; ++i) {
    error = try_bind(rule.address, static_cast<std::uint16_t>(any(random)));
    if (error != asio::error::address_in_use) return error;
  }
  return error;
}

}  // namespace

std::optional<BindFailure> bind_by_rules(
    const std::vector<PublishRule>& rules, const wisp::Bind& wanted,
    const std::function<error_code(const ip::address&, std::uint16_t)>& try_bind) {
  const std::uint16_t port = wanted.address.port;
  const bool any_will_do = port == 0 || (wanted.flags & wisp::Bind::any_port_will_do) != 0;
  BindFailure last{wisp::Failure::denied_by_rule,
                   rules.empty() ? "the proxy publishes nothing (--publish)"
                                 : "no --publish rule opens port " + std::to_string(port)};
  const auto note = [&last](const PublishRule& rule, std::uint16_t tried, const error_code& error) {
    last = {failure_of(error),
            rule.address.to_string() + " port " + std::to_string(tried) + ": " + error.message()};
  };
  for (const PublishRule& rule : rules) {
    if (port == 0 || !serves(rule, wanted.address) || !rule.ports.contains(port)) continue;
    const error_code error = try_bind(rule.address, port);
    if (!error) return std::nullopt;
    note(rule, port, error);
  }
  for (const PublishRule& rule : rules) {
    if (!any_will_do || !serves(rule, wanted.address)) continue;
    const error_code error = bind_any(rule, try_bind);
    if (!error) return std::nullopt;
    note(rule, 0, error);
  }
  return last;
}

std::vector<wisp::Address> published_addresses(const ip::address& local, std::uint16_t port) {
  if (!local.is_unspecified()) return {to_wire(local, port)};
  std::vector<wisp::Address> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, &::freeifaddrs};
  for (const ifaddrs* one = list; one != nullptr && found.size() < wisp::max_published;
       one = one->ifa_next) {
    const bool is_up = (one->ifa_flags & IFF_UP) != 0 && one->ifa_addr != nullptr;
    if (!is_up) continue;
    if (local.is_v4() && one->ifa_addr->sa_family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
      found.push_back(to_wire(ip::address_v4{ntohl(address->sin_addr.s_addr)}, port));
    } else if (local.is_v6() && one->ifa_addr->sa_family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
      ip::address_v6::bytes_type bytes{};
      std::copy_n(address->sin6_addr.s6_addr, bytes.size(), bytes.begin());
      if (!ip::address_v6{bytes}.is_link_local())
        found.push_back(to_wire(ip::address_v6{bytes}, port));
    }
  }
  // What another machine can use comes first; loopback is the last resort.
  std::stable_partition(found.begin(), found.end(),
                        [](const wisp::Address& one) { return !from_wire(one)->is_loopback(); });
  return found;
}

}  // namespace moonwire::proxy
