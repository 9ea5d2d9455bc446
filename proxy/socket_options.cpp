// One table for the plain numbers, one function for multicast groups.
#include "proxy/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "proxy/socket_failure.h"

namespace moonwire::proxy {
namespace {

using wisp::SocketOption;

struct Plain {
  SocketOption option;
  std::optional<SocketKind> only;  // nothing: both kinds
  std::uint32_t least;
  std::uint32_t most;
  int level4, name4;
  int level6, name6;
};

constexpr std::array plain_options{
    Plain{SocketOption::no_delay, SocketKind::tcp, 0, 1, IPPROTO_TCP, TCP_NODELAY, IPPROTO_TCP,
          TCP_NODELAY},
    Plain{SocketOption::keep_alive, SocketKind::tcp, 0, 1, SOL_SOCKET, SO_KEEPALIVE, SOL_SOCKET,
          SO_KEEPALIVE},
    Plain{SocketOption::keep_idle, SocketKind::tcp, 1, 32767, IPPROTO_TCP, TCP_KEEPIDLE,
          IPPROTO_TCP, TCP_KEEPIDLE},
    Plain{SocketOption::keep_interval, SocketKind::tcp, 1, 32767, IPPROTO_TCP, TCP_KEEPINTVL,
          IPPROTO_TCP, TCP_KEEPINTVL},
    Plain{SocketOption::keep_count, SocketKind::tcp, 1, 127, IPPROTO_TCP, TCP_KEEPCNT, IPPROTO_TCP,
          TCP_KEEPCNT},
    Plain{SocketOption::broadcast, SocketKind::udp, 0, 1, SOL_SOCKET, SO_BROADCAST, SOL_SOCKET,
          SO_BROADCAST},
    Plain{SocketOption::multicast_ttl, SocketKind::udp, 0, 255, IPPROTO_IP, IP_MULTICAST_TTL,
          IPPROTO_IPV6, IPV6_MULTICAST_HOPS},
    Plain{SocketOption::multicast_loop, SocketKind::udp, 0, 1, IPPROTO_IP, IP_MULTICAST_LOOP,
          IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    Plain{SocketOption::time_to_live, std::nullopt, 1, 255, IPPROTO_IP, IP_TTL, IPPROTO_IPV6,
          IPV6_UNICAST_HOPS},
};

wisp::Failure result_of(int returned) {
  if (returned == 0) return wisp::Failure::none;
  return failure_of({errno, boost::system::system_category()});
}

wisp::Failure set_membership(int descriptor, bool is_v6, const wisp::Option& option) {
  const bool joins = option.option == SocketOption::join_group;
  const wisp::Family family = is_v6 ? wisp::Family::ipv6 : wisp::Family::ipv4;
  if (option.group.family != family) return wisp::Failure::family_not_supported;
  if (is_v6) {
    ipv6_mreq request{};
    std::ranges::copy(option.group.bytes, request.ipv6mr_multiaddr.s6_addr);
    return result_of(::setsockopt(descriptor, IPPROTO_IPV6,
                                  joins ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request,
                                  sizeof request));
  }
  ip_mreq request{};
  std::copy_n(option.group.bytes.begin(), 4,
              reinterpret_cast<std::uint8_t*>(&request.imr_multiaddr));
  if (option.interface.family == wisp::Family::ipv4) {
    std::copy_n(option.interface.bytes.begin(), 4,
                reinterpret_cast<std::uint8_t*>(&request.imr_interface));
  }
  return result_of(::setsockopt(descriptor, IPPROTO_IP,
                                joins ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
                                sizeof request));
}

}  // namespace

wisp::Failure set_socket_option(int descriptor, SocketKind kind, bool is_v6,
                                const wisp::Option& option) {
  const bool is_membership =
      option.option == SocketOption::join_group || option.option == SocketOption::leave_group;
  if (is_membership) {
    return kind == SocketKind::udp ? set_membership(descriptor, is_v6, option)
                                   : wisp::Failure::not_supported;
  }
  const auto* plain = std::ranges::find(plain_options, option.option, &Plain::option);
  if (plain == plain_options.end() || plain->only.value_or(kind) != kind)
    return wisp::Failure::not_supported;
  if (option.value < plain->least || option.value > plain->most)
    return wisp::Failure::invalid_argument;
  const int value = static_cast<int>(option.value);
  return result_of(::setsockopt(descriptor, is_v6 ? plain->level6 : plain->level4,
                                is_v6 ? plain->name6 : plain->name4, &value, sizeof value));
}

}  // namespace moonwire::proxy
