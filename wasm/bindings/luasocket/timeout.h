// The two timeouts of a LuaSocket object, and what they allow a waiting call.
#pragma once

#include "kernel/process.h"

struct lua_State;

namespace moonwire::bindings::luasocket {

/// Seconds; negative means none. `start` is when the running method call began: both timeouts are
/// measured from it, and nothing carries over to the next call.
struct Timeout {
  double block = -1;
  double total = -1;
  double start = 0;
  bool is_measured = false;  // _DEBUG: send and receive also give the seconds they took

  /// A block timeout of zero: the call never waits.
  bool is_zero() const { return block == 0.0; }
};

/// Seconds on the steady clock, from which every timeout is measured.
double steady_seconds(lua_State* state);
void mark_start(lua_State* state, Timeout& timeout);

/// Whether a call that found nothing may wait, and until when. Waits are whole milliseconds,
/// rounded down, as poll(2) takes them.
struct Allowance {
  bool may_wait = false;
  kernel::Micros deadline = kernel::Wait::never;
};
Allowance allowance(lua_State* state, const Timeout& timeout);
/// now + seconds, saturating.
kernel::Micros deadline_after(lua_State* state, double seconds);

int settimeout(lua_State* state, Timeout& timeout);
int gettimeout(lua_State* state, const Timeout& timeout);

/// socket.gettime and socket.sleep.
int global_gettime(lua_State* state);
int global_sleep(lua_State* state);

}  // namespace moonwire::bindings::luasocket
