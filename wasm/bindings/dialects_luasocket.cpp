// A machine with the luasocket dialect alone: half as large to download.
#include "bindings/base/base.h"
#include "bindings/dialects.h"
#include "bindings/luasocket/library.h"

namespace moonwire::bindings {

bool has_dialect(kernel::Dialect dialect) {
  return dialect == kernel::Dialect::luasocket;
}

void open_libraries(lua_State* state, kernel::Dialect) {
  base::open(state);
  luasocket::open_library(state);
}

}  // namespace moonwire::bindings
