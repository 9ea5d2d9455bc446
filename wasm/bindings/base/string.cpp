// The string library.
#include "bindings/base/base.h"
#include "lua.h"
#include "lualib.h"

namespace moonwire::bindings::base {

int open_string(lua_State* state) {
  return luaopen_string(state);
}

}  // namespace moonwire::bindings::base
