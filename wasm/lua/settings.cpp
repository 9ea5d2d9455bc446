// What upstream's files call in place of the C library and the system (settings.h).
#include "lua/settings.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "lua/slice.h"

unsigned int moonwire_seed(lua_State* state) {
  return static_cast<unsigned int>(moonwire::lua::owner_of(state).entropy());
}

int moonwire_on_slice_spent(lua_State* state) {
  return moonwire::lua::owner_of(state).on_slice_spent(state) == moonwire::lua::AtSliceEnd::yield;
}

long long moonwire_cut(double value) {
  constexpr double beyond = 9223372036854775808.0;  // 2^63
  if (value >= beyond) return INT64_MAX;
  if (value < -beyond) return INT64_MIN;
  return value == value ? static_cast<long long>(value) : 0;
}

int moonwire_integer_text(char* text, long long value) {
  std::array<char, 20> digits;  // 2^64 - 1 has 20
  char* const end = digits.data() + digits.size();
  char* first = end;
  auto rest = static_cast<unsigned long long>(value);
  if (value < 0) rest = 0 - rest;
  while (rest > 0xffffffff) {
    *--first = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  auto small = static_cast<unsigned int>(rest);  // cheaper to divide
  do {
    *--first = static_cast<char>('0' + small % 10);
    small /= 10;
  } while (small > 0);
  if (value < 0) *text++ = '-';
  const auto count = static_cast<std::size_t>(end - first);
  std::memcpy(text, first, count);
  text[count] = 0;
  return static_cast<int>(count) + (value < 0 ? 1 : 0);
}
