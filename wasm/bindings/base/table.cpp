// The table library.
#include "bindings/base/base.h"
#include "lua.h"
#include "lualib.h"

namespace moonwire::bindings::base {

int open_table(lua_State* state) {
  return luaopen_table(state);
}

}  // namespace moonwire::bindings::base
