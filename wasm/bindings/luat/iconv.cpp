// iconv: text of one character set in another, as far as this module knows them: UTF-8 and UCS-2 in
// either byte order. The tables of GB2312 are not here; who asks for it is told so.
#include <cctype>
#include <cstdint>
#include <optional>
#include <string>

#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

enum class Charset : std::uint8_t { utf8, ucs2, ucs2be };

constexpr lua_Integer error_incomplete = 2;
constexpr lua_Integer error_invalid = 3;
constexpr const char* type_name = "iconv";

struct Converter {
  Charset from;
  Charset to;
};

Charset check_charset(lua_State* state, int index) {
  std::string name;
  for (const char c : check_text(state, index)) {
    if (c != '-') name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (name == "utf8") return Charset::utf8;
  if (name == "ucs2" || name == "ucs2le") return Charset::ucs2;
  if (name == "ucs2be") return Charset::ucs2be;
  luaL_error(state, "iconv: this module knows utf8, ucs2 and ucs2be, not '%s'",
             lua_tostring(state, index));
  return Charset::utf8;
}

/// Takes the next character off `rest`, or leaves it and says why not.
std::optional<char32_t> take(Charset charset, std::string_view& rest, lua_Integer& why) {
  const auto byte = [&rest](std::size_t at) { return static_cast<unsigned char>(rest[at]); };
  if (charset == Charset::utf8) {
    const unsigned char first = byte(0);
    const std::size_t size = first < 0x80           ? 1
                             : (first >> 5) == 0x6  ? 2
                             : (first >> 4) == 0xe  ? 3
                             : (first >> 3) == 0x1e ? 4
                                                    : 0;
    char32_t character = size <= 1 ? first : first & (0x7fu >> size);
    for (std::size_t at = 1; at < size && at < rest.size(); ++at) {
      if ((byte(at) & 0xc0) != 0x80) return why = error_invalid, std::nullopt;
      character = character << 6 | (byte(at) & 0x3fu);
    }
    if (size == 0) return why = error_invalid, std::nullopt;
    if (rest.size() < size) return why = error_incomplete, std::nullopt;
    rest.remove_prefix(size);
    return character;
  }
  const std::size_t high = charset == Charset::ucs2be ? 0 : 1;
  const auto unit = [&](std::size_t at) {
    return static_cast<char32_t>(byte(at + high) << 8 | byte(at + 1 - high));
  };
  if (rest.size() < 2) return why = error_incomplete, std::nullopt;
  char32_t character = unit(0);
  std::size_t size = 2;
  if ((character & 0xfc00) == 0xd800 && rest.size() >= 4 && (unit(2) & 0xfc00) == 0xdc00) {
    character = 0x10000 + ((character & 0x3ff) << 10 | (unit(2) & 0x3ff));
    size = 4;
  }
  rest.remove_prefix(size);
  return character;
}

void put_unit(Charset charset, char32_t unit, std::string& text) {
  const char high = static_cast<char>(unit >> 8 & 0xff);
  const char low = static_cast<char>(unit & 0xff);
  text += charset == Charset::ucs2be ? high : low;
  text += charset == Charset::ucs2be ? low : high;
}

void put(Charset charset, char32_t character, std::string& text) {
  if (charset != Charset::utf8) {
    if (character < 0x10000) return put_unit(charset, character, text);
    put_unit(charset, 0xd800 + ((character - 0x10000) >> 10), text);
    return put_unit(charset, 0xdc00 + (character & 0x3ff), text);
  }
  if (character < 0x80) {
    text += static_cast<char>(character);
    return;
  }
  const int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  constexpr unsigned char marks[] = {0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(marks[more] | character >> (6 * more));
  for (int shift = 6 * (more - 1); shift >= 0; shift -= 6) {
    text += static_cast<char>(0x80 | (character >> shift & 0x3f));
  }
}

/// (to, from)
int iconv_open(lua_State* state) {
  const Charset to = check_charset(state, 1);
  const Charset from = check_charset(state, 2);
  *static_cast<Converter*>(lua_newuserdatauv(state, sizeof(Converter), 0)) = {from, to};
  luaL_setmetatable(state, type_name);
  return 1;
}

/// The text, and behind it a number when not all of it could be turned: the part before that.
int convert(lua_State* state) {
  const auto* converter = static_cast<Converter*>(luaL_checkudata(state, 1, type_name));
  std::string_view rest = check_text(state, 2);
  lua_Integer why = 0;
  {
    std::string text;
    while (!rest.empty()) {
      const std::optional<char32_t> character = take(converter->from, rest, why);
      if (!character) break;
      put(converter->to, *character, text);
    }
    push_text(state, text);
  }
  if (why == 0) return 1;
  lua_pushinteger(state, why);
  return 2;
}

constexpr luaL_Reg functions[] = {{"open", iconv_open}, {"new", iconv_open}, {nullptr, nullptr}};
constexpr luaL_Reg methods[] = {{"iconv", convert}, {nullptr, nullptr}};
constexpr Constant constants[] = {{"ERROR_NO_MEMORY", 1},
                                  {"ERROR_INCOMPLETE", error_incomplete},
                                  {"ERROR_INVALID", error_invalid},
                                  {"ERROR_UNKNOWN", 4}};

}  // namespace

void add_iconv(lua_State* state) {
  luaL_newmetatable(state, type_name);
  lua_newtable(state);
  luaL_setfuncs(state, methods, 0);
  lua_setfield(state, -2, "__index");
  lua_pop(state, 1);
  push_module(state, "iconv", functions);
  set_constants(state, constants);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
