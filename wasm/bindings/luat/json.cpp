// json: encode, decode and null, as lua-cjson has them, in words and limits too. Both raise errors;
// LuaTask's patch gives decode its three results.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

constexpr int depth_max = 1000;  // nested tables, either way; deeper ones are an error

// Encoding.

void encode_value(lua_State* state, std::string& out, int depth);

void encode_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    static constexpr std::string_view plain = "\"\\/\b\f\n\r\t";
    static constexpr std::string_view escaped = "\"\\/bfnrt";
    if (const std::size_t at = plain.find(c); at != std::string_view::npos) {
      out += '\\';
      out += escaped[at];
    } else if (byte < 0x20 || byte == 0x7f) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", byte);
      out += code;
    } else {
      out += c;
    }
  }
  out += '"';
}

void encode_number(lua_State* state, std::string& out, int index) {
  char text[32];
  if (lua_isinteger(state, index)) {
    std::snprintf(text, sizeof text, "%lld", static_cast<long long>(lua_tointeger(state, index)));
  } else {
    const lua_Number number = lua_tonumber(state, index);
    if (!std::isfinite(number)) {
      luaL_error(state, "Cannot serialise number: must not be NaN or Inf");
    }
    std::snprintf(text, sizeof text, "%.14g", number);
  }
  out += text;
}

/// The length of the table on the top as an array, or -1 when it is an object.
lua_Integer array_length(lua_State* state) {
  lua_Integer longest = 0;
  lua_Integer count = 0;
  lua_pushnil(state);
  while (lua_next(state, -2) != 0) {
    lua_pop(state, 1);
    if (!lua_isinteger(state, -1) || lua_tointeger(state, -1) < 1) {
      lua_pop(state, 1);
      return -1;
    }
    longest = std::max(longest, lua_tointeger(state, -1));
    ++count;
  }
  if (longest > 10 && longest > 2 * count) {
    luaL_error(state, "Cannot serialise table: excessively sparse array");
  }
  return longest == 0 ? -1 : longest;
}

void encode_table(lua_State* state, std::string& out, int depth) {
  if (depth > depth_max) luaL_error(state, "Cannot serialise, excessive depth (%d)", depth);
  luaL_checkstack(state, 6, "json");
  const lua_Integer length = array_length(state);
  out += length >= 0 ? '[' : '{';
  for (lua_Integer i = 1; i <= length; ++i) {
    if (i > 1) out += ',';
    lua_rawgeti(state, -1, i);
    encode_value(state, out, depth);
    lua_pop(state, 1);
  }
  bool is_first = true;
  if (length < 0) lua_pushnil(state);
  while (length < 0 && lua_next(state, -2) != 0) {
    if (!std::exchange(is_first, false)) out += ',';
    if (lua_type(state, -2) == LUA_TSTRING) {
      encode_text(out, check_text(state, -2));
    } else if (lua_type(state, -2) == LUA_TNUMBER) {
      out += '"';
      encode_number(state, out, -2);
      out += '"';
    } else {
      luaL_error(state, "Cannot serialise %s: table key must be a number or string",
                 luaL_typename(state, -2));
    }
    out += ':';
    encode_value(state, out, depth);
    lua_pop(state, 1);
  }
  out += length >= 0 ? ']' : '}';
}

/// The value on the top, which stays there.
void encode_value(lua_State* state, std::string& out, int depth) {
  switch (lua_type(state, -1)) {
    case LUA_TSTRING: return encode_text(out, check_text(state, -1));
    case LUA_TNUMBER: return encode_number(state, out, -1);
    case LUA_TBOOLEAN: out += lua_toboolean(state, -1) ? "true" : "false"; return;
    case LUA_TNIL: out += "null"; return;
    case LUA_TTABLE: return encode_table(state, out, depth + 1);
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(state, -1) == nullptr) {
        out += "null";
        return;
      }
      [[fallthrough]];
    default: luaL_error(state, "Cannot serialise %s: type not supported", luaL_typename(state, -1));
  }
}

int json_encode(lua_State* state) {
  luaL_checkany(state, 1);
  lua_settop(state, 1);
  std::string out;
  encode_value(state, out, 0);
  push_text(state, out);
  return 1;
}

// Decoding.

struct Reader {
  lua_State* state;
  std::string_view text;
  std::size_t at = 0;

  char peek() const { return at < text.size() ? text[at] : '\0'; }
  char next() {
    while (at < text.size() && std::strchr(" \t\r\n", text[at]) != nullptr && text[at] != '\0')
      ++at;
    return peek();
  }
  [[noreturn]] void fail(const char* wanted) const {
    const char* found = at >= text.size() ? "T_END" : "invalid token";
    luaL_error(state, "Expected %s but found %s at character %d", wanted, found,
               static_cast<int>(at + 1));
    std::abort();  // luaL_error does not return
  }
  bool take(std::string_view word) {
    if (text.substr(at, word.size()) != word) return false;
    at += word.size();
    return true;
  }
};

void decode_value(Reader& in, int depth);

/// Four hexadecimal digits.
unsigned decode_code(Reader& in) {
  unsigned code = 0;
  const std::string_view digits = in.text.substr(in.at, 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || error != std::errc{} || end != digits.data() + 4) in.fail("string");
  in.at += 4;
  return code;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr unsigned first[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(first[more] | (code >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f));
}

void decode_escape(Reader& in, std::string& out) {
  static constexpr std::string_view escaped = "\"\\/bfnrt";
  static constexpr std::string_view plain = "\"\\/\b\f\n\r\t";
  const char c = in.peek();
  if (const std::size_t at = escaped.find(c); c != '\0' && at != std::string_view::npos) {
    out += plain[at];
    ++in.at;
    return;
  }
  if (c != 'u') in.fail("string");
  ++in.at;
  unsigned code = decode_code(in);
  if (code >= 0xd800 && code < 0xdc00) {  // the first half of a pair
    if (!in.take("\\u")) in.fail("string");
    const unsigned second = decode_code(in);
    if (second < 0xdc00 || second > 0xdfff) in.fail("string");
    code = 0x10000 + ((code & 0x3ff) << 10) + (second & 0x3ff);
  }
  append_utf8(out, code);
}

void decode_text(Reader& in) {
  std::string out;
  ++in.at;
  while (in.peek() != '"') {
    if (in.at >= in.text.size()) in.fail("string");
    const char c = in.text[in.at++];
    if (c == '\\') {
      decode_escape(in, out);
    } else {
      out += c;
    }
  }
  ++in.at;
  push_text(in.state, out);
}

void decode_number(Reader& in) {
  const std::size_t end = in.text.find_first_not_of("+-.0123456789eE", in.at);
  const std::string text(in.text.substr(in.at, end == std::string_view::npos ? end : end - in.at));
  if (text.empty() || lua_stringtonumber(in.state, text.c_str()) == 0) in.fail("value");
  in.at += text.size();
}

void decode_list(Reader& in, int depth) {
  ++in.at;
  lua_newtable(in.state);
  if (in.next() == ']') {
    ++in.at;
    return;
  }
  for (lua_Integer i = 1;; ++i) {
    decode_value(in, depth);
    lua_rawseti(in.state, -2, i);
    const char c = in.next();
    if (c != ',' && c != ']') in.fail("comma or array end");
    ++in.at;
    if (c == ']') return;
  }
}

void decode_object(Reader& in, int depth) {
  ++in.at;
  lua_newtable(in.state);
  if (in.next() == '}') {
    ++in.at;
    return;
  }
  while (true) {
    if (in.next() != '"') in.fail("object key string");
    decode_text(in);
    if (in.next() != ':') in.fail("colon");
    ++in.at;
    decode_value(in, depth);
    lua_rawset(in.state, -3);
    const char c = in.next();
    if (c != ',' && c != '}') in.fail("comma or object end");
    ++in.at;
    if (c == '}') return;
  }
}

void decode_value(Reader& in, int depth) {
  luaL_checkstack(in.state, 4, "json");
  const char c = in.next();
  if ((c == '{' || c == '[') && depth == depth_max) {
    luaL_error(in.state, "Found too many nested data structures (%d)", depth + 1);
  }
  if (c == '{') return decode_object(in, depth + 1);
  if (c == '[') return decode_list(in, depth + 1);
  if (c == '"') return decode_text(in);
  if (in.take("true")) return lua_pushboolean(in.state, 1);
  if (in.take("false")) return lua_pushboolean(in.state, 0);
  if (in.take("null")) return lua_pushlightuserdata(in.state, nullptr);
  if (c == '-' || (c >= '0' && c <= '9')) return decode_number(in);
  in.fail("value");
}

int json_decode(lua_State* state) {
  Reader in{state, check_text(state, 1)};
  decode_value(in, 0);
  if (in.next() != '\0' || in.at < in.text.size()) in.fail("the end");
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"encode", json_encode}, {"decode", json_decode}, {nullptr, nullptr}};

}  // namespace

void add_json(lua_State* state) {
  push_module(state, "json", functions);
  lua_pushlightuserdata(state, nullptr);
  lua_setfield(state, -2, "null");
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
