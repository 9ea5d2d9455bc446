// Where packets keep their bytes.
#include "bindings/chuck/packet.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "bindings/chuck/limits.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr std::size_t no_limit = buffer_bytes_max;

Block* make_block(void* memory, std::size_t capacity) {
  auto* block = static_cast<Block*>(memory);
  block->kind = Kind::block;
  block->capacity = static_cast<std::uint32_t>(capacity);
  block->used = 0;
  block->is_shared = false;
  return block;
}

Packet* make_packet(lua_State* state, std::size_t with_bytes, bool has_block) {
  const std::size_t block = has_block ? sizeof(Block) + Block::head_room + with_bytes : 0;
  void* memory = lua_newuserdatauv(state, sizeof(Packet) + block, 1);
  auto* packet = new (memory) Packet{};
  if (has_block) packet->block = make_block(packet + 1, with_bytes);
  return packet;
}

// A class's key; the kinds of packets have no type of their own.
constexpr char packet_keys[8] = {};

const void* key_of(Kind kind) {
  return &packet_keys[std::uint32_t(kind) - std::uint32_t(Kind::block)];
}

}  // namespace

const void* packet_class_key(Kind kind) {
  return key_of(kind);
}

Packet* find_packet(lua_State* state, int index) {
  if (lua_type(state, index) != LUA_TUSERDATA || lua_rawlen(state, index) < sizeof(Packet)) {
    return nullptr;
  }
  auto* packet = static_cast<Packet*>(lua_touserdata(state, index));
  switch (packet->kind) {
    case Kind::wpacket:
    case Kind::rpacket:
    case Kind::rawpacket:
    case Kind::buffer: return packet;
    default: return nullptr;
  }
}

Packet& push_empty_packet(lua_State* state, Kind kind, std::size_t capacity) {
  Packet& packet = *make_packet(state, capacity, true);
  packet.kind = kind;
  set_class(state, key_of(kind));
  return packet;
}

Packet& push_packet(lua_State* state, Kind kind, std::string_view bytes) {
  Packet& packet = push_empty_packet(state, kind, bytes.size());
  std::memcpy(packet.block->bytes(), bytes.data(), bytes.size());
  packet.size = packet.block->used = static_cast<std::uint32_t>(bytes.size());
  return packet;
}

Packet& push_shared(lua_State* state, Kind kind, int index, std::size_t from) {
  index = lua_absindex(state, index);
  const Packet& source = *static_cast<const Packet*>(lua_touserdata(state, index));
  Packet& packet = *make_packet(state, 0, false);
  if (lua_getiuservalue(state, index, 1) == LUA_TNIL) {  // the source holds its bytes itself
    lua_pop(state, 1);
    lua_pushvalue(state, index);
  }
  lua_setiuservalue(state, -2, 1);
  packet.kind = kind;
  packet.size = source.size - static_cast<std::uint32_t>(from);
  packet.first = source.first + static_cast<std::uint32_t>(from);
  packet.block = source.block;
  packet.text = source.text != nullptr ? source.text + from : nullptr;
  if (packet.block != nullptr) packet.block->is_shared = true;
  set_class(state, key_of(kind));
  return packet;
}

namespace {

/// Moves the packet's first `keep` bytes to a block of its own with that much room. A finalizer may
/// run meanwhile and change the packet, so what is copied is kept alive apart from it.
void move_to_block(lua_State* state, int index, Packet& packet, std::size_t keep,
                   std::size_t capacity) {
  index = lua_absindex(state, index);
  const char* const old = packet.data();
  lua_getiuservalue(state, index, 1);
  void* memory = lua_newuserdatauv(state, sizeof(Block) + Block::head_room + capacity, 0);
  Block* block = make_block(memory, capacity);
  if (keep > 0) std::memcpy(block->bytes(), old, keep);
  block->used = static_cast<std::uint32_t>(keep);
  lua_setiuservalue(state, index, 1);
  lua_pop(state, 1);
  packet.block = block;
  packet.text = nullptr;
  packet.first = 0;
}

}  // namespace

void make_exclusive(lua_State* state, int index, Packet& packet) {
  if (packet.block != nullptr && !packet.block->is_shared) return;
  move_to_block(state, index, packet, packet.size, packet.size);
}

void Appender::make_room(std::size_t count) {
  if (count > limit_ - std::min(end_, limit_)) {
    luaL_error(state_, "packet too large: at most %d bytes", static_cast<int>(limit_));
  }
  Block* block = packet_.block;
  // In place only behind everything that any packet sees.
  const bool is_last = block != nullptr && packet_.first + packet_.size == block->used;
  if (is_last && packet_.first + end_ + count <= block->capacity) return;
  const std::size_t capacity =
      std::max({packet_capacity, end_ + count, std::min(end_ * 2, no_limit)});
  move_to_block(state_, index_, packet_, end_, capacity);
  packet_.block->used = packet_.size;
}

char* Appender::add(std::size_t count) {
  make_room(count);
  char* place = at(end_);
  end_ += count;
  return place;
}

void Appender::add(std::string_view bytes) {
  char* place = add(bytes.size());
  if (!bytes.empty()) std::memcpy(place, bytes.data(), bytes.size());
}

void store_big_endian(char* to, std::uint64_t value, int bytes) {
  for (int i = bytes; i-- > 0; value >>= 8) to[i] = static_cast<char>(value & 0xff);
}

std::uint64_t load_big_endian(const char* from, int bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
  return value;
}

void Appender::add_big_endian(std::uint64_t value, int bytes) {
  store_big_endian(add(std::size_t(bytes)), value, bytes);
}

void Appender::add_little_endian(std::uint64_t value, int bytes) {
  char* to = add(std::size_t(bytes));
  for (int i = 0; i < bytes; ++i, value >>= 8) to[i] = static_cast<char>(value & 0xff);
}

void Appender::commit() {
  packet_.size = static_cast<std::uint32_t>(end_);
  if (packet_.block != nullptr) packet_.block->used = packet_.first + packet_.size;
}

std::span<const char> wire_bytes(lua_State* state, const Packet& packet, int spare_index) {
  if (packet.kind != Kind::wpacket) return {packet.data(), packet.size};
  constexpr std::size_t header = 2;
  char* place = nullptr;
  if (packet.block != nullptr && packet.first == 0) {
    place = packet.block->bytes() - header;
  } else {
    place = static_cast<char*>(lua_newuserdatauv(state, header + packet.size, 0));
    lua_replace(state, spare_index);
    std::memcpy(place + header, packet.data(), packet.size);
  }
  store_big_endian(place, packet.size, header);
  return {place, header + packet.size};
}

}  // namespace moonwire::bindings::chuck
