// Lua tables as bytes and back: the encodings of both generations, and the one mails travel in.
#pragma once

#include <cstdint>
#include <string_view>

#include "bindings/chuck/packet.h"
#include "lua.h"

namespace moonwire::bindings::chuck {

/// first: 16-bit string lengths, doubles little-endian. later: 32-bit ones, floats of four or eight
/// bytes, big-endian. mail: as first, with 32-bit lengths and every number's exact type.
enum class Encoding : std::uint8_t { first, later, mail };

/// Adds the table at `index`. Entries that have no encoding (functions, userdata) are left out.
/// @return null, or what is wrong with it.
const char* add_table(lua_State* state, int index, Appender& out, Encoding encoding);

/// Bytes that are read from front to back.
struct ByteReader {
  std::string_view rest;

  bool take(std::uint64_t& value, int bytes);
  bool take(std::string_view& value, std::size_t count);
};

/// Pushes the table that begins here, tag included. @return false (and pushes nothing) when the
/// bytes are not one.
bool read_table(lua_State* state, ByteReader& in, Encoding encoding);

double double_of_little_endian(std::string_view bytes);
std::uint64_t bits_of(double value);

}  // namespace moonwire::bindings::chuck
