// Packets and buffers: bytes that several objects can share. Whoever appends to shared bytes does
// so behind what the others see, or in a copy; whoever changes bytes in place copies first. So
// every clone costs the same, however long the packet is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bindings/chuck/object.h"
#include "lua.h"

namespace moonwire::bindings::chuck {

/// The bytes of packets, in a userdata (or at the end of a packet's own). Before them is room for a
/// frame's header, so that frame and body leave in one piece.
struct Block {
  static constexpr std::size_t head_room = 4;

  Kind kind;
  std::uint32_t capacity;  // without head_room
  std::uint32_t used;      // bytes that some packet sees
  bool is_shared;

  char* bytes() { return reinterpret_cast<char*>(this + 1) + head_room; }
};

/// wpacket, rpacket, rawpacket (first generation), buffer (later ones). User value 1 keeps the
/// bytes alive: the block, the packet that holds it, or a Lua string.
struct Packet {
  Kind kind;
  std::uint32_t size;
  std::uint32_t position;  // of the next read
  std::uint32_t first;     // of the bytes in the block
  Block* block;            // null: the bytes are a Lua string's
  const char* text;        // then
  bool is_consumed;        // was sent; there is nothing in it any more
  bool is_read_only;       // a buffer that came from the network

  const char* data() const { return block != nullptr ? block->bytes() + first : text; }
  std::string_view view() const { return {data(), size}; }
};

/// The packet at `index` if it is of that kind, else null.
inline Packet* find_packet(lua_State* state, int index, Kind kind) {
  return static_cast<Packet*>(find_object(state, index, kind, sizeof(Packet)));
}
/// Any kind.
Packet* find_packet(lua_State* state, int index);
/// The registry key of the kind's class.
const void* packet_class_key(Kind kind);

/// Pushes a packet that holds these bytes.
Packet& push_packet(lua_State* state, Kind kind, std::string_view bytes);
/// Pushes an empty one.
Packet& push_empty_packet(lua_State* state, Kind kind, std::size_t capacity);
/// Pushes one with the bytes of the packet at `index` from `from` on.
Packet& push_shared(lua_State* state, Kind kind, int index, std::size_t from);

/// Adds bytes to the packet at `index`. They count only from commit() on: a write that raises
/// leaves the packet as it was. Memory may run out in between, so nothing here owns anything.
class Appender {
 public:
  Appender(lua_State* state, int index, Packet& packet, std::size_t limit)
      : state_(state), packet_(packet), limit_(limit), index_(index), end_(packet.size) {}

  /// Room for `count` more bytes. Raises beyond the limit.
  char* add(std::size_t count);
  void add(std::string_view bytes);
  void add_u8(std::uint8_t value) { *add(1) = static_cast<char>(value); }
  void add_big_endian(std::uint64_t value, int bytes);
  void add_little_endian(std::uint64_t value, int bytes);
  /// What was added, or was there before.
  char* at(std::size_t position) { return packet_.block->bytes() + packet_.first + position; }
  std::size_t end() const { return end_; }
  void commit();

 private:
  void make_room(std::size_t count);

  lua_State* state_;
  Packet& packet_;
  std::size_t limit_;
  int index_;
  std::size_t end_;
};

void store_big_endian(char* to, std::uint64_t value, int bytes);
std::uint64_t load_big_endian(const char* from, int bytes);

/// Gives the packet at `index` bytes of its own, to be changed in place.
void make_exclusive(lua_State* state, int index, Packet& packet);

/// What goes on the wire: the body of a rawpacket or buffer, header and body of a wpacket. Good
/// until the packet's bytes change; `spare` is used where they cannot be joined in place.
std::span<const char> wire_bytes(lua_State* state, const Packet& packet, int spare_index);

/// Adds `packet`, the first generation's constructors, to the table on top.
void add_packets(lua_State* state);
/// Adds `buffer` and, to its field `packet`, the later generation's Writer and Reader.
void add_buffers(lua_State* state);

}  // namespace moonwire::bindings::chuck
