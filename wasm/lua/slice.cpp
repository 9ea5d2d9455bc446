#include "lua/slice.h"

__thread int moonwire_counts_left = 0;
__thread bool moonwire_speaks_5_1 = false;

namespace moonwire::lua {

StateOwner& owner_of(lua_State* state) {
  void* owner = nullptr;
  lua_getallocf(state, &owner);
  return *static_cast<StateOwner*>(owner);
}

}  // namespace moonwire::lua
