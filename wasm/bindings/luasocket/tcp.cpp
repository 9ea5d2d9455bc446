// socket.tcp, tcp4, tcp6, connect, and the classes tcp{master}, tcp{client}, tcp{server}.
#include "bindings/failure.h"
#include "bindings/luasocket/dial.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/object.h"
#include "bindings/luasocket/options.h"
#include "bindings/luasocket/stream_io.h"

namespace moonwire::bindings::luasocket {

using net::Family;

namespace {

constexpr const char* any_class = "tcp{any}";
constexpr const char* master_class = "tcp{master}";
constexpr const char* client_class = "tcp{client}";
constexpr const char* server_class = "tcp{server}";

StreamObject& check_tcp(lua_State* state, const char* name) {
  return *static_cast<StreamObject*>(check_class(state, name, Kind::tcp));
}

StreamObject& check_any(lua_State* state) {
  return *static_cast<StreamObject*>(check_group(state, any_class, Kind::tcp));
}

int end_bind(lua_State* state, Object&, const char* words) {
  return words != nullptr ? push_failure(state, words) : push_success(state);
}

int bind(lua_State* state) {
  check_tcp(state, master_class);
  const Place place{luaL_checkstring(state, 2), luaL_checkstring(state, 3)};
  return dial(state, 1, {.local = place, .call = "bind", .end = end_bind});
}

int end_connect(lua_State* state, Object&, const char* words) {
  set_class(state, client_class, 1);  // also after a failure: the attempt may go on
  if (words == nullptr) return push_success(state);
  return push_failure(state, words);
}

int connect(lua_State* state) {
  check_any(state);
  const Place place{luaL_checkstring(state, 2), luaL_checkstring(state, 3)};
  return dial(state, 1, {.remote = place, .call = "connect", .end = end_connect});
}

int listen(lua_State* state) {
  return stream_listen(state, check_tcp(state, master_class), server_class);
}

int accept(lua_State* state) {
  return stream_accept(state, check_tcp(state, server_class), client_class);
}

int send(lua_State* state) {
  return stream_send(state, check_tcp(state, client_class));
}

int receive(lua_State* state) {
  return stream_receive(state, check_tcp(state, client_class));
}

int shutdown(lua_State* state) {
  return stream_shutdown(state, check_tcp(state, client_class));
}

int getstats(lua_State* state) {
  return stream_getstats(state, check_tcp(state, client_class));
}

int setstats(lua_State* state) {
  return stream_setstats(state, check_tcp(state, client_class));
}

int close(lua_State* state) {
  return object_close(state, check_any(state));
}

int dirty(lua_State* state) {
  lua_pushboolean(state, check_any(state).is_dirty());
  return 1;
}

int getfamily(lua_State* state) {
  return object_getfamily(state, check_any(state));
}

int getfd(lua_State* state) {
  return object_getfd(state, check_any(state));
}

int setfd(lua_State* state) {
  return object_setfd(state, check_any(state));
}

int getoption(lua_State* state) {
  return tcp_getoption(state, check_any(state));
}

int setoption(lua_State* state) {
  return tcp_setoption(state, check_any(state));
}

int getpeername(lua_State* state) {
  return object_getpeername(state, check_any(state));
}

int getsockname(lua_State* state) {
  return object_getsockname(state, check_any(state));
}

int set_timeout(lua_State* state) {
  return settimeout(state, check_any(state).timeout);
}

int get_timeout(lua_State* state) {
  return gettimeout(state, check_any(state).timeout);
}

int create(lua_State* state, Family family) {
  StreamObject& object = push_stream_object(state, Kind::tcp);
  set_class(state, master_class, -1);
  object.family = family;
  if (family == Family::unspecified) return 1;  // a descriptor comes with the first address
  const auto error = create_socket(state, object, family, net::SocketType::stream);
  return error == net::NetError::none ? 1 : push_failure(state, luasocket_words(error));
}

int global_tcp(lua_State* state) {
  return create(state, Family::unspecified);
}

int global_tcp4(lua_State* state) {
  return create(state, Family::inet);
}

int global_tcp6(lua_State* state) {
  return create(state, Family::inet6);
}

constexpr int connected_index = 6;  // after the five arguments of socket.connect

int end_global_connect(lua_State* state, Object& object, const char* words) {
  if (words != nullptr) {
    destroy_socket(state, object);
    return push_failure(state, words);
  }
  lua_pushvalue(state, connected_index);
  set_class(state, client_class, -1);
  return 1;
}

int global_connect(lua_State* state) {
  static constexpr const char* names[] = {"unspec", "inet", "inet6", nullptr};
  static constexpr Family families[] = {Family::unspecified, Family::inet, Family::inet6};
  const Place remote{luaL_checkstring(state, 1), luaL_checkstring(state, 2)};
  const Place local{luaL_optstring(state, 3, nullptr), luaL_optstring(state, 4, "0")};
  const Family family = families[luaL_checkoption(state, 5, "unspec", names)];
  lua_settop(state, connected_index - 1);
  push_stream_object(state, Kind::tcp);
  // Until the end it has no class, so no finalizer: it gets one that closes what a stop would
  // leave.
  set_class(state, master_class, -1);
  return dial(state, connected_index,
              {.local = local,
               .remote = remote,
               .local_family = family,
               .call = "connect",
               .end = end_global_connect});
}

constexpr luaL_Reg methods[] = {
    {"__gc", close},
    {"__tostring", object_to_string},
    {"accept", accept},
    {"bind", bind},
    {"close", close},
    {"connect", connect},
    {"dirty", dirty},
    {"getfamily", getfamily},
    {"getfd", getfd},
    {"getoption", getoption},
    {"getpeername", getpeername},
    {"getsockname", getsockname},
    {"getstats", getstats},
    {"gettimeout", get_timeout},
    {"listen", listen},
    {"receive", receive},
    {"send", send},
    {"setfd", setfd},
    {"setoption", setoption},
    {"setpeername", connect},
    {"setsockname", bind},
    {"setstats", setstats},
    {"settimeout", set_timeout},
    {"shutdown", shutdown},
    {nullptr, nullptr},
};

constexpr luaL_Reg functions[] = {
    {"tcp", global_tcp},         {"tcp4", global_tcp4}, {"tcp6", global_tcp6},
    {"connect", global_connect}, {nullptr, nullptr},
};

}  // namespace

void add_tcp(lua_State* state) {
  for (const char* name : {master_class, client_class, server_class}) {
    new_class(state, name, methods, {any_class});
  }
  luaL_setfuncs(state, functions, 0);
  library_of(state).select_methods[kind_index(Kind::tcp)] = {getfd, dirty};
}

}  // namespace moonwire::bindings::luasocket
