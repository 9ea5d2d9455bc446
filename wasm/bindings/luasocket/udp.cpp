// socket.udp, udp4, udp6, and the classes udp{unconnected} and udp{connected}.
#include <cstdlib>
#include <cstring>

#include "bindings/failure.h"
#include "bindings/luasocket/datagram_io.h"
#include "bindings/luasocket/dial.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/limits.h"
#include "bindings/luasocket/object.h"
#include "bindings/luasocket/options.h"
#include "net/resolver.h"

namespace moonwire::bindings::luasocket {

using net::Address;
using net::Family;
using net::NetError;

namespace {

constexpr const char* any_class = "udp{any}";
constexpr const char* connected_class = "udp{connected}";
constexpr const char* unconnected_class = "udp{unconnected}";
constexpr const char* selectable_group = "select{able}";  // upstream's; nobody asks for it

DatagramObject& check_udp(lua_State* state, const char* name) {
  return *static_cast<DatagramObject*>(check_class(state, name, Kind::udp));
}

DatagramObject& check_any(lua_State* state) {
  return *static_cast<DatagramObject*>(check_group(state, any_class, Kind::udp));
}

// getaddrinfo with numbers only: no name of a host or a service is looked up.
NetError parse_numeric(const char* host, const char* service, Family family, Address& address) {
  std::uint16_t port = 0;
  const bool has_service = std::strcmp(service, "*") != 0;
  if (has_service && *service != '\0') {
    char* end = nullptr;
    const long number = std::strtol(service, &end, 10);
    if (*end != '\0') return NetError::name_unknown;
    if (number < 0) return NetError::service_unknown;
    if (!net::parse_service(service, port)) return NetError::service_unknown;
  }
  if (std::strcmp(host, "*") == 0) {
    if (!has_service) return NetError::name_unknown;
    address = Address::loopback(family == Family::inet6 ? Family::inet6 : Family::inet, port);
    return NetError::none;
  }
  auto parsed = net::parse_literal(host);
  if (!parsed) parsed = net::parse_loose_inet(host);
  if (!parsed) return NetError::name_unknown;
  if (family != Family::unspecified && parsed->family != family) {
    return NetError::name_wrong_family;
  }
  address = *parsed;
  address.port = port;
  return NetError::none;
}

int send(lua_State* state) {
  return datagram_send(state, check_udp(state, connected_class));
}

int sendto(lua_State* state) {
  DatagramObject& object = check_udp(state, unconnected_class);
  luaL_checkstring(state, 2);
  const char* host = luaL_checkstring(state, 3);
  const char* service = luaL_checkstring(state, 4);
  Address to;
  const NetError error = parse_numeric(host, service, object.family, to);
  if (error != NetError::none) return push_failure(state, system_words(error));
  if (object.family == Family::unspecified && object.descriptor == no_descriptor) {
    const NetError created = create_socket(state, object, to.family, net::SocketType::datagram);
    if (created != NetError::none) return push_failure(state, luasocket_words(created));
    object.family = to.family;
  }
  return datagram_send_to(state, object, to);
}

int receive(lua_State* state) {
  return datagram_receive(state, check_any(state));
}

int receivefrom(lua_State* state) {
  return datagram_receive_from(state, check_udp(state, unconnected_class));
}

int end_setsockname(lua_State* state, Object&, const char* words) {
  return words != nullptr ? push_failure(state, words) : push_success(state);
}

int setsockname(lua_State* state) {
  check_udp(state, unconnected_class);
  const Place place{luaL_checkstring(state, 2), luaL_checkstring(state, 3)};
  return dial(state, 1,
              {.local = place,
               .type = net::SocketType::datagram,
               .call = "setsockname",
               .end = end_setsockname});
}

int end_setpeername(lua_State* state, Object&, const char* words) {
  if (words != nullptr) return push_failure(state, words);
  set_class(state, connected_class, 1);
  return push_success(state);
}

int setpeername(lua_State* state) {
  DatagramObject& object = check_any(state);
  const char* host = luaL_checkstring(state, 2);
  if (std::strcmp(host, "*") == 0) {
    if (const auto socket = socket_of(state, object)) socket->connect(Address{});
    set_class(state, unconnected_class, 1);
    return push_success(state);
  }
  const Place place{host, luaL_checkstring(state, 3)};
  return dial(state, 1,
              {.remote = place,
               .type = net::SocketType::datagram,
               .call = "setpeername",
               .end = end_setpeername});
}

int getpeername(lua_State* state) {
  return object_getpeername(state, check_udp(state, connected_class));
}

int getsockname(lua_State* state) {
  return object_getsockname(state, check_any(state));
}

int close(lua_State* state) {
  return object_close(state, check_any(state));
}

int dirty(lua_State* state) {
  check_any(state);
  lua_pushboolean(state, 0);
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
  return udp_getoption(state, check_any(state));
}

int setoption(lua_State* state) {
  return udp_setoption(state, check_any(state));
}

int set_timeout(lua_State* state) {
  return settimeout(state, check_any(state).timeout);
}

int get_timeout(lua_State* state) {
  return gettimeout(state, check_any(state).timeout);
}

int create(lua_State* state, Family family) {
  DatagramObject& object = push_datagram_object(state, Kind::udp);
  set_class(state, unconnected_class, -1);
  object.family = family;
  if (family == Family::unspecified) return 1;  // a descriptor comes with the first address
  const NetError error = create_socket(state, object, family, net::SocketType::datagram);
  return error == NetError::none ? 1 : push_failure(state, luasocket_words(error));
}

int global_udp(lua_State* state) {
  return create(state, Family::unspecified);
}

int global_udp4(lua_State* state) {
  return create(state, Family::inet);
}

int global_udp6(lua_State* state) {
  return create(state, Family::inet6);
}

constexpr luaL_Reg methods[] = {
    {"__gc", close},
    {"__tostring", object_to_string},
    {"close", close},
    {"dirty", dirty},
    {"getfamily", getfamily},
    {"getfd", getfd},
    {"getoption", getoption},
    {"getpeername", getpeername},
    {"getsockname", getsockname},
    {"gettimeout", get_timeout},
    {"receive", receive},
    {"receivefrom", receivefrom},
    {"send", send},
    {"sendto", sendto},
    {"setfd", setfd},
    {"setoption", setoption},
    {"setpeername", setpeername},
    {"setsockname", setsockname},
    {"settimeout", set_timeout},
    {nullptr, nullptr},
};

constexpr luaL_Reg functions[] = {
    {"udp", global_udp},
    {"udp4", global_udp4},
    {"udp6", global_udp6},
    {nullptr, nullptr},
};

}  // namespace

void add_udp(lua_State* state) {
  for (const char* name : {connected_class, unconnected_class}) {
    new_class(state, name, methods, {any_class, selectable_group});
  }
  luaL_setfuncs(state, functions, 0);
  library_of(state).select_methods[kind_index(Kind::udp)] = {getfd, dirty};
  lua_pushinteger(state, lua_Integer(datagram_bytes));
  lua_setfield(state, -2, "_DATAGRAMSIZE");
}

}  // namespace moonwire::bindings::luasocket
