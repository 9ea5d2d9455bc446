// The one place where a call waits: it parks the process and yields to the scheduler, through any
// depth of the script's own coroutines.
#pragma once

#include "kernel/process.h"

struct lua_State;

namespace moonwire::bindings {

/// The continuation of a waiting call; called again from the scheduler, may call park() again.
/// `context` is the caller's.
using Resume = int (*)(lua_State* state, int status, long context);

/// Parks the process until one of the wait's items is ready or its deadline has passed, then calls
/// `resume` with the stack as it is now. Use as `return park(...)`. Where Lua cannot yield (a
/// finalizer, a C library's callback) it raises "cannot wait here: NAME was called from a ... that
/// Lua cannot suspend". `name` is the call's name for that error ("receive"). No C++ object with a
/// destructor may be alive in the caller: keep state on the Lua stack.
int park(lua_State* state, const kernel::Wait& wait, long context, Resume resume, const char* name);

/// The same for one pollable, without building a Wait.
int park_on(lua_State* state, net::Pollable& pollable, net::Ready interest, kernel::Micros deadline,
            long context, Resume resume, const char* name);

/// Whether the wait just over ended by its deadline.
bool woke_by_deadline(lua_State* state);

}  // namespace moonwire::bindings
