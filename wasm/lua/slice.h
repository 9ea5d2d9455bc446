// Taking turns, as far as Lua's virtual machine knows it: a count that its trap checks (backward
// jumps, calls) use up, and the owner of the state, who is asked when nothing is left.
#pragma once

#include <cstdint>

#include "lua.h"

/// Trap checks the running slice has left. One per thread, because one state runs at a time; the
/// scheduler sets it before each slice. Long work in C charges for itself by subtracting.
extern __thread int moonwire_counts_left;

/// Whether the program of the state that runs now is written for Lua 5.1 (the luat dialect's):
/// vararg functions have their `arg`, floats print without ".0", and a fraction given for an
/// integer is cut. Set by the scheduler like the count.
extern __thread bool moonwire_speaks_5_1;

namespace moonwire::lua {

/// What the virtual machine does at the instruction where the counts ran out.
enum class AtSliceEnd : std::uint8_t { go_on, yield };

/// Who owns a Lua state. A pointer to it (as StateOwner*) must be the state's allocator context.
class StateOwner {
 public:
  /// 64 random bits.
  virtual std::uint64_t entropy() = 0;
  /// The counts are spent, at a place where Lua may raise an error. Must set moonwire_counts_left
  /// anew when it answers go_on; may raise a Lua error instead of answering.
  virtual AtSliceEnd on_slice_spent(lua_State* state) = 0;

 protected:
  ~StateOwner() = default;
};

/// The owner given to lua_newstate.
StateOwner& owner_of(lua_State* state);

/// Counts work done in C against the running slice; the switch comes at the next trap check.
inline void charge(int counts) {
  moonwire_counts_left = counts < moonwire_counts_left ? moonwire_counts_left - counts : 0;
}

}  // namespace moonwire::lua
