// bit: 32-bit operations on numbers of any kind; results are unsigned, those of lshift and arshift
// signed, as the Air724U has them.
#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

std::uint32_t check_bits(lua_State* state, int index) {
  return static_cast<std::uint32_t>(luaL_checkinteger(state, index));
}

unsigned check_distance(lua_State* state, int index) {
  return static_cast<unsigned>(luaL_checkinteger(state, index));
}

int push_bits(lua_State* state, std::uint32_t bits) {
  lua_pushinteger(state, bits);
  return 1;
}

int push_signed(lua_State* state, std::uint32_t bits) {
  lua_pushinteger(state, static_cast<std::int32_t>(bits));
  return 1;
}

template <typename Join>
int join_all(lua_State* state, Join join) {
  std::uint32_t bits = check_bits(state, 1);
  const int last = lua_gettop(state);
  for (int index = 2; index <= last; ++index) bits = join(bits, check_bits(state, index));
  return push_bits(state, bits);
}

int bit_bnot(lua_State* state) {
  return push_bits(state, ~check_bits(state, 1));
}
int bit_band(lua_State* state) {
  return join_all(state, [](std::uint32_t one, std::uint32_t other) { return one & other; });
}
int bit_bor(lua_State* state) {
  return join_all(state, [](std::uint32_t one, std::uint32_t other) { return one | other; });
}
int bit_bxor(lua_State* state) {
  return join_all(state, [](std::uint32_t one, std::uint32_t other) { return one ^ other; });
}

int bit_lshift(lua_State* state) {
  const unsigned distance = check_distance(state, 2);
  return push_signed(state, distance < 32 ? check_bits(state, 1) << distance : 0);
}
int bit_rshift(lua_State* state) {
  const unsigned distance = check_distance(state, 2);
  return push_bits(state, distance < 32 ? check_bits(state, 1) >> distance : 0);
}
int bit_arshift(lua_State* state) {
  const unsigned distance = check_distance(state, 2);
  const auto value = static_cast<std::int32_t>(check_bits(state, 1));
  return push_signed(state, static_cast<std::uint32_t>(value >> (distance < 31 ? distance : 31)));
}

std::uint32_t rotate(std::uint32_t bits, unsigned left) {
  left %= 32;
  return left == 0 ? bits : bits << left | bits >> (32 - left);
}
int bit_rol(lua_State* state) {
  return push_bits(state, rotate(check_bits(state, 1), check_distance(state, 2)));
}
int bit_ror(lua_State* state) {
  return push_bits(state, rotate(check_bits(state, 1), 32 - check_distance(state, 2) % 32));
}

std::uint32_t bit_at(lua_State* state, int index) {
  const unsigned place = check_distance(state, index);
  return place < 32 ? std::uint32_t{1} << place : 0;
}
int bit_bit(lua_State* state) {
  return push_bits(state, bit_at(state, 1));
}
int bit_isset(lua_State* state) {
  lua_pushboolean(state, (check_bits(state, 1) & bit_at(state, 2)) != 0);
  return 1;
}
int bit_isclear(lua_State* state) {
  lua_pushboolean(state, (check_bits(state, 1) & bit_at(state, 2)) == 0);
  return 1;
}
int bit_set(lua_State* state) {
  std::uint32_t bits = check_bits(state, 1);
  const int last = lua_gettop(state);
  for (int index = 2; index <= last; ++index) bits |= bit_at(state, index);
  return push_bits(state, bits);
}
int bit_clear(lua_State* state) {
  std::uint32_t bits = check_bits(state, 1);
  const int last = lua_gettop(state);
  for (int index = 2; index <= last; ++index) bits &= ~bit_at(state, index);
  return push_bits(state, bits);
}

/// (value [, digits]): lower case, upper case for a negative number of digits.
int bit_tohex(lua_State* state) {
  std::uint32_t bits = check_bits(state, 1);
  lua_Integer digits = luaL_optinteger(state, 2, 8);
  const char* letters = digits < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
  if (digits < 0) digits = -digits;
  const std::size_t count = digits < 8 ? static_cast<std::size_t>(digits) : 8;
  char text[8];
  for (std::size_t place = count; place-- > 0; bits >>= 4) text[place] = letters[bits & 15];
  lua_pushlstring(state, text, count);
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"bnot", bit_bnot},       {"band", bit_band},     {"bor", bit_bor},
    {"bxor", bit_bxor},       {"lshift", bit_lshift}, {"rshift", bit_rshift},
    {"arshift", bit_arshift}, {"bit", bit_bit},       {"set", bit_set},
    {"clear", bit_clear},     {"isset", bit_isset},   {"isclear", bit_isclear},
    {"tohex", bit_tohex},     {"rol", bit_rol},       {"ror", bit_ror},
    {nullptr, nullptr},
};

}  // namespace

void add_bit(lua_State* state) {
  push_module(state, "bit", functions);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
