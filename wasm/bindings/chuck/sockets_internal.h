// What the files behind sockets.h share.
#pragma once

#include "lua.h"
#include "net/address.h"
#include "net/net_error.h"
#include "net/socket.h"

namespace moonwire::bindings::chuck {

/// A fresh socket's number in the process's table, or -1 and why.
int make_descriptor(lua_State* state, net::Family family, net::SocketType type,
                    net::NetError& error);

void add_socket_helper(lua_State* state);
void add_acceptors(lua_State* state);
void add_datagrams(lua_State* state);

}  // namespace moonwire::bindings::chuck
