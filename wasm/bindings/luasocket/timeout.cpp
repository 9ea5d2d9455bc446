// The two timeouts of a LuaSocket object, and what they allow a waiting call.
#include "bindings/luasocket/timeout.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "bindings/blocking_call.h"
#include "bindings/luasocket/library.h"
#include "kernel/machine.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::luasocket {

using kernel::Micros;

namespace {

constexpr double micros_per_second = 1e6;
constexpr double longest_wait_seconds = 1e12;  // beyond: no deadline at all

Micros now(lua_State* state) {
  return kernel::process_of(state).machine().deadlines().now();
}

// Seconds left for the next wait, or a negative number for no limit. With one timeout alone it is
// a deadline for the whole call; with both, the block timeout bounds each wait anew.
double seconds_left(lua_State* state, const Timeout& timeout) {
  const bool has_block = !(timeout.block < 0);
  const bool has_total = !(timeout.total < 0);
  if (!has_block && !has_total) return -1;
  const double elapsed = steady_seconds(state) - timeout.start;
  if (!has_total) return std::max(0.0, timeout.block - elapsed);
  const double of_total = std::max(0.0, timeout.total - elapsed);
  return has_block ? std::min(timeout.block, of_total) : of_total;
}

int nothing_to_return(lua_State*, int, lua_KContext) {
  return 0;
}

}  // namespace

double steady_seconds(lua_State* state) {
  return double(now(state)) / micros_per_second;
}

void mark_start(lua_State* state, Timeout& timeout) {
  // Asking the host for the time is a good part of what a small send or receive costs.
  const bool nobody_asks = timeout.is_zero() || (timeout.block < 0 && timeout.total < 0);
  if (nobody_asks && !timeout.is_measured) return;
  timeout.start = steady_seconds(state);
}

Micros deadline_after(lua_State* state, double seconds) {
  if (!(seconds < longest_wait_seconds)) return kernel::Wait::never;
  return now(state) + Micros(std::ceil(std::max(0.0, seconds) * micros_per_second));
}

Allowance allowance(lua_State* state, const Timeout& timeout) {
  if (timeout.is_zero()) return {};
  const double left = seconds_left(state, timeout);
  if (left < 0 || left >= longest_wait_seconds) return {true, kernel::Wait::never};
  // A hair more than the difference of two doubles loses: 0.3 s must be 300 ms, not 299.
  const auto milliseconds = Micros(left * 1e3 + 1e-6);
  if (milliseconds <= 0) return {};
  return {true, now(state) + milliseconds * 1000};
}

int settimeout(lua_State* state, Timeout& timeout) {
  const double seconds = luaL_optnumber(state, 2, -1);
  const char* mode = luaL_optstring(state, 3, "b");
  switch (*mode) {
    case 'b': timeout.block = seconds; break;
    case 'r':
    case 't': timeout.total = seconds; break;
    default: return luaL_argerror(state, 3, "invalid timeout mode");
  }
  lua_pushnumber(state, 1);
  return 1;
}

int gettimeout(lua_State* state, const Timeout& timeout) {
  lua_pushnumber(state, timeout.block);
  lua_pushnumber(state, timeout.total);
  return 2;
}

int global_gettime(lua_State* state) {
  const Micros wall = kernel::process_of(state).machine().host().wall_clock();
  lua_pushnumber(state, double(wall) / micros_per_second);
  return 1;
}

int global_sleep(lua_State* state) {
  double seconds = luaL_checknumber(state, 1);
  if (!(seconds > 0)) return give_turn(state, 0);
  seconds = std::min(seconds, double(INT_MAX));
  kernel::Wait wait;
  wait.deadline = deadline_after(state, seconds);
  return park(state, wait, 0, nothing_to_return, "sleep");
}

}  // namespace moonwire::bindings::luasocket
