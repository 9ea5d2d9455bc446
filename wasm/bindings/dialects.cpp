// Which libraries belong to which dialect.
#include "bindings/dialects.h"

#include "bindings/base/base.h"

namespace moonwire::bindings {

void open_libraries(lua_State* state, kernel::Dialect) {
  base::open(state);
}

}  // namespace moonwire::bindings
