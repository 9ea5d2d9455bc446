// Which libraries belong to which dialect.
#include "bindings/dialects.h"

#include "bindings/base/base.h"
#include "bindings/base/lua51.h"
#include "bindings/chuck/library.h"
#include "bindings/luasocket/library.h"
#include "bindings/luat/library.h"

namespace moonwire::bindings {

void open_libraries(lua_State* state, kernel::Dialect dialect) {
  const kernel::SpawnOptions& options = kernel::process_of(state).options();
  base::open(state);
  if (options.lua51) base::install_lua51(state);
  if (dialect == kernel::Dialect::luasocket)
    luasocket::open_library(state, {.debug = options.debug});
  if (dialect == kernel::Dialect::luat) open_luat(state);
  if (dialect == kernel::Dialect::chuck) open_chuck(state);
}

}  // namespace moonwire::bindings
