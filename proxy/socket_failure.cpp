// The table of errors.
#include "proxy/socket_failure.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cerrno>

namespace moonwire::proxy {

wisp::Failure failure_of(const error_code& error) {
  using enum wisp::Failure;
  if (!error) return none;
  if (error == asio::error::eof) return none;
  if (error.category() != boost::system::system_category()) return other;
  switch (error.value()) {
    case ECONNREFUSED: return refused;
    case ECONNRESET:
    case EPIPE: return reset;
    case ETIMEDOUT: return timed_out;
    case ENETUNREACH:
    case ENETDOWN: return network_unreachable;
    case EHOSTUNREACH:
    case EHOSTDOWN: return host_unreachable;
    case EADDRINUSE: return address_in_use;
    case EADDRNOTAVAIL: return address_not_available;
    case EACCES:
    case EPERM: return permission_denied;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return out_of_resources;
    case EAFNOSUPPORT: return family_not_supported;
    case EINVAL: return invalid_argument;
    case EMSGSIZE: return message_too_long;
    case ENOPROTOOPT:
    case EOPNOTSUPP: return not_supported;
    case ECONNABORTED:
    case ECANCELED: return aborted;
    default: return other;
  }
}

wisp::Address to_wire(const ip::address& address, std::uint16_t port) {
  wisp::Address out;
  out.port = port;
  if (address.is_v4()) {
    out.family = wisp::Family::ipv4;
    std::ranges::copy(address.to_v4().to_bytes(), out.bytes.begin());
  } else {
    out.family = wisp::Family::ipv6;
    std::ranges::copy(address.to_v6().to_bytes(), out.bytes.begin());
  }
  return out;
}

std::optional<ip::address> from_wire(const wisp::Address& address) {
  switch (address.family) {
    case wisp::Family::none: return std::nullopt;
    case wisp::Family::ipv4: {
      ip::address_v4::bytes_type bytes{};
      std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
      return ip::address_v4{bytes};
    }
    case wisp::Family::ipv6: {
      ip::address_v6::bytes_type bytes{};
      std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
      return ip::address_v6{bytes};
    }
  }
  return std::nullopt;
}

}  // namespace moonwire::proxy
