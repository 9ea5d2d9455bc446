// getoption and setoption: which names each class has, and how their values are checked.
#pragma once

#include "bindings/luasocket/object.h"

namespace moonwire::bindings::luasocket {

int tcp_getoption(lua_State* state, Object& object);
int tcp_setoption(lua_State* state, Object& object);
int udp_getoption(lua_State* state, Object& object);
int udp_setoption(lua_State* state, Object& object);
int unix_stream_setoption(lua_State* state, Object& object);
int unix_datagram_setoption(lua_State* state, Object& object);

}  // namespace moonwire::bindings::luasocket
