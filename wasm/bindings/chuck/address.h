// Addresses as scripts hold them (the later generations' socket.addr).
#pragma once

#include "bindings/chuck/object.h"
#include "net/address.h"

namespace moonwire::bindings::chuck {

struct SocketAddress {
  static constexpr Kind kind = Kind::address;
  static constexpr const char* class_name = "socket.addr";
  net::Address address;
};

void push_address(lua_State* state, const net::Address& address);

/// An IPv4 literal and a port, or a raised "invaild address or port".
net::Address check_literal(lua_State* state, int ip_index, int port_index);

}  // namespace moonwire::bindings::chuck
