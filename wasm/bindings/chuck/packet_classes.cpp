// The first generation's packets as scripts see them: wpacket, rpacket, rawpacket. Spelling in
// messages is upstream's.
#include <cstring>

#include "bindings/chuck/codec.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/packet.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr std::size_t frame_header = 2;
constexpr std::size_t body_bytes_max = packet_bytes_max - frame_header;

Packet& check_live(lua_State* state, Kind kind) {
  Packet* packet = find_packet(state, 1, kind);
  if (packet == nullptr || packet->is_consumed) luaL_error(state, "invaild opration");
  return *packet;
}

// --- wpacket

std::uint64_t check_integer(lua_State* state) {
  if (lua_type(state, 2) != LUA_TNUMBER) luaL_error(state, "invaild arg2");
  int is_integer = 0;
  const lua_Integer value = lua_tointegerx(state, 2, &is_integer);
  return is_integer != 0 ? static_cast<std::uint64_t>(value) : 0;
}

template <int bytes>
int write_unsigned(lua_State* state) {
  Packet& packet = check_live(state, Kind::wpacket);
  Appender out(state, 1, packet, body_bytes_max);
  out.add_big_endian(check_integer(state), bytes);
  out.commit();
  return 0;
}

int write_number(lua_State* state) {
  Packet& packet = check_live(state, Kind::wpacket);
  if (lua_type(state, 2) != LUA_TNUMBER) return luaL_error(state, "invaild arg2");
  Appender out(state, 1, packet, body_bytes_max);
  out.add_little_endian(bits_of(lua_tonumber(state, 2)), 8);
  out.commit();
  return 0;
}

int write_string(lua_State* state) {
  Packet& packet = check_live(state, Kind::wpacket);
  if (lua_type(state, 2) != LUA_TSTRING) return luaL_error(state, "invaild arg2");
  std::size_t size = 0;
  const char* bytes = lua_tolstring(state, 2, &size);
  Appender out(state, 1, packet, body_bytes_max);
  if (size > body_bytes_max) out.add(size);  // raises
  out.add_big_endian(size, 2);
  out.add({bytes, size});
  out.commit();
  return 0;
}

int write_table(lua_State* state) {
  Packet& packet = check_live(state, Kind::wpacket);
  const int table = lua_gettop(state);  // as upstream: the last argument
  if (lua_type(state, table) != LUA_TTABLE) return luaL_error(state, "argument should be table");
  Appender out(state, 1, packet, body_bytes_max);
  if (const char* why = add_table(state, table, out, Encoding::first)) {
    return luaL_error(state, "%s", why);
  }
  out.commit();
  return 0;
}

constexpr luaL_Reg wpacket_methods[] = {
    {"WriteU8", write_unsigned<1>},
    {"WriteU16", write_unsigned<2>},
    {"WriteU32", write_unsigned<4>},
    {"WriteNum", write_number},
    {"WriteStr", write_string},
    {"WriteTab", write_table},
    {nullptr, nullptr},
};

// --- rpacket: past the end everything reads as zero or nil, and the position stays

bool take(Packet& packet, std::uint64_t& value, int bytes) {
  ByteReader in{packet.view().substr(packet.position)};
  if (!in.take(value, bytes)) return false;
  packet.position += static_cast<std::uint32_t>(bytes);
  return true;
}

template <int bytes, bool is_signed>
int read_integer(lua_State* state) {
  std::uint64_t value = 0;
  take(check_live(state, Kind::rpacket), value, bytes);
  if (is_signed) {
    constexpr std::uint64_t sign = 1ull << (bytes * 8 - 1);
    value = (value ^ sign) - sign;
  }
  lua_pushinteger(state, static_cast<lua_Integer>(value));
  return 1;
}

int read_number(lua_State* state) {
  Packet& packet = check_live(state, Kind::rpacket);
  ByteReader in{packet.view().substr(packet.position)};
  std::string_view bytes;
  double value = 0;
  if (in.take(bytes, 8)) {
    value = double_of_little_endian(bytes);
    packet.position += 8;
  }
  lua_pushnumber(state, value);
  return 1;
}

int read_string(lua_State* state) {
  Packet& packet = check_live(state, Kind::rpacket);
  ByteReader in{packet.view().substr(packet.position)};
  std::uint64_t size = 0;
  std::string_view bytes;
  if (!in.take(size, 2) || !in.take(bytes, static_cast<std::size_t>(size))) {
    lua_pushnil(state);
    return 1;
  }
  packet.position += static_cast<std::uint32_t>(2 + bytes.size());
  lua_pushlstring(state, bytes.data(), bytes.size());
  return 1;
}

int read_packet_table(lua_State* state) {
  Packet& packet = check_live(state, Kind::rpacket);
  ByteReader in{packet.view().substr(packet.position)};
  if (!read_table(state, in, Encoding::first)) {
    lua_pushnil(state);
    return 1;
  }
  packet.position = packet.size - static_cast<std::uint32_t>(in.rest.size());
  return 1;
}

int read_raw_of_other(lua_State* state) {
  return luaL_error(state, "invaild opration");
}

constexpr luaL_Reg rpacket_methods[] = {
    {"ReadU8", read_integer<1, false>},
    {"ReadU16", read_integer<2, false>},
    {"ReadU32", read_integer<4, false>},
    {"ReadI8", read_integer<1, true>},
    {"ReadI16", read_integer<2, true>},
    {"ReadI32", read_integer<4, true>},
    {"ReadNum", read_number},
    {"ReadStr", read_string},
    {"ReadTab", read_packet_table},
    {"ReadBin", read_raw_of_other},
    {nullptr, nullptr},
};

// --- rawpacket

int read_raw(lua_State* state) {
  const Packet& packet = check_live(state, Kind::rawpacket);
  if (packet.block == nullptr) {
    lua_getiuservalue(state, 1, 1);  // a Lua string
    if (lua_rawlen(state, -1) == packet.size) return 1;
  }
  lua_pushlstring(state, packet.data(), packet.size);
  return 1;
}

constexpr luaL_Reg rawpacket_methods[] = {
    {"ReadBin", read_raw},
    {nullptr, nullptr},
};

// --- constructors

Packet& check_source(lua_State* state) {
  Packet* packet = find_packet(state, 1);
  if (packet == nullptr || (packet->kind != Kind::wpacket && packet->kind != Kind::rpacket)) {
    luaL_error(state, "invaild opration for arg1");
  }
  if (packet->is_consumed) luaL_error(state, "invaild opration");
  return *packet;
}

int new_wpacket(lua_State* state) {
  if (lua_isnoneornil(state, 1)) {
    push_empty_packet(state, Kind::wpacket, packet_capacity);
    return 1;
  }
  if (lua_type(state, 1) == LUA_TNUMBER) {
    const std::size_t wanted = lua_tointeger(state, 1) & 0xffff;
    push_empty_packet(state, Kind::wpacket, wanted > packet_capacity ? wanted : packet_capacity);
    return 1;
  }
  check_source(state);
  push_shared(state, Kind::wpacket, 1, 0);
  return 1;
}

int new_rpacket(lua_State* state) {
  const Packet& source = check_source(state);
  push_shared(state, Kind::rpacket, 1, source.kind == Kind::rpacket ? source.position : 0);
  return 1;
}

int new_rawpacket(lua_State* state) {
  if (lua_type(state, 1) == LUA_TSTRING) {
    std::size_t size = 0;
    const char* text = lua_tolstring(state, 1, &size);
    void* memory = lua_newuserdatauv(state, sizeof(Packet), 1);
    auto* packet = new (memory) Packet{};
    packet->kind = Kind::rawpacket;
    packet->size = static_cast<std::uint32_t>(size);
    packet->text = text;
    lua_pushvalue(state, 1);
    lua_setiuservalue(state, -2, 1);
    set_class(state, packet_class_key(Kind::rawpacket));
    return 1;
  }
  const Packet* source = find_packet(state, 1, Kind::rawpacket);
  if (source == nullptr) return luaL_error(state, "invaild opration for arg1");
  if (source->is_consumed) return luaL_error(state, "invaild opration");
  push_shared(state, Kind::rawpacket, 1, 0);
  return 1;
}

int clone(lua_State* state) {
  if (find_object(state, 1, Kind::http_packet, sizeof(Kind)) != nullptr) {
    lua_settop(state, 1);  // read only: as good as a copy
    return 1;
  }
  const Packet* source = find_packet(state, 1);
  if (source == nullptr) return luaL_error(state, "invaild opration for arg1");
  if (source->is_consumed) return luaL_error(state, "invaild opration");
  push_shared(state, source->kind, 1, source->kind == Kind::rpacket ? source->position : 0);
  return 1;
}

constexpr luaL_Reg constructors[] = {
    {"wpacket", new_wpacket}, {"rpacket", new_rpacket}, {"rawpacket", new_rawpacket},
    {"clone", clone},         {nullptr, nullptr},
};

}  // namespace

void add_packets(lua_State* state) {
  new_class(state, packet_class_key(Kind::wpacket), nullptr, wpacket_methods);
  new_class(state, packet_class_key(Kind::rpacket), nullptr, rpacket_methods);
  new_class(state, packet_class_key(Kind::rawpacket), nullptr, rawpacket_methods);
  luaL_newlib(state, constructors);
  lua_setfield(state, -2, "packet");
}

}  // namespace moonwire::bindings::chuck
