// Turns the system's errors and Asio's addresses into the wire's: the one place that does.
#pragma once

#include "proxy/asio.h"
#include "wisp/close_reason.h"
#include "wisp/packet.h"

namespace moonwire::proxy {

wisp::Failure failure_of(const error_code& error);

wisp::Address to_wire(const ip::address& address, std::uint16_t port);
template <typename Endpoint>
wisp::Address to_wire(const Endpoint& endpoint) {
  return to_wire(endpoint.address(), endpoint.port());
}
/// Nothing for family `none`.
std::optional<ip::address> from_wire(const wisp::Address& address);

}  // namespace moonwire::proxy
