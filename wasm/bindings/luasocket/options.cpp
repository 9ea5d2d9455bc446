// getoption and setoption. Types are checked first and raise; a stack that refuses gives nil and
// "getsockopt failed" or "setsockopt failed", also for an object without a socket.
#include "bindings/luasocket/options.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "bindings/failure.h"

namespace moonwire::bindings::luasocket {

using net::Address;
using net::Family;
using net::NetError;
using net::Option;

namespace {

enum class Value {
  truth,
  number,
  linger,
  error,
  interface_ip,
  join_ip,
  leave_ip,
  join_ip6,
  leave_ip6,
};

/// One name of a class's list. `needs_ip6`: the stack refuses it on an IPv4 socket.
struct Row {
  const char* name;
  Value value;
  Option option = Option::reuse_address;  // truth and number only
  bool needs_ip6 = false;
};

constexpr int value_index = 3;

int get_failed(lua_State* state) {
  return push_failure(state, "getsockopt failed");
}

int wrong_type(lua_State* state, const char* wanted) {
  const char* message =
      lua_pushfstring(state, "%s expected, got %s", wanted, luaL_typename(state, value_index));
  return luaL_argerror(state, value_index, message);
}

// A number as a C int on a PC: what does not fit, infinities included, is the least one.
int to_int(lua_Number number) {
  constexpr double beyond = 2147483648.0;  // 2^31
  return number > -beyond - 1 && number < beyond ? int(number) : INT_MIN;
}

// inet_aton of field or argument text.
bool parse_ip(const char* text, Address& address) {
  const auto parsed = net::parse_loose_inet(text);
  if (parsed) address = *parsed;
  return parsed.has_value();
}

// The socket that a row's option can be set on, or null. Asked for after the argument checks: those
// may run the script's metamethods, which may close it.
std::shared_ptr<net::Socket> usable_socket(lua_State* state, const Object& object, const Row& row) {
  auto socket = socket_of(state, object);
  if (socket != nullptr && row.needs_ip6 && socket->family() != Family::inet6) return nullptr;
  return socket;
}

// Each of these checks the value, then sets it.

NetError set_truth(lua_State* state, Object& object, const Row& row) {
  if (!lua_isboolean(state, value_index)) wrong_type(state, "boolean");
  const auto socket = usable_socket(state, object, row);
  if (socket == nullptr) return NetError::bad_descriptor;
  return socket->set_option(row.option, lua_toboolean(state, value_index));
}

NetError set_number(lua_State* state, Object& object, const Row& row) {
  const auto socket = usable_socket(state, object, row);
  if (socket == nullptr) return NetError::bad_descriptor;
  return socket->set_option(row.option, to_int(lua_tonumber(state, value_index)));
}

NetError set_linger(lua_State* state, Object& object, const Row& row) {
  if (!lua_istable(state, value_index)) wrong_type(state, "table");
  if (lua_getfield(state, value_index, "on") != LUA_TBOOLEAN) {
    luaL_argerror(state, value_index, "boolean 'on' field expected");
  }
  const bool is_on = lua_toboolean(state, -1);
  lua_getfield(state, value_index, "timeout");
  if (!lua_isnumber(state, -1)) {
    luaL_argerror(state, value_index, "number 'timeout' field expected");
  }
  const int seconds = to_int(lua_tonumber(state, -1)) & 0xffff;  // an unsigned short upstream
  const auto socket = usable_socket(state, object, row);
  if (socket == nullptr) return NetError::bad_descriptor;
  return socket->set_linger({.on = is_on, .seconds = seconds});
}

// The text of a membership table's field; it stays on the stack.
const char* check_text_field(lua_State* state, const char* field, const char* complaint) {
  lua_getfield(state, value_index, field);
  if (!lua_isstring(state, -1)) luaL_argerror(state, value_index, complaint);
  return lua_tostring(state, -1);
}

NetError set_membership(lua_State* state, Object& object, const Row& row) {
  if (!lua_istable(state, value_index)) wrong_type(state, "table");
  Address group;
  Address interface = Address::any(Family::inet);
  if (!parse_ip(check_text_field(state, "multiaddr", "string 'multiaddr' field expected"), group)) {
    luaL_argerror(state, value_index, "invalid 'multiaddr' ip address");
  }
  const char* text = check_text_field(state, "interface", "string 'interface' field expected");
  if (std::strcmp(text, "*") != 0 && !parse_ip(text, interface)) {
    luaL_argerror(state, value_index, "invalid 'interface' ip address");
  }
  const auto socket = usable_socket(state, object, row);
  if (socket == nullptr) return NetError::bad_descriptor;
  return socket->set_membership(group, interface, row.value == Value::join_ip);
}

NetError set_membership6(lua_State* state, Object& object, const Row& row) {
  if (!lua_istable(state, value_index)) wrong_type(state, "table");
  const char* text = check_text_field(state, "multiaddr", "string 'multiaddr' field expected");
  const auto group = net::parse_literal(text, Family::inet6);
  if (!group) luaL_argerror(state, value_index, "invalid 'multiaddr' ip address");
  lua_getfield(state, value_index, "interface");
  if (!lua_isnil(state, -1) && !lua_isnumber(state, -1)) {
    luaL_argerror(state, -1, "number 'interface' field expected");
  }
  const auto socket = usable_socket(state, object, row);
  if (socket == nullptr) return NetError::bad_descriptor;
  return socket->set_membership(*group, Address::any(Family::inet6), row.value == Value::join_ip6);
}

// Only remembered: the machine has one interface of each family.
NetError set_interface(lua_State* state, Object& object, const Row& row) {
  const char* text = luaL_checkstring(state, value_index);
  Address address = Address::any(Family::inet);
  if (std::strcmp(text, "*") != 0 && !parse_ip(text, address)) {
    luaL_argerror(state, value_index, "ip expected");
  }
  if (usable_socket(state, object, row) == nullptr) return NetError::bad_descriptor;
  if (!address.is_any() && !address.is_loopback()) return NetError::address_not_available;
  auto& datagram = static_cast<DatagramObject&>(object);
  std::copy_n(address.bytes.begin(), 4, datagram.multicast_interface);
  return NetError::none;
}

NetError set_value(lua_State* state, Object& object, const Row& row) {
  switch (row.value) {
    case Value::truth: return set_truth(state, object, row);
    case Value::number: return set_number(state, object, row);
    case Value::linger: return set_linger(state, object, row);
    case Value::interface_ip: return set_interface(state, object, row);
    case Value::join_ip:
    case Value::leave_ip: return set_membership(state, object, row);
    case Value::join_ip6:
    case Value::leave_ip6: return set_membership6(state, object, row);
    case Value::error: break;
  }
  return NetError::option_not_supported;
}

int set(lua_State* state, Object& object, const Row& row) {
  const NetError error = set_value(state, object, row);
  return error == NetError::none ? push_success(state) : push_failure(state, "setsockopt failed");
}

int get(lua_State* state, Object& object, const Row& row) {
  const auto socket = usable_socket(state, object, row);
  if (socket == nullptr) return get_failed(state);
  int value = 0;
  switch (row.value) {
    case Value::truth:
    case Value::number:
      if (socket->get_option(row.option, value) != NetError::none) return get_failed(state);
      if (row.value == Value::truth) {
        lua_pushboolean(state, value);
      } else {
        lua_pushnumber(state, value);
      }
      return 1;
    case Value::linger: {
      const net::Linger linger = socket->linger();
      lua_createtable(state, 0, 2);
      lua_pushboolean(state, linger.on);
      lua_setfield(state, -2, "on");
      lua_pushinteger(state, linger.seconds);
      lua_setfield(state, -2, "timeout");
      return 1;
    }
    case Value::error: lua_pushstring(state, luasocket_words(socket->take_error())); return 1;
    case Value::interface_ip: {
      const auto& ip = static_cast<DatagramObject&>(object).multicast_interface;
      lua_pushfstring(state, "%d.%d.%d.%d", ip[0], ip[1], ip[2], ip[3]);
      return 1;
    }
    default: return get_failed(state);
  }
}

using Act = int (*)(lua_State*, Object&, const Row&);

int find_and(lua_State* state, Object& object, std::span<const Row> rows, Act act) {
  const char* name = luaL_checkstring(state, 2);
  for (const Row& row : rows) {
    if (std::strcmp(row.name, name) == 0) return act(state, object, row);
  }
  char cut[36];
  std::strncpy(cut, name, sizeof cut - 1);
  cut[sizeof cut - 1] = '\0';
  return luaL_argerror(state, 2, lua_pushfstring(state, "unsupported option `%s'", cut));
}

constexpr Row tcp_getters[] = {
    {"keepalive", Value::truth, Option::keep_alive},
    {"reuseaddr", Value::truth, Option::reuse_address},
    {"reuseport", Value::truth, Option::reuse_port},
    {"tcp-nodelay", Value::truth, Option::no_delay},
    {"tcp-keepidle", Value::number, Option::keep_idle},
    {"tcp-keepcnt", Value::number, Option::keep_count},
    {"tcp-keepintvl", Value::number, Option::keep_interval},
    {"linger", Value::linger},
    {"error", Value::error},
    {"recv-buffer-size", Value::number, Option::receive_buffer},
    {"send-buffer-size", Value::number, Option::send_buffer},
};

constexpr Row tcp_setters[] = {
    {"keepalive", Value::truth, Option::keep_alive},
    {"reuseaddr", Value::truth, Option::reuse_address},
    {"reuseport", Value::truth, Option::reuse_port},
    {"tcp-nodelay", Value::truth, Option::no_delay},
    {"tcp-keepidle", Value::number, Option::keep_idle},
    {"tcp-keepcnt", Value::number, Option::keep_count},
    {"tcp-keepintvl", Value::number, Option::keep_interval},
    {"ipv6-v6only", Value::truth, Option::v6_only, true},
    {"linger", Value::linger},
    {"recv-buffer-size", Value::number, Option::receive_buffer},
    {"send-buffer-size", Value::number, Option::send_buffer},
    {"tcp-defer-accept", Value::number, Option::defer_accept},
    {"tcp-fastopen", Value::number, Option::fast_open},
    {"tcp-fastopen-connect", Value::number, Option::fast_open_connect},
};

constexpr Row udp_getters[] = {
    {"dontroute", Value::truth, Option::dont_route},
    {"broadcast", Value::truth, Option::broadcast},
    {"reuseaddr", Value::truth, Option::reuse_address},
    {"reuseport", Value::truth, Option::reuse_port},
    {"ip-multicast-if", Value::interface_ip},
    {"ip-multicast-loop", Value::truth, Option::multicast_loop},
    {"error", Value::error},
    {"ipv6-unicast-hops", Value::number, Option::unicast_hops, true},
    {"ipv6-multicast-hops", Value::number, Option::unicast_hops, true},  // upstream's wiring
    {"ipv6-multicast-loop", Value::truth, Option::multicast_loop, true},
    {"ipv6-v6only", Value::truth, Option::v6_only, true},
    {"recv-buffer-size", Value::number, Option::receive_buffer},
    {"send-buffer-size", Value::number, Option::send_buffer},
};

constexpr Row udp_setters[] = {
    {"dontroute", Value::truth, Option::dont_route},
    {"broadcast", Value::truth, Option::broadcast},
    {"reuseaddr", Value::truth, Option::reuse_address},
    {"reuseport", Value::truth, Option::reuse_port},
    {"ip-multicast-if", Value::interface_ip},
    {"ip-multicast-ttl", Value::number, Option::multicast_ttl},
    {"ip-multicast-loop", Value::truth, Option::multicast_loop},
    {"ip-add-membership", Value::join_ip},
    {"ip-drop-membership", Value::leave_ip},
    {"ipv6-unicast-hops", Value::number, Option::unicast_hops, true},
    {"ipv6-multicast-hops", Value::number, Option::unicast_hops, true},  // upstream's wiring
    {"ipv6-multicast-loop", Value::truth, Option::multicast_loop, true},
    {"ipv6-add-membership", Value::join_ip6, Option::reuse_address, true},
    {"ipv6-drop-membership", Value::leave_ip6, Option::reuse_address, true},
    {"ipv6-v6only", Value::truth, Option::v6_only, true},
    {"recv-buffer-size", Value::number, Option::receive_buffer},
    {"send-buffer-size", Value::number, Option::send_buffer},
};

constexpr Row unix_stream_setters[] = {
    {"keepalive", Value::truth, Option::keep_alive},
    {"reuseaddr", Value::truth, Option::reuse_address},
    {"linger", Value::linger},
};

constexpr Row unix_datagram_setters[] = {
    {"reuseaddr", Value::truth, Option::reuse_address},
};

}  // namespace

int tcp_getoption(lua_State* state, Object& object) {
  return find_and(state, object, tcp_getters, get);
}

int tcp_setoption(lua_State* state, Object& object) {
  return find_and(state, object, tcp_setters, set);
}

int udp_getoption(lua_State* state, Object& object) {
  return find_and(state, object, udp_getters, get);
}

int udp_setoption(lua_State* state, Object& object) {
  return find_and(state, object, udp_setters, set);
}

int unix_stream_setoption(lua_State* state, Object& object) {
  return find_and(state, object, unix_stream_setters, set);
}

int unix_datagram_setoption(lua_State* state, Object& object) {
  return find_and(state, object, unix_datagram_setters, set);
}

}  // namespace moonwire::bindings::luasocket
