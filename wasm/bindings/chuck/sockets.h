// Sockets by number, listeners, connects and datagrams.
#pragma once

#include "lua.h"

namespace moonwire::bindings::chuck {

/// Adds `socket_helper`, `addr`, `acceptor`, `connector`, `datagram` and what the later
/// generations' socket table is made of to the table on top.
void add_sockets(lua_State* state);

}  // namespace moonwire::bindings::chuck
