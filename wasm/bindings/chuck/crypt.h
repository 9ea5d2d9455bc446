// SHA-1 and base64: what WebSocket's handshake needs, and the later generations' chuck.crypt.
#pragma once

#include "lua.h"

namespace moonwire::bindings::chuck {

/// Adds `sha1`, `base64_encode`, `base64_decode` to the table on top.
void add_crypt(lua_State* state);

}  // namespace moonwire::bindings::chuck
