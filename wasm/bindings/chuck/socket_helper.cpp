// chuck.socket_helper: sockets as numbers, with errno's numbers negated; and socket.addr.
#include <cstdint>
#include <memory>
#include <string>

#include "bindings/blocking_call.h"
#include "bindings/chuck/address.h"
#include "bindings/chuck/errors.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/sockets.h"
#include "bindings/chuck/sockets_internal.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "net/resolver.h"

namespace moonwire::bindings::chuck {

using net::Address;
using net::Family;
using net::NetError;

namespace {

// Linux's numbers.
constexpr int af_local = 1;
constexpr int af_inet = 2;
constexpr int af_inet6 = 10;
constexpr int sock_stream = 1;
constexpr int sock_dgram = 2;
constexpr int no_descriptor = -1;

// Numbers that are non-blocking, in the registry under this address.
constexpr char nonblocking_key = 0;

bool is_nonblocking(lua_State* state, int descriptor) {
  lua_rawgetp(state, LUA_REGISTRYINDEX, &nonblocking_key);
  const bool is = lua_rawgeti(state, -1, descriptor) != LUA_TNIL;
  lua_pop(state, 2);
  return is;
}

void set_nonblocking(lua_State* state, int descriptor, bool on) {
  lua_rawgetp(state, LUA_REGISTRYINDEX, &nonblocking_key);
  on ? lua_pushboolean(state, 1) : lua_pushnil(state);
  lua_rawseti(state, -2, descriptor);
  lua_pop(state, 1);
}

Family family_of(lua_Integer number) {
  switch (number) {
    case af_local: return Family::path;
    case af_inet: return Family::inet;
    case af_inet6: return Family::inet6;
    default: return Family::unspecified;
  }
}

int push_negated(lua_State* state, NetError error) {
  lua_pushinteger(state, -number_of(error));
  return 1;
}

/// socket(family, type, protocol): the number, or -1.
int new_socket(lua_State* state) {
  const Family family = family_of(luaL_checkinteger(state, 1));
  const lua_Integer type = luaL_checkinteger(state, 2);
  const bool is_known =
      family != Family::unspecified && (type == sock_stream || type == sock_dgram);
  NetError error = NetError::none;
  const int descriptor = is_known ? make_descriptor(state, family,
                                                    type == sock_stream ? net::SocketType::stream
                                                                        : net::SocketType::datagram,
                                                    error)
                                  : no_descriptor;
  if (descriptor >= 0) set_nonblocking(state, descriptor, false);
  lua_pushinteger(state, descriptor);
  return 1;
}

std::shared_ptr<net::Socket> socket_at(lua_State* state, int index) {
  const auto descriptor = static_cast<int>(luaL_checkinteger(state, index));
  return kernel::process_of(state).descriptors().socket(descriptor);
}

/// (fd, ip, port), (fd, path) or (fd, addr).
Address target_of(lua_State* state) {
  if (const auto* given = find<SocketAddress>(state, 2)) return given->address;
  if (lua_isnoneornil(state, 3)) return Address::unix_path(luaL_checkstring(state, 2));
  return check_literal(state, 2, 3);
}

int connect_over(lua_State* state, int, lua_KContext) {
  const auto socket = socket_at(state, 1);
  return push_negated(state, socket != nullptr ? socket->take_error() : NetError::bad_descriptor);
}

int connect_socket(lua_State* state) {
  net::Socket* waits = nullptr;
  {
    const auto socket = socket_at(state, 1);
    if (socket == nullptr) return push_negated(state, NetError::bad_descriptor);
    const NetError error = socket->connect(target_of(state));
    const bool is_under_way = error == NetError::in_progress;
    const auto descriptor = static_cast<int>(lua_tointeger(state, 1));
    if (!is_under_way || is_nonblocking(state, descriptor)) return push_negated(state, error);
    waits = socket.get();  // the descriptor keeps it
  }
  if (any(waits->ready() & net::Ready::writable)) return connect_over(state, LUA_OK, 0);
  return park_on(state, *waits, net::Ready::writable, kernel::Wait::never, 0, connect_over,
                 "connect");
}

int listen_on(lua_State* state) {
  const auto socket = socket_at(state, 1);
  if (socket == nullptr) return push_negated(state, NetError::bad_descriptor);
  NetError error = socket->bind(target_of(state));
  if (error == NetError::none) error = socket->listen(-1);
  return push_negated(state, error);
}

int bind_socket(lua_State* state) {
  const auto socket = socket_at(state, 1);
  if (socket == nullptr) return push_negated(state, NetError::bad_descriptor);
  return push_negated(state, socket->bind(target_of(state)));
}

lua_Integer check_switch(lua_State* state) {
  if (lua_type(state, 2) != LUA_TNUMBER) luaL_error(state, "arg2 should be number");
  return lua_tointeger(state, 2);
}

int noblock(lua_State* state) {
  const bool on = check_switch(state) != 0;
  const auto socket = socket_at(state, 1);
  if (socket == nullptr) return push_negated(state, NetError::bad_descriptor);
  set_nonblocking(state, static_cast<int>(lua_tointeger(state, 1)), on);
  return push_negated(state, NetError::none);
}

int reuse_address(lua_State* state) {
  const int on = check_switch(state) != 0 ? 1 : 0;
  const auto socket = socket_at(state, 1);
  if (socket == nullptr) return push_negated(state, NetError::bad_descriptor);
  return push_negated(state, socket->set_option(net::Option::reuse_address, on));
}

int close_descriptor(lua_State* state) {
  const auto descriptor = static_cast<int>(luaL_checkinteger(state, 1));
  if (descriptor >= 0) kernel::process_of(state).descriptors().close(descriptor);
  return 0;
}

// --- names

/// A question under way; in a userdata, because the call waits.
struct Question {
  static constexpr Kind kind = Kind::block;
  static constexpr const char* class_name = "lookup";
  std::shared_ptr<net::Lookup> lookup;
};

int push_answer(lua_State* state, const net::Lookup& lookup) {
  lua_newtable(state);
  lua_Integer count = 0;
  for (const Address& address : lookup.addresses()) {
    if (address.family != Family::inet) continue;
    lua_pushstring(state, address.host().c_str());
    lua_rawseti(state, -2, ++count);
  }
  return count > 0 ? 1 : 0;
}

int resume_lookup(lua_State* state, int, lua_KContext) {
  auto* question = find<Question>(state, 2);
  if (!question->lookup->is_done()) {
    return park_on(state, *question->lookup, net::Ready::readable, kernel::Wait::never, 0,
                   resume_lookup, "gethostbyname_ipv4");
  }
  const auto lookup = std::move(question->lookup);
  return lookup->error() == NetError::none ? push_answer(state, *lookup) : 0;
}

int host_by_name(lua_State* state) {
  const char* name = luaL_checkstring(state, 1);
  lua_settop(state, 1);
  auto& question = push_new<Question>(state, 0);
  question.lookup =
      kernel::process_of(state).machine().network().resolver().forward(name, Family::inet);
  return resume_lookup(state, LUA_OK, 0);
}

constexpr luaL_Reg question_methods[] = {{"__gc", destroy<Question>}, {nullptr, nullptr}};

// --- addresses

/// addr(family, ip, port), addr(AF_LOCAL, path); nothing for another family.
int new_address(lua_State* state) {
  switch (family_of(luaL_checkinteger(state, 1))) {
    case Family::inet: push_address(state, check_literal(state, 2, 3)); return 1;
    case Family::path:
      push_address(state, Address::unix_path(luaL_checkstring(state, 2)));
      return 1;
    default: return 0;
  }
}

int address_host(lua_State* state) {
  lua_pushstring(state, check<SocketAddress>(state).address.host().c_str());
  return 1;
}

int address_port(lua_State* state) {
  lua_pushinteger(state, check<SocketAddress>(state).address.port);
  return 1;
}

constexpr luaL_Reg address_methods[] = {{"__gc", destroy<SocketAddress>}, {nullptr, nullptr}};

constexpr luaL_Reg helper_functions[] = {
    {"socket", new_socket},      {"connect", connect_socket},
    {"listen", listen_on},       {"bind", bind_socket},
    {"noblock", noblock},        {"addr_reuse", reuse_address},
    {"close", close_descriptor}, {"gethostbyname_ipv4", host_by_name},
    {nullptr, nullptr},
};

constexpr luaL_Reg address_functions[] = {
    {"addr", new_address},
    {"inet_ntop", address_host},
    {"inet_port", address_port},
    {nullptr, nullptr},
};

struct Constant {
  const char* name;
  int value;
};

constexpr Constant constants[] = {
    {"AF_INET", af_inet},  {"AF_INET6", af_inet6},       {"AF_LOCAL", af_local},
    {"AF_UNIX", af_local}, {"SOCK_STREAM", sock_stream}, {"SOCK_DGRAM", sock_dgram},
    {"IPPROTO_TCP", 6},    {"IPPROTO_UDP", 17},
};

}  // namespace

int make_descriptor(lua_State* state, Family family, net::SocketType type, NetError& error) {
  kernel::Process& process = kernel::process_of(state);
  const auto socket = process.machine().network().make_socket(family, type, error);
  if (socket == nullptr) return no_descriptor;
  const int descriptor = process.descriptors().add(socket);
  if (descriptor >= 0) return descriptor;
  socket->close();
  error = NetError::too_many_files;
  return no_descriptor;
}

void push_address(lua_State* state, const Address& address) {
  push_new<SocketAddress>(state, 0).address = address;
}

Address check_literal(lua_State* state, int ip_index, int port_index) {
  std::size_t size = 0;
  const char* ip = luaL_checklstring(state, ip_index, &size);
  const lua_Integer port = luaL_checkinteger(state, port_index);
  bool is_good = port >= 0 && port <= 0xffff;
  Address address;
  {
    const auto parsed = net::parse_literal({ip, size}, Family::inet);
    is_good = is_good && parsed.has_value();
    if (is_good) address = *parsed;
  }
  if (!is_good) luaL_error(state, "invaild address or port");
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

void add_socket_helper(lua_State* state) {
  new_class(state, &class_key<Question>, nullptr, question_methods);
  new_class(state, &class_key<SocketAddress>, nullptr, address_methods);
  lua_newtable(state);
  lua_rawsetp(state, LUA_REGISTRYINDEX, &nonblocking_key);
  luaL_setfuncs(state, address_functions, 0);
  luaL_newlib(state, helper_functions);
  for (const Constant& one : constants) {
    lua_pushinteger(state, one.value);
    lua_setfield(state, -2, one.name);
  }
  lua_setfield(state, -2, "socket_helper");
}

}  // namespace moonwire::bindings::chuck
