// pack: binary records by a format of letters, which is not string.pack's.
#include <cstring>

#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

/// Reads a format letter by letter: the letter, its count, and the byte order of the moment.
class Format {
 public:
  explicit Format(std::string_view text) : text_(text) {}

  /// @return false at the end.
  bool next() {
    while (at_ < text_.size()) {
      const char letter = text_[at_++];
      switch (letter) {
        case ' ':
        case ',': continue;
        case '<':
        case '=': is_big_ = false; continue;
        case '>': is_big_ = true; continue;
        default: break;
      }
      letter_ = letter;
      count_ = 1;
      has_count_ = at_ < text_.size() && is_digit(text_[at_]);
      if (has_count_) count_ = 0;
      for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
        if (count_ < count_max) count_ = count_ * 10 + std::size_t(text_[at_] - '0');
      }
      return true;
    }
    return false;
  }
  char letter() const { return letter_; }
  std::size_t count() const { return count_; }
  bool has_count() const { return has_count_; }
  bool is_big() const { return is_big_; }

 private:
  static constexpr std::size_t count_max = 100'000'000;
  static bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

  std::string_view text_;
  std::size_t at_ = 0;
  char letter_ = 0;
  std::size_t count_ = 1;
  bool has_count_ = false;
  bool is_big_ = false;
};

/// Bytes of a number's letter; 0 for letters that are none.
std::size_t width_of(char letter) {
  switch (letter) {
    case 'c':
    case 'b': return 1;
    case 'h':
    case 'H': return 2;
    case 'i':
    case 'I':
    case 'l':
    case 'L':
    case 'f': return 4;
    case 'd':
    case 'n': return 8;
    default: return 0;
  }
}

/// Bytes of the length in front of a text's letter.
std::size_t prefix_of(char letter) {
  switch (letter) {
    case 'p': return 1;
    case 'P': return 2;
    case 'a': return 4;
    default: return 0;
  }
}

void add_number(luaL_Buffer* buffer, std::uint64_t value, std::size_t width, bool is_big) {
  for (std::size_t place = 0; place < width; ++place) {
    const std::size_t byte = is_big ? width - 1 - place : place;
    luaL_addchar(buffer, static_cast<char>(value >> (8 * byte)));
  }
}

std::uint64_t number_at(std::string_view bytes, bool is_big) {
  std::uint64_t value = 0;
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    const std::size_t from = is_big ? place : bytes.size() - 1 - place;
    value = value << 8 | std::uint8_t(bytes[from]);
  }
  return value;
}

/// The bits that a number has under this letter.
std::uint64_t bits_of(lua_State* state, int index, char letter) {
  if (letter == 'f') {
    const auto value = static_cast<float>(luaL_checknumber(state, index));
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
  }
  if (letter == 'd' || letter == 'n') {
    const double value = luaL_checknumber(state, index);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
  }
  return static_cast<std::uint64_t>(luaL_checkinteger(state, index));
}

void push_number(lua_State* state, std::uint64_t bits, char letter) {
  switch (letter) {
    case 'c': lua_pushinteger(state, static_cast<std::int8_t>(bits)); return;
    case 'h': lua_pushinteger(state, static_cast<std::int16_t>(bits)); return;
    case 'i':
    case 'l': lua_pushinteger(state, static_cast<std::int32_t>(bits)); return;
    case 'f': {
      const auto narrow = static_cast<std::uint32_t>(bits);
      float value = 0;
      std::memcpy(&value, &narrow, sizeof value);
      lua_pushnumber(state, value);
      return;
    }
    case 'd':
    case 'n': {
      double value = 0;
      std::memcpy(&value, &bits, sizeof value);
      lua_pushnumber(state, value);
      return;
    }
    default: lua_pushinteger(state, static_cast<lua_Integer>(bits));
  }
}

int bad_code(lua_State* state, char letter) {
  return luaL_error(state, "bad code '%c'", letter);
}

int pack_pack(lua_State* state) {
  Format format{check_text(state, 1)};
  int index = 2;
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  while (format.next()) {
    const char letter = format.letter();
    const std::size_t width = width_of(letter);
    const std::size_t prefix = prefix_of(letter);
    if (width == 0 && prefix == 0 && letter != 'A' && letter != 'z') return bad_code(state, letter);
    for (std::size_t repeat = 0; repeat < format.count(); ++repeat) {
      if (width != 0) {
        add_number(&buffer, bits_of(state, index++, letter), width, format.is_big());
        continue;
      }
      const std::string_view text = check_text(state, index++);
      if (prefix != 0) add_number(&buffer, text.size(), prefix, format.is_big());
      luaL_addlstring(&buffer, text.data(), text.size());
      if (letter == 'z') luaL_addchar(&buffer, '\0');
    }
  }
  luaL_pushresult(&buffer);
  return 1;
}

/// Takes the next item off `rest` and pushes it. @return false when it does not fit.
bool unpack_item(lua_State* state, std::string_view& rest, const Format& format) {
  const char letter = format.letter();
  if (const std::size_t width = width_of(letter); width != 0) {
    if (rest.size() < width) return false;
    push_number(state, number_at(rest.substr(0, width), format.is_big()), letter);
    rest.remove_prefix(width);
    return true;
  }
  if (letter == 'z') {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) return false;
    push_text(state, rest.substr(0, end));
    rest.remove_prefix(end + 1);
    return true;
  }
  const std::size_t prefix = prefix_of(letter);
  if (rest.size() < prefix) return false;
  const std::uint64_t size = number_at(rest.substr(0, prefix), format.is_big());
  if (rest.size() - prefix < size) return false;
  push_text(state, rest.substr(prefix, static_cast<std::size_t>(size)));
  rest.remove_prefix(prefix + static_cast<std::size_t>(size));
  return true;
}

/// The next position comes first; ends silently at the first item that does not fit.
int pack_unpack(lua_State* state) {
  const std::string_view bytes = check_text(state, 1);
  Format format{check_text(state, 2)};
  const lua_Integer first = luaL_optinteger(state, 3, 1);
  const std::size_t begin = first < 1 ? 0 : static_cast<std::size_t>(first - 1);
  std::string_view rest = bytes.substr(begin < bytes.size() ? begin : bytes.size());
  lua_pushnil(state);
  const int position = lua_gettop(state);
  bool fits = true;
  while (fits && format.next()) {
    const char letter = format.letter();
    if (letter == 'A') {
      fits = rest.size() >= format.count();
      if (!fits) break;
      push_text(state, rest.substr(0, format.count()));
      rest.remove_prefix(format.count());
      continue;
    }
    if (width_of(letter) == 0 && prefix_of(letter) == 0 && letter != 'z') {
      return bad_code(state, letter);
    }
    for (std::size_t repeat = 0; fits && repeat < format.count(); ++repeat) {
      luaL_checkstack(state, 1, "too many results");
      fits = unpack_item(state, rest, format);
    }
  }
  lua_pushinteger(state, static_cast<lua_Integer>(bytes.size() - rest.size()) + 1);
  lua_replace(state, position);
  return lua_gettop(state) - position + 1;
}

constexpr luaL_Reg functions[] = {{"pack", pack_pack}, {"unpack", pack_unpack}, {nullptr, nullptr}};

}  // namespace

void add_pack(lua_State* state) {
  push_module(state, "pack", functions);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
