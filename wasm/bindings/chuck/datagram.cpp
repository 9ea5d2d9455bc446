// Datagram sockets: socket.datagram of the later generations, and chuck.datagram in the manner of
// the first, whose own were never within a script's reach.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "bindings/chuck/address.h"
#include "bindings/chuck/decoder.h"
#include "bindings/chuck/engine.h"
#include "bindings/chuck/errors.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/packet.h"
#include "bindings/chuck/sockets.h"
#include "bindings/chuck/sockets_internal.h"
#include "kernel/machine.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

using net::Address;
using net::NetError;
using net::Ready;

namespace {

constexpr int truncated_number = 49;  // the later generations' msg_trunc

class Datagram final : public Handle {
 public:
  static constexpr Kind kind = Kind::datagram;
  static constexpr const char* class_name = "datagram";

  struct Source {
    std::shared_ptr<net::Socket> socket;
    int descriptor;
    std::size_t receive_bytes;
    Decoder decoder;
  };
  Datagram(kernel::Process& process, Style style, Source source)
      : process_(process), style_(style), source_(std::move(source)) {}
  ~Datagram() override { drop(); }

  net::Socket* socket() const { return source_.socket.get(); }
  Style style() const { return style_; }
  void listen() { watch(*source_.socket, Ready::readable); }
  void close(lua_State* state) {
    Engine::release(state, 1, *this);
    drop();
    lua_pushnil(state);
    lua_setiuservalue(state, 1, callback_value);
  }

  int push_event(lua_State* state, int self) override {
    while (socket() != nullptr) {
      const auto length = socket()->pending_datagram();
      Address from;
      ByteQueue& buffer = engine()->spare();
      const std::size_t size =
          std::clamp<std::size_t>(length.value_or(1), 1, source_.receive_bytes);
      char* place = buffer.room(size);
      if (place == nullptr) luaL_error(state, "not enough memory");
      const net::Transfer came =
          socket()->receive_from(std::as_writable_bytes(std::span<char>(place, size)), from);
      if (came.error == NetError::would_block) return no_event;
      const bool is_cut = length.value_or(0) > came.count;
      const std::string_view bytes(place, came.count);
      const int arguments = style_ == Style::first
                                ? push_first(state, self, bytes, from, came, is_cut)
                                : push_later(state, self, bytes, from, came, is_cut);
      if (arguments != no_event) return arguments;
    }
    return no_event;
  }

 private:
  /// (socket, packet, ip, port). What is cut, broken or no frame is dropped.
  int push_first(lua_State* state, int self, std::string_view bytes, const Address& from,
                 const net::Transfer& came, bool is_cut) {
    if (came.error != NetError::none || is_cut) return no_event;
    Kind made = Kind::rawpacket;
    if (source_.decoder.way == Decoder::Way::first) {
      LengthFramer framer(LengthFramer::Header::two_bytes, source_.decoder.max);
      const Step step = framer.look({bytes.data(), bytes.size()});
      if (step.kind != Step::Kind::message || step.consumed != bytes.size()) return no_event;
      bytes = framer.body();
      made = Kind::rpacket;
    }
    push_callback(state, self);
    lua_pushvalue(state, self);
    push_packet(state, made, bytes);
    lua_pushstring(state, from.host().c_str());
    lua_pushinteger(state, from.port);
    return 4;
  }

  /// (buffer, addr, 0 or 49), or (nil, words).
  int push_later(lua_State* state, int self, std::string_view bytes, const Address& from,
                 const net::Transfer& came, bool is_cut) {
    push_callback(state, self);
    if (came.error != NetError::none) {
      lua_pushnil(state);
      lua_pushliteral(state, "chk_error_dgram_read");
      return 2;
    }
    push_packet(state, Kind::buffer, bytes).is_read_only = true;
    push_address(state, from);
    lua_pushinteger(state, is_cut ? truncated_number : 0);
    return 3;
  }

  void drop() {
    if (source_.socket == nullptr) return;
    kernel::Descriptors& descriptors = process_.descriptors();
    if (descriptors.socket(source_.descriptor) == source_.socket) {
      descriptors.close(source_.descriptor);
    }
    source_.socket->close();
    source_.socket = nullptr;
  }

  kernel::Process& process_;
  Style style_;
  Source source_;
};

/// datagram(fd, receive_bytes [, decoder])
int new_datagram(lua_State* state) {
  const auto descriptor = static_cast<int>(luaL_checkinteger(state, 1));
  const lua_Integer size = luaL_optinteger(state, 2, datagram_bytes_max);
  const Decoder* decoder = find<Decoder>(state, 3);
  kernel::Process& process = kernel::process_of(state);
  Datagram::Source source{
      .socket = process.descriptors().socket(descriptor),
      .descriptor = descriptor,
      .receive_bytes = std::size_t(std::clamp<lua_Integer>(size, 1, datagram_bytes_max)),
      .decoder = decoder != nullptr ? *decoder : Decoder{},
  };
  if (source.socket == nullptr || source.socket->type() != net::SocketType::datagram) return 0;
  push_new<Datagram>(state, 2, process, Style::first, std::move(source));
  return 1;
}

/// datagram_socket(AF_INET | AF_LOCAL)
int new_datagram_socket(lua_State* state) {
  constexpr int af_local = 1;
  constexpr int af_inet = 2;
  const lua_Integer number = luaL_checkinteger(state, 1);
  const bool is_local = number == af_local;
  if (!is_local && number != af_inet) return luaL_error(state, "create datagram socket failed");
  const net::Family family = is_local ? net::Family::path : net::Family::inet;
  NetError error = NetError::none;
  const int descriptor = make_descriptor(state, family, net::SocketType::datagram, error);
  if (descriptor < 0) return luaL_error(state, "create datagram socket failed");
  kernel::Process& process = kernel::process_of(state);
  Datagram::Source source{
      .socket = process.descriptors().socket(descriptor),
      .descriptor = descriptor,
      .receive_bytes = datagram_bytes_max,
      .decoder = {},
  };
  push_new<Datagram>(state, 2, process, Style::later, std::move(source));
  return 1;
}

Datagram& check_open(lua_State* state) {
  auto& datagram = check<Datagram>(state);
  if (datagram.socket() == nullptr) luaL_error(state, "the socket is closed");
  return datagram;
}

int bind_datagram(lua_State* state) {
  auto& datagram = check_open(state);
  const Address& address = check<SocketAddress>(state, 2).address;
  datagram.socket()->set_option(net::Option::reuse_address, 1);
  const NetError error = datagram.socket()->bind(address);
  if (error != NetError::none) return luaL_error(state, "bind failed: %d", number_of(error));
  return 0;
}

int start(lua_State* state) {
  auto& datagram = check<Datagram>(state);
  Engine* engine = find<Engine>(state, 2);
  const bool is_good = engine != nullptr && lua_isfunction(state, 3) &&
                       datagram.socket() != nullptr && engine->attach(state, 2, 1, datagram);
  if (is_good) {
    lua_pushvalue(state, 3);
    lua_setiuservalue(state, 1, callback_value);
    datagram.listen();
  }
  if (datagram.style() == Style::later) {
    if (is_good) return 0;
    lua_pushliteral(state, "call Start failed");
    return 1;
  }
  lua_pushboolean(state, is_good);
  return 1;
}

int send_later(lua_State* state) {
  auto& datagram = check<Datagram>(state);
  const Packet* packet = find_packet(state, 2, Kind::buffer);
  if (packet == nullptr) return luaL_typeerror(state, 2, "lua_bytebuffer");
  const Address& to = check<SocketAddress>(state, 3).address;
  if (datagram.socket() != nullptr && packet->size > 0 && packet->size <= datagram_bytes_max) {
    const auto bytes = std::as_bytes(std::span<const char>(packet->data(), packet->size));
    if (datagram.socket()->send_to(bytes, to).error == NetError::none) return 0;
  }
  lua_pushliteral(state, "send error");
  return 1;
}

/// Send(packet, ip, port): bytes, or a negated errno. The packet is consumed.
int send_first(lua_State* state) {
  auto& datagram = check<Datagram>(state);
  lua_settop(state, 4);
  Packet* packet = find_packet(state, 2);
  lua_Integer result = 0;
  if (datagram.socket() == nullptr) {
    result = -error_socket_closed;
  } else if (packet == nullptr || packet->kind == Kind::rpacket || packet->is_consumed) {
    result = -error_wrong_packet;
  } else if (lua_isnil(state, 3)) {
    result = -error_invalid;
  } else {
    const Address to = lua_isnil(state, 4) ? Address::unix_path(luaL_checkstring(state, 3))
                                           : check_literal(state, 3, 4);
    lua_pushnil(state);
    const std::span<const char> bytes = wire_bytes(state, *packet, 5);
    const net::Transfer sent = datagram.socket()->send_to(std::as_bytes(bytes), to);
    result = sent.error == NetError::none ? lua_Integer(sent.count) : -number_of(sent.error);
    packet->is_consumed = true;
  }
  lua_pushinteger(state, result);
  return 1;
}

int set_broadcast(lua_State* state) {
  check_open(state).socket()->set_option(net::Option::broadcast, 1);
  return 0;
}

int close_datagram(lua_State* state) {
  check<Datagram>(state).close(state);
  return 0;
}

constexpr luaL_Reg methods[] = {
    {"Add2Engine", start},     {"Start", start},          {"Bind", bind_datagram},
    {"Send", send_first},      {"Sendto", send_later},    {"SetBroadcast", set_broadcast},
    {"Broadcast", send_later}, {"Close", close_datagram}, {"__gc", destroy<Datagram>},
    {nullptr, nullptr},
};

constexpr luaL_Reg functions[] = {
    {"datagram", new_datagram},
    {"datagram_socket", new_datagram_socket},
    {nullptr, nullptr},
};

}  // namespace

void add_datagrams(lua_State* state) {
  new_class(state, &class_key<Datagram>, nullptr, methods);
  luaL_setfuncs(state, functions, 0);
}

}  // namespace moonwire::bindings::chuck
