// socket.unix: stream and datagram sockets inside the machine, addressed by a path.
#include <cstring>

#include "bindings/failure.h"
#include "bindings/luasocket/datagram_io.h"
#include "bindings/luasocket/dial.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/object.h"
#include "bindings/luasocket/options.h"
#include "bindings/luasocket/stream_io.h"
#include "net/limits.h"

namespace moonwire::bindings::luasocket {

using net::Address;
using net::Family;
using net::NetError;

namespace {

constexpr const char* stream_any = "unixstream{any}";
constexpr const char* stream_master = "unixstream{master}";
constexpr const char* stream_client = "unixstream{client}";
constexpr const char* stream_server = "unixstream{server}";
constexpr const char* datagram_any = "unixdgram{any}";
constexpr const char* datagram_connected = "unixdgram{connected}";
constexpr const char* datagram_unconnected = "unixdgram{unconnected}";
constexpr const char* selectable_group = "select{able}";  // upstream's; nobody asks for it

StreamObject& check_stream(lua_State* state, const char* name) {
  return *static_cast<StreamObject*>(check_class(state, name, Kind::unix_stream));
}

StreamObject& check_any_stream(lua_State* state) {
  return *static_cast<StreamObject*>(check_group(state, stream_any, Kind::unix_stream));
}

DatagramObject& check_datagram(lua_State* state, const char* name) {
  return *static_cast<DatagramObject*>(check_class(state, name, Kind::unix_datagram));
}

DatagramObject& check_any_datagram(lua_State* state) {
  return *static_cast<DatagramObject*>(check_group(state, datagram_any, Kind::unix_datagram));
}

// Paths are C strings, as in 3.1.0: they end at the first NUL.
bool is_too_long(const char* path) {
  return std::strlen(path) > net::unix_path_bytes_max;
}

// Shared by both kinds. A bind that fails destroys the descriptor.
int bind_path(lua_State* state, Object& object) {
  const char* path = luaL_checkstring(state, 2);
  if (is_too_long(path)) return push_failure(state, system_words(NetError::path_too_long));
  NetError error = NetError::bad_descriptor;
  if (const auto socket = socket_of(state, object)) {
    error = socket->bind(Address::unix_path(path));
  }
  if (error == NetError::none) return push_success(state);
  destroy_socket(state, object);
  return push_failure(state, luasocket_words(error));
}

int end_connect(lua_State* state, Object& object, const char* words) {
  if (words != nullptr) {
    destroy_socket(state, object);
    return push_failure(state, words);
  }
  const bool is_stream = object.kind == Kind::unix_stream;
  set_class(state, is_stream ? stream_client : datagram_connected, 1);
  return push_success(state);
}

int connect_path(lua_State* state) {
  const char* path = luaL_checkstring(state, 2);
  if (is_too_long(path)) return push_failure(state, system_words(NetError::path_too_long));
  return dial_address(state, 1, Address::unix_path(path), {.call = "connect", .end = end_connect});
}

// ---------------------------------------------------------------------------------------------
// stream

int stream_bind_method(lua_State* state) {
  return bind_path(state, check_stream(state, stream_master));
}

int stream_connect_method(lua_State* state) {
  check_stream(state, stream_master);
  return connect_path(state);
}

int stream_listen_method(lua_State* state) {
  return stream_listen(state, check_stream(state, stream_master), stream_server);
}

int stream_accept_method(lua_State* state) {
  return stream_accept(state, check_stream(state, stream_server), stream_client);
}

int stream_send_method(lua_State* state) {
  return stream_send(state, check_stream(state, stream_client));
}

int stream_receive_method(lua_State* state) {
  return stream_receive(state, check_stream(state, stream_client));
}

int stream_shutdown_method(lua_State* state) {
  return stream_shutdown(state, check_stream(state, stream_client));
}

int stream_getstats_method(lua_State* state) {
  return stream_getstats(state, check_stream(state, stream_client));
}

int stream_setstats_method(lua_State* state) {
  return stream_setstats(state, check_stream(state, stream_client));
}

int stream_close(lua_State* state) {
  return object_close(state, check_any_stream(state));
}

int stream_dirty(lua_State* state) {
  lua_pushboolean(state, check_any_stream(state).is_dirty());
  return 1;
}

int stream_getfd(lua_State* state) {
  return object_getfd(state, check_any_stream(state));
}

int stream_setfd(lua_State* state) {
  return object_setfd(state, check_any_stream(state));
}

int stream_setoption(lua_State* state) {
  return unix_stream_setoption(state, check_any_stream(state));
}

int stream_getsockname(lua_State* state) {
  return object_getsockpath(state, check_any_stream(state));
}

int stream_settimeout(lua_State* state) {
  return settimeout(state, check_any_stream(state).timeout);
}

int global_stream(lua_State* state) {
  StreamObject& object = push_stream_object(state, Kind::unix_stream);
  set_class(state, stream_master, -1);
  object.family = Family::path;
  const NetError error = create_socket(state, object, Family::path, net::SocketType::stream);
  return error == NetError::none ? 1 : push_failure(state, luasocket_words(error));
}

constexpr luaL_Reg stream_methods[] = {
    {"__gc", stream_close},
    {"__tostring", object_to_string},
    {"accept", stream_accept_method},
    {"bind", stream_bind_method},
    {"close", stream_close},
    {"connect", stream_connect_method},
    {"dirty", stream_dirty},
    {"getfd", stream_getfd},
    {"getsockname", stream_getsockname},
    {"getstats", stream_getstats_method},
    {"listen", stream_listen_method},
    {"receive", stream_receive_method},
    {"send", stream_send_method},
    {"setfd", stream_setfd},
    {"setoption", stream_setoption},
    {"setpeername", stream_connect_method},
    {"setsockname", stream_bind_method},
    {"setstats", stream_setstats_method},
    {"settimeout", stream_settimeout},
    {"shutdown", stream_shutdown_method},
    {nullptr, nullptr},
};

// ---------------------------------------------------------------------------------------------
// datagram

int datagram_bind_method(lua_State* state) {
  return bind_path(state, check_datagram(state, datagram_unconnected));
}

int datagram_connect_method(lua_State* state) {
  check_any_datagram(state);
  return connect_path(state);
}

int datagram_send_method(lua_State* state) {
  return datagram_send(state, check_datagram(state, datagram_connected));
}

int datagram_sendto(lua_State* state) {
  DatagramObject& object = check_datagram(state, datagram_unconnected);
  luaL_checkstring(state, 2);
  const char* path = luaL_checkstring(state, 3);
  if (is_too_long(path)) return push_failure(state, system_words(NetError::path_too_long));
  return datagram_send_to(state, object, Address::unix_path(path));
}

int datagram_receive_method(lua_State* state) {
  return datagram_receive(state, check_any_datagram(state));
}

int datagram_receivefrom(lua_State* state) {
  return datagram_receive_from(state, check_datagram(state, datagram_unconnected));
}

int datagram_close(lua_State* state) {
  return object_close(state, check_any_datagram(state));
}

int datagram_dirty(lua_State* state) {
  check_any_datagram(state);
  lua_pushboolean(state, 0);
  return 1;
}

int datagram_getfd(lua_State* state) {
  return object_getfd(state, check_any_datagram(state));
}

int datagram_setfd(lua_State* state) {
  return object_setfd(state, check_any_datagram(state));
}

int datagram_setoption(lua_State* state) {
  return unix_datagram_setoption(state, check_any_datagram(state));
}

int datagram_getsockname(lua_State* state) {
  return object_getsockpath(state, check_any_datagram(state));
}

int datagram_settimeout(lua_State* state) {
  return settimeout(state, check_any_datagram(state).timeout);
}

int datagram_gettimeout(lua_State* state) {
  return gettimeout(state, check_any_datagram(state).timeout);
}

int global_datagram(lua_State* state) {
  DatagramObject& object = push_datagram_object(state, Kind::unix_datagram);
  set_class(state, datagram_unconnected, -1);
  object.family = Family::path;
  const NetError error = create_socket(state, object, Family::path, net::SocketType::datagram);
  return error == NetError::none ? 1 : push_failure(state, luasocket_words(error));
}

constexpr luaL_Reg datagram_methods[] = {
    {"__gc", datagram_close},
    {"__tostring", object_to_string},
    {"bind", datagram_bind_method},
    {"close", datagram_close},
    {"connect", datagram_connect_method},
    {"dirty", datagram_dirty},
    {"getfd", datagram_getfd},
    {"getsockname", datagram_getsockname},
    {"gettimeout", datagram_gettimeout},
    {"receive", datagram_receive_method},
    {"receivefrom", datagram_receivefrom},
    {"send", datagram_send_method},
    {"sendto", datagram_sendto},
    {"setfd", datagram_setfd},
    {"setoption", datagram_setoption},
    {"setpeername", datagram_connect_method},
    {"setsockname", datagram_bind_method},
    {"settimeout", datagram_settimeout},
    {nullptr, nullptr},
};

// socket.unix() is the old spelling of socket.unix.stream().
int call_stream(lua_State* state) {
  lua_getfield(state, 1, "stream");
  lua_replace(state, 1);
  lua_call(state, lua_gettop(state) - 1, LUA_MULTRET);
  return lua_gettop(state);
}

constexpr luaL_Reg functions[] = {
    {"stream", global_stream}, {"dgram", global_datagram}, {"tcp", global_stream},
    {"udp", global_datagram},  {"__call", call_stream},    {nullptr, nullptr},
};

}  // namespace

int open_socket_unix(lua_State* state) {
  for (const char* name : {stream_master, stream_client, stream_server}) {
    new_class(state, name, stream_methods, {stream_any});
  }
  for (const char* name : {datagram_connected, datagram_unconnected}) {
    new_class(state, name, datagram_methods, {datagram_any, selectable_group});
  }
  Library& library = library_of(state);
  library.select_methods[kind_index(Kind::unix_stream)] = {stream_getfd, stream_dirty};
  library.select_methods[kind_index(Kind::unix_datagram)] = {datagram_getfd, datagram_dirty};
  luaL_newlib(state, functions);
  lua_pushvalue(state, -1);
  lua_setmetatable(state, -2);  // the table is its own metatable
  return 1;
}

}  // namespace moonwire::bindings::luasocket
