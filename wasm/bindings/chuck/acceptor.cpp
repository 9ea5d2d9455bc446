// Those who wait for connections, and those who make them: acceptor and connector of the first
// generation, listen and dial of the later ones.
#include <algorithm>
#include <memory>
#include <utility>

#include "bindings/chuck/address.h"
#include "bindings/chuck/engine.h"
#include "bindings/chuck/errors.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/sockets.h"
#include "bindings/chuck/sockets_internal.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "net/socket.h"

namespace moonwire::bindings::chuck {

using net::NetError;
using net::Ready;

namespace {

/// A number that stands for a socket, given back when it is no longer ours.
struct OwnedSocket {
  std::shared_ptr<net::Socket> socket;
  int descriptor = -1;

  void close(kernel::Process& process) {
    if (socket == nullptr) return;
    if (process.descriptors().socket(descriptor) == socket) process.descriptors().close(descriptor);
    socket->close();
    socket = nullptr;
  }
};

/// What a callback gets: (fd, 0) or (-1, errno); of the later generations (fd) or (nil, words).
int push_outcome(lua_State* state, Style style, int descriptor, int number, const char* words) {
  if (style == Style::first) {
    lua_pushinteger(state, descriptor);
    lua_pushinteger(state, number);
    return 2;
  }
  if (descriptor >= 0) {
    lua_pushinteger(state, descriptor);
    return 1;
  }
  lua_pushnil(state);
  lua_pushstring(state, words);
  return 2;
}

class Acceptor final : public Handle {
 public:
  static constexpr Kind kind = Kind::acceptor;
  static constexpr const char* class_name = "acceptor";

  Acceptor(kernel::Process& process, Style style, OwnedSocket socket)
      : process_(process), style_(style), listener_(std::move(socket)) {}
  ~Acceptor() override { listener_.close(process_); }

  bool is_open() const { return listener_.socket != nullptr; }
  Style style() const { return style_; }
  void enable(bool on) {
    is_enabled_ = on;
    if (!is_open() || engine() == nullptr) return;
    on ? watch(*listener_.socket, Ready::readable) : unwatch();
  }
  void close(lua_State* state, int self) {
    Engine::release(state, self, *this);
    listener_.close(process_);
    lua_pushnil(state);
    lua_setiuservalue(state, self, callback_value);
  }

  int push_event(lua_State* state, int self) override {
    if (!is_open() || !is_enabled_) return no_event;
    NetError error = NetError::none;
    const std::shared_ptr<net::Socket> socket = listener_.socket->accept(error);
    if (error == NetError::would_block) return no_event;
    int descriptor = -1;
    if (socket != nullptr) {
      descriptor = process_.descriptors().add(socket);
      if (descriptor < 0) {
        socket->close();
        error = NetError::too_many_files;
      }
    }
    push_callback(state, self);
    // A listener that is broken says so once.
    if (socket == nullptr && error != NetError::too_many_files_system) unwatch();
    return push_outcome(state, style_, descriptor, number_of(error), "chk_error_accept");
  }
  int push_farewell(lua_State* state, int self) override {
    push_callback(state, self);
    return push_outcome(state, style_, -1, error_engine_closed, "chk_error_loop_close");
  }

 private:
  kernel::Process& process_;
  Style style_;
  OwnedSocket listener_;
  bool is_enabled_ = true;
};

OwnedSocket socket_at(lua_State* state, int index) {
  if (lua_type(state, index) != LUA_TNUMBER) luaL_error(state, "arg1 should be number");
  const auto descriptor = static_cast<int>(lua_tointeger(state, index));
  return {kernel::process_of(state).descriptors().socket(descriptor), descriptor};
}

int new_acceptor(lua_State* state) {
  OwnedSocket socket = socket_at(state, 1);
  if (socket.socket == nullptr) return 0;
  push_new<Acceptor>(state, 2, kernel::process_of(state), Style::first, std::move(socket));
  return 1;
}

bool attach_acceptor(lua_State* state, Acceptor& acceptor, int engine_index, int self,
                     int callback) {
  Engine* engine = find<Engine>(state, engine_index);
  if (engine == nullptr || !lua_isfunction(state, callback) || !acceptor.is_open()) return false;
  if (!engine->attach(state, engine_index, self, acceptor)) return false;
  lua_pushvalue(state, callback);
  lua_setiuservalue(state, self, callback_value);
  acceptor.enable(true);
  return true;
}

int acceptor_attach(lua_State* state) {
  lua_pushboolean(state, attach_acceptor(state, check<Acceptor>(state), 2, 1, 3));
  return 1;
}

int switch_acceptor(lua_State* state, bool on) {
  auto& acceptor = check<Acceptor>(state);
  acceptor.enable(on);
  if (acceptor.style() == Style::later) return 0;
  lua_pushboolean(state, acceptor.is_open() && acceptor.engine() != nullptr);
  return 1;
}

int acceptor_enable(lua_State* state) {
  return switch_acceptor(state, true);
}

int acceptor_disable(lua_State* state) {
  return switch_acceptor(state, false);
}

int acceptor_close(lua_State* state) {
  check<Acceptor>(state).close(state, 1);
  return 0;
}

constexpr luaL_Reg acceptor_methods[] = {
    {"Add2Engine", acceptor_attach}, {"Enable", acceptor_enable}, {"Resume", acceptor_enable},
    {"Disable", acceptor_disable},   {"Pause", acceptor_disable}, {"Close", acceptor_close},
    {"__gc", destroy<Acceptor>},     {nullptr, nullptr},
};

/// listen(loop, addr, callback): the acceptor, or nothing.
int later_listen(lua_State* state) {
  check<Engine>(state);
  const net::Address& address = check<SocketAddress>(state, 2).address;
  luaL_checktype(state, 3, LUA_TFUNCTION);
  NetError error = NetError::none;
  const int descriptor = make_descriptor(state, address.family, net::SocketType::stream, error);
  if (descriptor < 0) return 0;
  kernel::Process& process = kernel::process_of(state);
  OwnedSocket socket{process.descriptors().socket(descriptor), descriptor};
  socket.socket->set_option(net::Option::reuse_address, 1);
  error = socket.socket->bind(address);
  if (error == NetError::none) error = socket.socket->listen(-1);
  if (error != NetError::none) {
    socket.close(process);
    return 0;
  }
  auto& acceptor = push_new<Acceptor>(state, 2, process, Style::later, std::move(socket));
  attach_acceptor(state, acceptor, 1, lua_gettop(state), 3);
  return 1;
}

// --- connects

class Connector final : public Handle {
 public:
  static constexpr Kind kind = Kind::connector;
  static constexpr const char* class_name = "connector";

  Connector(kernel::Process& process, Style style, OwnedSocket socket, kernel::Micros span)
      : process_(process), style_(style), socket_(std::move(socket)), span_(span) {}
  // Its socket is closed only once the attempt has failed: the number was the script's.

  bool is_done() const { return socket_.socket == nullptr; }
  void start() {
    if (span_ > 0) engine()->set_alarm(*this, engine()->now() + span_);
    watch(*socket_.socket, Ready::writable);
  }
  /// A dial that failed before it began.
  void fail(NetError error) {
    failed_ = error;
    engine()->enqueue(*this);
  }

  int push_event(lua_State* state, int self) override {
    if (is_done()) return no_event;
    NetError error = failed_;
    if (error == NetError::none && !has_timed_out_) {
      if (!any(socket_.socket->ready() & Ready::writable)) return no_event;
      error = socket_.socket->take_error();
    }
    return push_end(state, self, has_timed_out_ ? error_timed_out : number_of(error));
  }
  int push_farewell(lua_State* state, int self) override {
    return is_done() ? no_event : push_end(state, self, error_engine_closed);
  }
  void on_alarm() override {
    has_timed_out_ = true;
    engine()->enqueue(*this);
  }

 private:
  int push_end(lua_State* state, int self, int number) {
    push_callback(state, self);
    lua_pushnil(state);
    lua_setiuservalue(state, self, callback_value);
    Engine::release(state, self, *this);
    const int descriptor = number == 0 ? socket_.descriptor : -1;
    if (number == 0) {
      socket_.socket = nullptr;
    } else {
      socket_.close(process_);
    }
    const char* words = number == error_timed_out && has_timed_out_ ? "chk_error_connect_timeout"
                        : number == error_engine_closed             ? "chk_error_loop_close"
                                                                    : "chk_error_connect";
    return push_outcome(state, style_, descriptor, number, words);
  }

  kernel::Process& process_;
  Style style_;
  OwnedSocket socket_;
  kernel::Micros span_;  // 0: as long as it takes
  NetError failed_ = NetError::none;
  bool has_timed_out_ = false;
};

kernel::Micros span_at(lua_State* state, int index) {
  if (lua_isnoneornil(state, index)) return 0;
  if (lua_type(state, index) != LUA_TNUMBER) luaL_error(state, "arg2 should be number");
  const auto milliseconds = static_cast<lua_Integer>(lua_tonumber(state, index));
  return std::clamp<lua_Integer>(milliseconds, 0, timer_span_max) * 1000;
}

int new_connector(lua_State* state) {
  const kernel::Micros span = span_at(state, 2);
  OwnedSocket socket = socket_at(state, 1);
  if (socket.socket == nullptr) return 0;
  push_new<Connector>(state, 2, kernel::process_of(state), Style::first, std::move(socket), span);
  return 1;
}

int connector_attach(lua_State* state) {
  auto& connector = check<Connector>(state);
  Engine* engine = find<Engine>(state, 2);
  const bool is_good = engine != nullptr && lua_isfunction(state, 3) && !connector.is_done() &&
                       engine->attach(state, 2, 1, connector);
  if (is_good) {
    lua_pushvalue(state, 3);
    lua_setiuservalue(state, 1, callback_value);
    connector.start();
  }
  lua_pushboolean(state, is_good);
  return 1;
}

constexpr luaL_Reg connector_methods[] = {
    {"Add2Engine", connector_attach},
    {"__gc", destroy<Connector>},
    {nullptr, nullptr},
};

/// dial(loop, addr [, milliseconds], callback): nothing, or why not.
int later_dial(lua_State* state) {
  Engine& engine = check<Engine>(state);
  const net::Address& address = check<SocketAddress>(state, 2).address;
  const int callback = lua_isfunction(state, 3) ? 3 : 4;
  luaL_checktype(state, callback, LUA_TFUNCTION);
  const kernel::Micros span = callback == 4 ? span_at(state, 3) : 0;
  NetError error = NetError::none;
  const int descriptor = make_descriptor(state, address.family, net::SocketType::stream, error);
  if (descriptor < 0) {
    lua_pushliteral(state, "create socket failed");
    return 1;
  }
  kernel::Process& process = kernel::process_of(state);
  OwnedSocket socket{process.descriptors().socket(descriptor), descriptor};
  error = socket.socket->connect(address);
  auto& connector = push_new<Connector>(state, 2, process, Style::later, std::move(socket), span);
  const int self = lua_gettop(state);
  engine.attach(state, 1, self, connector);
  lua_pushvalue(state, callback);
  lua_setiuservalue(state, self, callback_value);
  const bool is_under_way = error == NetError::none || error == NetError::in_progress;
  is_under_way ? connector.start() : connector.fail(error);
  return 0;
}

constexpr luaL_Reg functions[] = {
    {"acceptor", new_acceptor}, {"connector", new_connector}, {"listen", later_listen},
    {"dial", later_dial},       {nullptr, nullptr},
};

}  // namespace

void add_acceptors(lua_State* state) {
  new_class(state, &class_key<Acceptor>, nullptr, acceptor_methods);
  new_class(state, &class_key<Connector>, nullptr, connector_methods);
  luaL_setfuncs(state, functions, 0);
}

void add_sockets(lua_State* state) {
  add_socket_helper(state);
  add_acceptors(state);
  add_datagrams(state);
}

}  // namespace moonwire::bindings::chuck
