#include "lua/slice.h"

__thread int moonwire_counts_left = 0;

namespace moonwire::lua {

StateOwner& owner_of(lua_State* state) {
  void* owner = nullptr;
  lua_getallocf(state, &owner);
  return *static_cast<StateOwner*>(owner);
}

}  // namespace moonwire::lua

// Called by upstream's files (settings.h).
unsigned int moonwire_seed(lua_State* state) {
  return static_cast<unsigned int>(moonwire::lua::owner_of(state).entropy());
}

int moonwire_on_slice_spent(lua_State* state) {
  return moonwire::lua::owner_of(state).on_slice_spent(state) == moonwire::lua::AtSliceEnd::yield;
}
