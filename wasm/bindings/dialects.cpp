// Which libraries belong to which dialect.
#include "bindings/dialects.h"

#include "bindings/base/base.h"
#include "bindings/luasocket/library.h"

namespace moonwire::bindings {

void open_libraries(lua_State* state, kernel::Dialect dialect) {
  base::open(state);
  if (dialect == kernel::Dialect::luasocket) open_luasocket(state);
}

}  // namespace moonwire::bindings
