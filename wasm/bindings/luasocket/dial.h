// Names to addresses to a bound or connected socket: getaddrinfo's rules, each address tried in
// turn, the call parked while a name or a connection is undecided.
#pragma once

#include "bindings/luasocket/object.h"

namespace moonwire::bindings::luasocket {

/// A host and a service as the script gave them; both stay alive on its stack.
struct Place {
  const char* host = nullptr;
  const char* service = nullptr;
};

/// Pushes the results of the call. `words` is null on success.
using EndDial = int (*)(lua_State* state, Object& object, const char* words);

/// What to do with an object: bind it to `local` (unless its host is null), then connect it to
/// `remote` (unless its host is null).
struct DialPlan {
  Place local{};
  Place remote{};
  net::SocketType type = net::SocketType::stream;
  /// Family the local address must have; otherwise the object's own decides.
  net::Family local_family = net::Family::unspecified;
  const char* call = "connect";
  EndDial end = nullptr;
};

/// Carries out the plan on the object at the (positive) stack index. Use as `return dial(...)`.
int dial(lua_State* state, int object_index, const DialPlan& plan);

/// Connects to one address that needs no look-up (a unix path); a closed object is not reopened.
int dial_address(lua_State* state, int object_index, const net::Address& address,
                 const DialPlan& plan);

}  // namespace moonwire::bindings::luasocket
