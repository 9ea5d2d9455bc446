// The two generations' tables; the tags are in the order of the reference's lists.
#include "bindings/chuck/codec.h"

#include <cmath>
#include <cstring>

#include "bindings/base/turn.h"
#include "bindings/chuck/limits.h"

namespace moonwire::bindings::chuck {

namespace {

enum class Type : std::uint8_t {
  table,
  string,
  boolean,
  real32,
  real,
  u8,
  u16,
  u32,
  u64,
  i8,
  i16,
  i32,
  i64,
  unknown
};

// Tags 1 to 12 of each encoding.
constexpr Type first_types[] = {Type::table, Type::string, Type::boolean, Type::real,
                                Type::u8,    Type::u16,    Type::u32,     Type::u64,
                                Type::i8,    Type::i16,    Type::i32,     Type::i64};
constexpr Type later_types[] = {Type::table, Type::string, Type::boolean, Type::real32,
                                Type::real,  Type::u8,     Type::u16,     Type::u32,
                                Type::i8,    Type::i16,    Type::i32,     Type::i64};
constexpr int tag_count = 12;

const Type* types_of(Encoding encoding) {
  return encoding == Encoding::later ? later_types : first_types;
}

std::uint8_t tag_of(Type type, Encoding encoding) {
  const Type* types = types_of(encoding);
  for (int i = 0; i < tag_count; ++i) {
    if (types[i] == type) return static_cast<std::uint8_t>(i + 1);
  }
  return 0;
}

int length_bytes(Encoding encoding) {
  return encoding == Encoding::first ? 2 : 4;
}

class Writer {
 public:
  Writer(lua_State* state, Appender& out, Encoding encoding)
      : state_(state), out_(out), encoding_(encoding) {}

  const char* table(int index, int depth) {
    if (depth > table_depth_max) return "table nested too deeply (or a cycle)";
    if (encoding_ == Encoding::first || (encoding_ == Encoding::later && depth > 1)) {
      if (lua_getmetatable(state_, index)) {
        return encoding_ == Encoding::first ? "table should not hava metatable"
                                            : "write table error";
      }
    }
    luaL_checkstack(state_, 3, "table nested too deeply");
    tag(Type::table);
    const std::size_t count_place = out_.end();
    out_.add_big_endian(0, 4);
    std::uint32_t count = 0;
    lua_pushnil(state_);
    while (lua_next(state_, index) != 0) {
      base::charge(1);
      const int value = lua_gettop(state_);
      const int key = value - 1;
      if (is_key(key) && is_value(value)) {
        scalar(key);
        if (lua_type(state_, value) == LUA_TTABLE) {
          if (const char* why = table(value, depth + 1)) return why;
        } else {
          scalar(value);
        }
        ++count;
      }
      lua_settop(state_, key);
    }
    store_big_endian(out_.at(count_place), count, 4);
    return nullptr;
  }

 private:
  // Keys of mails may be truth values, too.
  bool is_key(int index) const {
    const int type = lua_type(state_, index);
    return type == LUA_TNUMBER || type == LUA_TSTRING ||
           (encoding_ == Encoding::mail && type == LUA_TBOOLEAN);
  }
  bool is_value(int index) const {
    const int type = lua_type(state_, index);
    return type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN || type == LUA_TTABLE;
  }
  void tag(Type type) { out_.add_u8(tag_of(type, encoding_)); }

  void scalar(int index) {
    switch (lua_type(state_, index)) {
      case LUA_TBOOLEAN:
        tag(Type::boolean);
        out_.add_u8(lua_toboolean(state_, index) != 0 ? 1 : 0);
        return;
      case LUA_TSTRING: return string(index);
      default: return number(index);
    }
  }

  void string(int index) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(state_, index, &size);
    if (encoding_ == Encoding::first && size > 0xffff) {
      luaL_error(state_, "string too long for a packet: %d bytes", static_cast<int>(size));
    }
    tag(Type::string);
    out_.add_big_endian(size, length_bytes(encoding_));
    out_.add({bytes, size});
  }

  void number(int index) {
    int is_integer = lua_isinteger(state_, index);
    lua_Integer value = lua_tointeger(state_, index);
    // A float without fraction travels as an integer, as in both generations.
    if (!is_integer && encoding_ != Encoding::mail) {
      value = lua_tointegerx(state_, index, &is_integer);
    }
    if (is_integer) return integer(value);
    const double real = lua_tonumber(state_, index);
    if (encoding_ == Encoding::later) {
      const auto narrow = static_cast<float>(real);
      if (static_cast<double>(narrow) == real) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &narrow, sizeof bits);
        tag(Type::real32);
        out_.add_big_endian(bits, 4);
        return;
      }
      tag(Type::real);
      out_.add_big_endian(bits_of(real), 8);
      return;
    }
    tag(Type::real);
    out_.add_little_endian(bits_of(real), 8);
  }

  void integer(lua_Integer value) {
    Type type = Type::i64;
    int bytes = 8;
    if (value > 0) {
      if (value <= 0xff) {
        type = Type::u8, bytes = 1;
      } else if (value <= 0xffff) {
        type = Type::u16, bytes = 2;
      } else if (value <= 0xffff'ffff) {
        type = Type::u32, bytes = 4;
      } else if (encoding_ != Encoding::later) {
        type = Type::u64;
      }
    } else if (encoding_ == Encoding::later && value >= INT8_MIN) {
      type = Type::i8, bytes = 1;
    } else if (encoding_ == Encoding::later && value >= INT16_MIN) {
      type = Type::i16, bytes = 2;
    } else if (value >= INT32_MIN) {
      type = Type::i32, bytes = 4;
    }
    tag(type);
    out_.add_big_endian(static_cast<std::uint64_t>(value), bytes);
  }

  lua_State* state_;
  Appender& out_;
  Encoding encoding_;
};

class Reader {
 public:
  Reader(lua_State* state, ByteReader& in, Encoding encoding)
      : state_(state), in_(in), encoding_(encoding) {}

  bool table(int depth) {
    if (depth > table_depth_max || !lua_checkstack(state_, 4)) return false;
    std::uint64_t count = 0;
    if (!in_.take(count, 4)) return false;
    lua_newtable(state_);
    // The count is the sender's word only: each pair takes bytes, so this ends with them.
    for (std::uint64_t i = 0; i < count; ++i) {
      base::charge(1);
      if (!value(Place::key, depth) || !value(Place::value, depth)) return false;
      if (lua_type(state_, -2) == LUA_TNUMBER && std::isnan(lua_tonumber(state_, -2))) return false;
      lua_rawset(state_, -3);
    }
    return true;
  }

  Type take_type() {
    std::uint64_t tag = 0;
    if (!in_.take(tag, 1) || tag == 0 || tag > tag_count) return Type::unknown;
    return types_of(encoding_)[tag - 1];
  }

 private:
  enum class Place : std::uint8_t { key, value };

  bool integer(int bytes, bool is_signed) {
    std::uint64_t bits = 0;
    if (!in_.take(bits, bytes)) return false;
    if (is_signed && bytes < 8) {
      const std::uint64_t sign = 1ull << (bytes * 8 - 1);
      bits = (bits ^ sign) - sign;
    }
    lua_pushinteger(state_, static_cast<lua_Integer>(bits));
    return true;
  }

  bool real32() {
    std::uint64_t bits = 0;
    if (!in_.take(bits, 4)) return false;
    const auto narrow = static_cast<std::uint32_t>(bits);
    float value = 0;
    std::memcpy(&value, &narrow, sizeof value);
    lua_pushnumber(state_, static_cast<lua_Number>(value));
    return true;
  }

  bool real() {
    std::string_view bytes;
    if (!in_.take(bytes, 8)) return false;
    double value = double_of_little_endian(bytes);
    if (encoding_ == Encoding::later) {
      const std::uint64_t bits = load_big_endian(bytes.data(), 8);
      std::memcpy(&value, &bits, sizeof value);
    }
    lua_pushnumber(state_, value);
    return true;
  }

  bool value(Place place, int depth) {
    const Type type = take_type();
    switch (type) {
      case Type::table: return place == Place::value && table(depth + 1);
      case Type::string: {
        std::uint64_t size = 0;
        std::string_view bytes;
        if (!in_.take(size, length_bytes(encoding_))) return false;
        if (!in_.take(bytes, static_cast<std::size_t>(size))) return false;
        lua_pushlstring(state_, bytes.data(), bytes.size());
        return true;
      }
      case Type::boolean: {
        std::uint64_t truth = 0;
        if (place == Place::key && encoding_ != Encoding::mail) return false;
        if (!in_.take(truth, 1)) return false;
        lua_pushboolean(state_, truth != 0);
        return true;
      }
      case Type::real32: return real32();
      case Type::real: return real();
      case Type::u8: return integer(1, false);
      case Type::u16: return integer(2, false);
      case Type::u32: return integer(4, false);
      case Type::u64: return integer(8, false);
      case Type::i8: return integer(1, true);
      case Type::i16: return integer(2, true);
      case Type::i32: return integer(4, true);
      case Type::i64: return integer(8, true);
      case Type::unknown: return false;
    }
    return false;
  }

  lua_State* state_;
  ByteReader& in_;
  Encoding encoding_;
};

}  // namespace

bool ByteReader::take(std::uint64_t& value, int bytes) {
  if (rest.size() < std::size_t(bytes)) return false;
  value = load_big_endian(rest.data(), bytes);
  rest.remove_prefix(std::size_t(bytes));
  return true;
}

bool ByteReader::take(std::string_view& value, std::size_t count) {
  if (rest.size() < count) return false;
  value = rest.substr(0, count);
  rest.remove_prefix(count);
  return true;
}

std::uint64_t bits_of(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

double double_of_little_endian(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 8; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

const char* add_table(lua_State* state, int index, Appender& out, Encoding encoding) {
  const int top = lua_gettop(state);
  const char* why = Writer(state, out, encoding).table(lua_absindex(state, index), 1);
  lua_settop(state, top);
  return why;
}

bool read_table(lua_State* state, ByteReader& in, Encoding encoding) {
  const int top = lua_gettop(state);
  Reader reader(state, in, encoding);
  if (reader.take_type() == Type::table && reader.table(1)) return true;
  lua_settop(state, top);
  return false;
}

}  // namespace moonwire::bindings::chuck
