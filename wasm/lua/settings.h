// Put before every file of upstream's Lua when it is compiled for Moonwire: what Lua would
// otherwise read from the world comes from the state's owner, and numbers become text without
// printf.
#pragma once

#include <cstddef>

struct lua_State;

/// Random bits from the owner of the state (hash seeds, math.random's first seed).
unsigned int moonwire_seed(lua_State* state);

/// Trap checks (backward jumps, calls) the running slice has left. See slice.h.
extern __thread int moonwire_counts_left;
/// Whether the running program is written for Lua 5.1. See slice.h.
extern __thread bool moonwire_speaks_5_1;
/// Asks the state's owner what to do now that the counts are spent. @return nonzero: yield here.
int moonwire_on_slice_spent(lua_State* state);

/// See direct.h.
int moonwire_end_slice(lua_State* state);
int moonwire_error(lua_State* state);
void moonwire_throw_yield(lua_State* state, std::ptrdiff_t context,
                          int (*resume)(lua_State* state, int status, std::ptrdiff_t context));
int moonwire_enter_pcall(lua_State* state, int arguments, int handler, std::ptrdiff_t context,
                         int (*resume)(lua_State* state, int status, std::ptrdiff_t context));

/// Writes a decimal number and a NUL. @return its length.
int moonwire_integer_text(char* text, long long value);

/// A number without its fraction, towards zero; the nearest there is when it is too large, 0 for
/// what is no number.
long long moonwire_cut(double value);

#define luai_makeseed(state) moonwire_seed(state)
