// A machine with every dialect.
#include "bindings/base/base.h"
#include "bindings/chuck/library.h"
#include "bindings/dialects.h"
#include "bindings/luasocket/library.h"
#include "bindings/luat/library.h"

namespace moonwire::bindings {

bool has_dialect(kernel::Dialect) {
  return true;
}

void open_libraries(lua_State* state, kernel::Dialect dialect) {
  base::open(state);
  if (dialect == kernel::Dialect::luasocket) luasocket::open_library(state);
  if (dialect == kernel::Dialect::luat) open_luat(state);
  if (dialect == kernel::Dialect::chuck) open_chuck(state);
}

}  // namespace moonwire::bindings
