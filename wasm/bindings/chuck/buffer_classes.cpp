// The later generations' buffers, and packet.Writer and packet.Reader over them: a frame is four
// bytes of length and a body, header included in the buffer.
#include <cstring>

#include "bindings/chuck/codec.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/packet.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr std::uint32_t header = 4;

/// Writer and Reader: a buffer (user value 1) and a place in it.
struct Cursor {
  Kind kind;
  std::uint32_t position;  // Reader's
};

Packet& check_buffer(lua_State* state, int index = 1) {
  Packet* buffer = find_packet(state, index, Kind::buffer);
  if (buffer == nullptr) luaL_typeerror(state, index, "lua_bytebuffer");
  return *buffer;
}

// --- buffer

int buffer_new(lua_State* state) {
  if (lua_type(state, 1) == LUA_TSTRING) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(state, 1, &size);
    push_packet(state, Kind::buffer, {bytes, size});
    return 1;
  }
  const lua_Integer capacity = luaL_optinteger(state, 1, packet_capacity);
  const bool fits = capacity >= 0 && capacity <= lua_Integer(buffer_bytes_max);
  luaL_argcheck(state, fits, 1, "capacity out of range");
  push_empty_packet(state, Kind::buffer, static_cast<std::size_t>(capacity));
  return 1;
}

int buffer_content(lua_State* state) {
  const Packet& buffer = check_buffer(state);
  lua_pushlstring(state, buffer.data(), buffer.size);
  return 1;
}

int buffer_read(lua_State* state) {
  Packet& buffer = check_buffer(state);
  const lua_Integer count = luaL_checkinteger(state, 2);
  if (count < 0 || count > lua_Integer(buffer.size) || buffer.size == 0) {
    lua_pushnil(state);
    return 1;
  }
  const auto taken = static_cast<std::uint32_t>(count);
  lua_pushlstring(state, buffer.data(), taken);
  buffer.size -= taken;
  if (buffer.block != nullptr) {
    buffer.first += taken;
    // All read: the bytes' place can be filled anew.
    if (buffer.size == 0 && !buffer.block->is_shared) buffer.first = buffer.block->used = 0;
  } else {
    buffer.text += taken;
  }
  return 1;
}

int buffer_append(lua_State* state) {
  Packet& buffer = check_buffer(state);
  std::size_t size = 0;
  const char* bytes = lua_tolstring(state, 2, &size);
  if (bytes == nullptr || size == 0 || buffer.is_read_only) {
    lua_pushliteral(state, "append string failed");
    return 1;
  }
  Appender out(state, 1, buffer, buffer_bytes_max);
  out.add({bytes, size});
  out.commit();
  return 0;
}

int buffer_size(lua_State* state) {
  lua_pushinteger(state, check_buffer(state).size);
  return 1;
}

int buffer_clone(lua_State* state) {
  check_buffer(state);
  push_shared(state, Kind::buffer, 1, 0);
  return 1;
}

constexpr luaL_Reg buffer_methods[] = {
    {"Clone", buffer_clone},      {"Content", buffer_content}, {"Read", buffer_read},
    {"AppendStr", buffer_append}, {"Size", buffer_size},       {nullptr, nullptr},
};

// --- Writer

Cursor& check_cursor(lua_State* state, Kind kind, const char* name) {
  void* memory = find_object(state, 1, kind, sizeof(Cursor));
  if (memory == nullptr) luaL_typeerror(state, 1, name);
  return *static_cast<Cursor*>(memory);
}

/// Pushes the cursor's buffer.
Packet& push_buffer(lua_State* state) {
  lua_getiuservalue(state, 1, 1);
  return *static_cast<Packet*>(lua_touserdata(state, -1));
}

/// The buffer a Writer writes to, on top of the stack.
Packet& writable_buffer(lua_State* state) {
  check_cursor(state, Kind::writer, "packet.Writer");
  Packet& buffer = push_buffer(state);
  if (buffer.is_read_only) luaL_error(state, "write to a read only buffer");
  return buffer;
}

void finish(lua_State* state, Packet& buffer, Appender& out) {
  out.commit();
  make_exclusive(state, -1, buffer);
  store_big_endian(buffer.block->bytes() + buffer.first, buffer.size - header, header);
}

template <int bytes>
int write_integer(lua_State* state) {
  const lua_Integer value = luaL_checkinteger(state, 2);
  Packet& buffer = writable_buffer(state);
  Appender out(state, lua_gettop(state), buffer, buffer_bytes_max);
  out.add_big_endian(static_cast<std::uint64_t>(value), bytes);
  finish(state, buffer, out);
  return 0;
}

int write_number(lua_State* state) {
  const lua_Number value = luaL_checknumber(state, 2);
  Packet& buffer = writable_buffer(state);
  Appender out(state, lua_gettop(state), buffer, buffer_bytes_max);
  out.add_little_endian(bits_of(value), 8);
  finish(state, buffer, out);
  return 0;
}

int write_bytes(lua_State* state, bool with_length) {
  std::size_t size = 0;
  const char* bytes = luaL_checklstring(state, 2, &size);
  Packet& buffer = writable_buffer(state);
  Appender out(state, lua_gettop(state), buffer, buffer_bytes_max);
  if (with_length) out.add_big_endian(size, 4);
  out.add({bytes, size});
  finish(state, buffer, out);
  return 0;
}

int write_string(lua_State* state) {
  return write_bytes(state, true);
}

int write_raw(lua_State* state) {
  return write_bytes(state, false);
}

int write_table(lua_State* state) {
  if (lua_type(state, 2) != LUA_TTABLE)
    return luaL_error(state, "argument 2 of WriteTable must be table");
  Packet& buffer = writable_buffer(state);
  Appender out(state, lua_gettop(state), buffer, buffer_bytes_max);
  if (const char* why = add_table(state, 2, out, Encoding::later)) {
    return luaL_error(state, "%s", why);
  }
  finish(state, buffer, out);
  return 0;
}

int write_position(lua_State* state) {
  lua_pushinteger(state, writable_buffer(state).size);
  return 1;
}

template <int bytes>
int rewrite_integer(lua_State* state) {
  const lua_Integer place = luaL_checkinteger(state, 2);
  const lua_Integer value = luaL_checkinteger(state, 3);
  Packet& buffer = writable_buffer(state);
  const bool fits = place >= 0 && place <= lua_Integer(buffer.size) - bytes;
  luaL_argcheck(state, fits, 2, "position out of range");
  make_exclusive(state, -1, buffer);
  store_big_endian(buffer.block->bytes() + buffer.first + place, static_cast<std::uint64_t>(value),
                   bytes);
  return 0;
}

int new_writer(lua_State* state) {
  Packet& buffer = check_buffer(state);
  if (buffer.is_read_only) return luaL_error(state, "write to a read only buffer");
  if (buffer.size < header) {
    Appender out(state, 1, buffer, buffer_bytes_max);
    out.add_big_endian(0, static_cast<int>(header - buffer.size));
    out.commit();
  }
  void* memory = lua_newuserdatauv(state, sizeof(Cursor), 1);
  new (memory) Cursor{Kind::writer, 0};
  lua_pushvalue(state, 1);
  lua_setiuservalue(state, -2, 1);
  set_class(state, packet_class_key(Kind::writer));
  return 1;
}

constexpr luaL_Reg writer_methods[] = {
    {"WriteI8", write_integer<1>},      {"WriteI16", write_integer<2>},
    {"WriteI32", write_integer<4>},     {"WriteI64", write_integer<8>},
    {"WriteNum", write_number},         {"WriteStr", write_string},
    {"WriteRawBytes", write_raw},       {"WriteTable", write_table},
    {"GetWritePos", write_position},    {"ReWriteI8", rewrite_integer<1>},
    {"ReWriteI16", rewrite_integer<2>}, {"ReWriteI32", rewrite_integer<4>},
    {"ReWriteI64", rewrite_integer<8>}, {nullptr, nullptr},
};

// --- Reader

/// What is left to read. The buffer is on top of the stack.
ByteReader rest_of(const Packet& buffer, const Cursor& cursor) {
  const std::size_t at = cursor.position < buffer.size ? cursor.position : buffer.size;
  return {buffer.view().substr(at)};
}

void advance(Cursor& cursor, const Packet& buffer, const ByteReader& in) {
  cursor.position = buffer.size - static_cast<std::uint32_t>(in.rest.size());
}

template <int bytes>
int read_integer(lua_State* state) {
  Cursor& cursor = check_cursor(state, Kind::reader, "packet.Reader");
  const Packet& buffer = push_buffer(state);
  ByteReader in = rest_of(buffer, cursor);
  std::uint64_t value = 0;
  if (in.take(value, bytes)) {
    constexpr std::uint64_t sign = 1ull << (bytes * 8 - 1);
    value = (value ^ sign) - sign;
    advance(cursor, buffer, in);
  }
  lua_pushinteger(state, static_cast<lua_Integer>(value));
  return 1;
}

int read_number(lua_State* state) {
  Cursor& cursor = check_cursor(state, Kind::reader, "packet.Reader");
  const Packet& buffer = push_buffer(state);
  ByteReader in = rest_of(buffer, cursor);
  std::string_view bytes;
  double value = 0;
  if (in.take(bytes, 8)) {
    value = double_of_little_endian(bytes);
    advance(cursor, buffer, in);
  }
  lua_pushnumber(state, value);
  return 1;
}

int read_string(lua_State* state) {
  Cursor& cursor = check_cursor(state, Kind::reader, "packet.Reader");
  const Packet& buffer = push_buffer(state);
  ByteReader in = rest_of(buffer, cursor);
  std::uint64_t size = 0;
  std::string_view bytes;
  if (!in.take(size, 4) || !in.take(bytes, static_cast<std::size_t>(size))) {
    return luaL_error(state, "ReadStr past the end of the packet");
  }
  advance(cursor, buffer, in);
  lua_pushlstring(state, bytes.data(), bytes.size());
  return 1;
}

int read_raw(lua_State* state) {
  Cursor& cursor = check_cursor(state, Kind::reader, "packet.Reader");
  const Packet& buffer = push_buffer(state);
  const ByteReader in = rest_of(buffer, cursor);
  cursor.position = buffer.size;
  lua_pushlstring(state, in.rest.data(), in.rest.size());
  return 1;
}

int read_buffer_table(lua_State* state) {
  Cursor& cursor = check_cursor(state, Kind::reader, "packet.Reader");
  const Packet& buffer = push_buffer(state);
  ByteReader in = rest_of(buffer, cursor);
  if (!read_table(state, in, Encoding::later)) {
    return luaL_error(state, "ReadTable: the packet holds no table here");
  }
  advance(cursor, buffer, in);
  return 1;
}

int new_reader(lua_State* state) {
  check_buffer(state);
  void* memory = lua_newuserdatauv(state, sizeof(Cursor), 1);
  new (memory) Cursor{Kind::reader, header};
  lua_pushvalue(state, 1);
  lua_setiuservalue(state, -2, 1);
  set_class(state, packet_class_key(Kind::reader));
  return 1;
}

constexpr luaL_Reg reader_methods[] = {
    {"ReadI8", read_integer<1>},  {"ReadI16", read_integer<2>},     {"ReadI32", read_integer<4>},
    {"ReadI64", read_integer<8>}, {"ReadNum", read_number},         {"ReadStr", read_string},
    {"ReadRawBytes", read_raw},   {"ReadTable", read_buffer_table}, {nullptr, nullptr},
};

constexpr luaL_Reg buffer_functions[] = {
    {"New", buffer_new},
    {nullptr, nullptr},
};

constexpr luaL_Reg packet_functions[] = {
    {"Writer", new_writer},
    {"Reader", new_reader},
    {nullptr, nullptr},
};

}  // namespace

void add_buffers(lua_State* state) {
  new_class(state, packet_class_key(Kind::buffer), "lua_bytebuffer", buffer_methods);
  new_class(state, packet_class_key(Kind::writer), nullptr, writer_methods);
  new_class(state, packet_class_key(Kind::reader), nullptr, reader_methods);
  luaL_newlib(state, buffer_functions);
  lua_setfield(state, -2, "buffer");
  lua_getfield(state, -1, "packet");
  luaL_setfuncs(state, packet_functions, 0);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::chuck
