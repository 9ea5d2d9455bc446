// Sending and receiving of datagram objects, shared by udp and unix datagrams.
#pragma once

#include "bindings/luasocket/object.h"

namespace moonwire::bindings::luasocket {

/// send(): to the peer the object is connected to.
int datagram_send(lua_State* state, DatagramObject& object);
/// sendto(): the address has been worked out and the object opened.
int datagram_send_to(lua_State* state, DatagramObject& object, const net::Address& to);
/// receive([size]): one datagram; the size's excess is lost.
int datagram_receive(lua_State* state, DatagramObject& object);
/// receivefrom([size]): the datagram, then its sender (address and port, or path).
int datagram_receive_from(lua_State* state, DatagramObject& object);

}  // namespace moonwire::bindings::luasocket
