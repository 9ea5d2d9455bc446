// The one place where a call waits: it parks the process and yields to the scheduler, through any
// depth of the script's own coroutines.
#pragma once

#include "kernel/process.h"
#include "lua.h"

namespace moonwire::bindings {

/// Parks the process until one of the wait's items is ready or its deadline has passed, then calls
/// `resume` (a continuation as lua_yieldk's: state, LUA_YIELD, context) with the stack as it is
/// now; it may call park() again. Use as `return park(...)`. Where Lua cannot yield (a finalizer, a
/// C library's callback) it raises "cannot wait here: ..." with the call's `name` ("receive"). No
/// C++ object with a destructor may be alive in the caller, the wait excepted: keep state on the
/// Lua stack.
int park(lua_State* state, const kernel::Wait& wait, lua_KContext context, lua_KFunction resume,
         const char* name);

/// The same for one pollable, without building a Wait.
int park_on(lua_State* state, net::Pollable& pollable, net::Ready interest, kernel::Micros deadline,
            lua_KContext context, lua_KFunction resume, const char* name);

/// Whether the wait just over ended by its deadline.
bool woke_by_deadline(lua_State* state);

}  // namespace moonwire::bindings
