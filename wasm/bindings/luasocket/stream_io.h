// Buffered input and output of stream objects, shared by tcp and unix streams: LuaSocket's receive
// patterns, send with i and j, statistics.
#pragma once

#include "bindings/luasocket/object.h"

namespace moonwire::bindings::luasocket {

// Each is a whole method; the class of argument 1 has been checked and is `object`.
int stream_receive(lua_State* state, StreamObject& object);
int stream_send(lua_State* state, StreamObject& object);
int stream_getstats(lua_State* state, const StreamObject& object);
int stream_setstats(lua_State* state, StreamObject& object);
/// "receive", "send" or "both" (the default); never fails.
int stream_shutdown(lua_State* state, const StreamObject& object);
/// accept(): waits for a connection and gives it as an object of class `client`.
int stream_accept(lua_State* state, StreamObject& server, const char* client);
/// listen(): the object becomes a `server`.
int stream_listen(lua_State* state, StreamObject& object, const char* server);

}  // namespace moonwire::bindings::luasocket
