// socketcore: the Air724U's sockets. Calls return at once; what becomes of them are messages.
#include <cstdlib>

#include "bindings/luat/firmware.h"
#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

using module::SlotError;
using module::SlotKind;

/// A number, or a text that is one: scripts give ports both ways.
std::uint16_t check_port(lua_State* state, int index) {
  return static_cast<std::uint16_t>(luaL_checkinteger(state, index));
}

/// (type, address, port [, certificate]). SSL and RAW are refused by MSG_SOCK_CONN_CNF: this
/// machine has neither.
std::optional<int> open_socket(lua_State* state) {
  const auto kind = static_cast<SlotKind>(luaL_checkinteger(state, 1));
  const std::string_view address = check_text(state, 2);
  const std::uint16_t port = check_port(state, 3);
  if (address.size() > module::socket_address_bytes) return std::nullopt;
  if (kind == SlotKind::ssl || kind == SlotKind::raw) {
    kernel::process_of(state).write(kernel::OutputStream::standard_error,
                                    "socketcore: this module has no SSL and no RAW sockets: the "
                                    "connection will fail\n");
  }
  return module_of(state).sockets().open(kind, address, port);
}

int sock_conn(lua_State* state) {
  const auto index = open_socket(state);
  if (!index) return 0;
  lua_pushinteger(state, *index);
  return 1;
}

int sock_conn_ext(lua_State* state) {
  constexpr int no_slot = -1;
  lua_pushinteger(state, open_socket(state).value_or(no_slot));
  return 1;
}

int check_index(lua_State* state) {
  const lua_Integer index = luaL_checkinteger(state, 1);
  return index >= 0 && index <= INT32_MAX ? static_cast<int>(index) : -1;
}

int sock_send(lua_State* state) {
  const int index = check_index(state);
  const SlotError error = module_of(state).sockets().send(index, check_text(state, 2));
  lua_pushinteger(state, error == SlotError::ok ? 1 : 0);
  lua_pushinteger(state, static_cast<int>(error));
  return 2;
}

int sock_recv(lua_State* state) {
  const int index = check_index(state);
  const lua_Integer most = luaL_checkinteger(state, 2);
  const std::size_t count = most > 0 ? static_cast<std::size_t>(most) : 0;
  push_text(state, module_of(state).sockets().receive(index, count));
  return 1;
}

int sock_close(lua_State* state) {
  module_of(state).sockets().close(check_index(state));
  return say_one(state);
}

int sock_destroy(lua_State* state) {
  lua_pushinteger(state, module_of(state).sockets().destroy(check_index(state)) ? 1 : 0);
  return 1;
}

enum : lua_Integer {
  level_socket = 0xfff,
  level_tcp = 6,
  reuse_address = 4,
  keep_alive = 8,
  keep_idle = 3,
  keep_interval = 4,
  keep_count = 5,
};

std::optional<net::Option> option_of(lua_Integer level, lua_Integer name) {
  if (level == level_socket) {
    if (name == reuse_address) return net::Option::reuse_address;
    if (name == keep_alive) return net::Option::keep_alive;
  } else if (level == level_tcp) {
    if (name == keep_idle) return net::Option::keep_idle;
    if (name == keep_interval) return net::Option::keep_interval;
    if (name == keep_count) return net::Option::keep_count;
  }
  return std::nullopt;
}

int sock_setopt(lua_State* state) {
  const int index = check_index(state);
  const auto option = option_of(luaL_checkinteger(state, 2), luaL_checkinteger(state, 3));
  const auto value = static_cast<int>(luaL_checkinteger(state, 4));
  const bool is_set =
      option && module_of(state).sockets().set_option(index, *option, value) == net::NetError::none;
  lua_pushinteger(state, is_set ? 0 : -1);
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"sock_conn", sock_conn},     {"sock_conn_ext", sock_conn_ext},
    {"sock_send", sock_send},     {"sock_recv", sock_recv},
    {"sock_close", sock_close},   {"sock_destroy", sock_destroy},
    {"sock_setopt", sock_setopt}, {nullptr, nullptr},
};

constexpr Constant constants[] = {
    {"SOL_SOCKET", level_socket},
    {"IPPROTO_TCP", level_tcp},
    {"SO_REUSEADDR", reuse_address},
    {"SO_KEEPALIVE", keep_alive},
    {"TCP_KEEPIDLE", keep_idle},
    {"TCP_KEEPINTVL", keep_interval},
    {"TCP_KEEPCNT", keep_count},
    {"ERR_UNKOWN", -1},
    {"ERR_OK", 0},
    {"ERR_ENOMEM", 1},
    {"ERR_ENOBUFS", 2},
    {"ERR_ETIMEOUT", 3},
    {"ERR_ERTE", 4},
    {"ERR_EINPROGRESS", 5},
    {"ERR_EWOULDBLOCK", 7},
    {"ERR_EADDRINUSE", 8},
    {"ERR_EALREADY", 9},
    {"ERR_EISCONN", 10},
    {"ERR_ENOTCONN", 11},
    {"ERR_EIF", 12},
    {"ERR_EABORT", 13},
    {"ERR_ERST", 14},
    {"ERR_ECLSD", 15},
    {"ERR_EARG", 16},
    {"ERR_EIO", 17},
    {"ERR_SSL_EHANDESHAK", 18},
    {"ERR_SSL_EINIT", 19},
    {"ERR_SSL_EINVALID", 20},
};

}  // namespace

void add_socketcore(lua_State* state) {
  push_module(state, "socketcore", functions);
  set_constants(state, constants);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
