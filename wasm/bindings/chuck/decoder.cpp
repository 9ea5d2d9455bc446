// chuck.decoder.
#include "bindings/chuck/decoder.h"

#include <algorithm>

#include "bindings/chuck/http_framer.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/packet.h"
#include "bindings/chuck/websocket_framer.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

Framer::Framer(lua_State* state, const Decoder& decoder, Style style) : style_(style) {
  using enum Decoder::Way;
  switch (decoder.way) {
    case raw: break;
    case first: way_.emplace<LengthFramer>(LengthFramer::Header::two_bytes, decoder.max); break;
    case later: way_.emplace<LengthFramer>(LengthFramer::Header::four_bytes, decoder.max); break;
    case http:
      way_ = std::make_unique<HttpFramer>(
          state, HttpFramer::Bounds{decoder.max, decoder.max_body, decoder.role});
      break;
    case websocket_server:
      way_ = std::make_unique<WebsocketFramer>(state, WebsocketFramer::Role::server, decoder.max);
      break;
    case websocket_client:
      way_ = std::make_unique<WebsocketFramer>(state, WebsocketFramer::Role::client, decoder.max);
      break;
  }
}

Framer::~Framer() = default;

Step Framer::look(std::span<const char> bytes) {
  if (auto* raw = std::get_if<Raw>(&way_)) {
    if (bytes.empty()) return {};
    raw->bytes = bytes;
    return {Step::Kind::message, bytes.size(), FrameError::none};
  }
  if (auto* framer = std::get_if<LengthFramer>(&way_)) return framer->look(bytes);
  if (auto* framer = std::get_if<std::unique_ptr<HttpFramer>>(&way_)) return (*framer)->look(bytes);
  return std::get<std::unique_ptr<WebsocketFramer>>(way_)->look(bytes);
}

Step Framer::finish() {
  if (auto* framer = std::get_if<std::unique_ptr<HttpFramer>>(&way_)) return (*framer)->finish();
  return {};
}

HttpFramer* Framer::http() {
  auto* framer = std::get_if<std::unique_ptr<HttpFramer>>(&way_);
  return framer != nullptr ? framer->get() : nullptr;
}

void Framer::push_message(lua_State* state) {
  if (auto* raw = std::get_if<Raw>(&way_)) {
    const bool is_first = style_ == Style::first;
    Packet& packet = push_packet(state, is_first ? Kind::rawpacket : Kind::buffer,
                                 {raw->bytes.data(), raw->bytes.size()});
    packet.is_read_only = !is_first;
    return;
  }
  if (auto* framer = std::get_if<LengthFramer>(&way_)) {
    const std::string_view body = framer->body();
    if (framer->header() == LengthFramer::Header::two_bytes) {
      push_packet(state, Kind::rpacket, body);
      return;
    }
    // The later generations' buffers hold their header, too.
    const auto header = static_cast<std::size_t>(framer->header());
    push_packet(state, Kind::buffer, {body.data() - header, header + body.size()});
    return;
  }
  if (auto* framer = std::get_if<std::unique_ptr<HttpFramer>>(&way_)) {
    return (*framer)->push_message(state);
  }
  std::get<std::unique_ptr<WebsocketFramer>>(way_)->push_message(state);
}

namespace {

std::size_t clamp_size(lua_State* state, int index, std::size_t most) {
  const lua_Integer size = luaL_checkinteger(state, index);
  return size <= 0 ? 0 : std::min(static_cast<std::size_t>(size), most);
}

int push_decoder(lua_State* state, const Decoder& decoder) {
  push_new<Decoder>(state, 0, decoder);
  return 1;
}

int rpacket_decoder(lua_State* state) {
  constexpr std::size_t most = 2 + 65535;
  return push_decoder(state, {Decoder::Way::first, clamp_size(state, 1, most), 0});
}

int rawpacket_decoder(lua_State* state) {
  return push_decoder(state, {});
}

/// http(max) bounds the whole message, as it does upstream at first; http(head, body) each;
/// http(head, body, "server" | "client") reads one side only.
int http_decoder(lua_State* state) {
  static const char* const roles[] = {"any", "server", "client", nullptr};
  Decoder decoder{Decoder::Way::http, http_head_bytes, http_body_bytes};
  decoder.role = static_cast<HttpRole>(luaL_checkoption(state, 3, "any", roles));
  if (!lua_isnoneornil(state, 1)) decoder.max = clamp_size(state, 1, http_bytes_max);
  if (!lua_isnoneornil(state, 2)) {
    decoder.max_body = clamp_size(state, 2, http_bytes_max);
  } else if (!lua_isnoneornil(state, 1)) {
    constexpr std::size_t least = 4096;
    decoder.max = decoder.max_body = std::max(decoder.max, least);
  }
  return push_decoder(state, decoder);
}

/// websocket([max [, is_client]])
int websocket_decoder(lua_State* state) {
  Decoder decoder{Decoder::Way::websocket_server, websocket_bytes, 0};
  if (!lua_isnoneornil(state, 1)) decoder.max = clamp_size(state, 1, websocket_bytes_max);
  if (lua_toboolean(state, 2) != 0) decoder.way = Decoder::Way::websocket_client;
  return push_decoder(state, decoder);
}

int later_decoder(lua_State* state) {
  Decoder decoder{Decoder::Way::later, 1024, 0};
  if (!lua_isnoneornil(state, 1)) decoder.max = clamp_size(state, 1, buffer_bytes_max);
  return push_decoder(state, decoder);
}

constexpr luaL_Reg connection_decoders[] = {
    {"rpacket", rpacket_decoder}, {"rawpacket", rawpacket_decoder},
    {"http", http_decoder},       {"websocket", websocket_decoder},
    {nullptr, nullptr},
};

constexpr luaL_Reg datagram_decoders[] = {
    {"rpacket", rpacket_decoder},
    {"rawpacket", rawpacket_decoder},
    {nullptr, nullptr},
};

constexpr luaL_Reg decoder_methods[] = {{nullptr, nullptr}};

}  // namespace

void add_decoders(lua_State* state) {
  new_class(state, &class_key<Decoder>, nullptr, decoder_methods);
  lua_newtable(state);
  luaL_newlib(state, connection_decoders);
  lua_setfield(state, -2, "connection");
  luaL_newlib(state, datagram_decoders);
  lua_setfield(state, -2, "datagram");
  lua_setfield(state, -2, "decoder");
  lua_getfield(state, -1, "packet");
  lua_pushcfunction(state, later_decoder);
  lua_setfield(state, -2, "Decoder");
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::chuck
