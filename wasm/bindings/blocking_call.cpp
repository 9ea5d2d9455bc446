#include "bindings/blocking_call.h"

#include <span>

#include "lauxlib.h"

namespace moonwire::bindings {

namespace {

int park_items(lua_State* state, std::span<const kernel::Wait::Item> items, kernel::Micros deadline,
               lua_KContext context, lua_KFunction resume, const char* name) {
  kernel::Process& process = kernel::process_of(state);
  if (!process.can_suspend(state)) {
    return luaL_error(state,
                      "cannot wait here: '%s' was called from a function that Lua cannot suspend "
                      "(a finalizer, or a callback of a C function)",
                      name);
  }
  process.park(items, deadline);
  return lua_yieldk(state, 0, context, resume);
}

}  // namespace

int park(lua_State* state, const kernel::Wait& wait, lua_KContext context, lua_KFunction resume,
         const char* name) {
  return park_items(state, wait.items, wait.deadline, context, resume, name);
}

int park_on(lua_State* state, net::Pollable& pollable, net::Ready interest, kernel::Micros deadline,
            lua_KContext context, lua_KFunction resume, const char* name) {
  const kernel::Wait::Item item{.pollable = &pollable, .interest = interest};
  return park_items(state, {&item, 1}, deadline, context, resume, name);
}

bool woke_by_deadline(lua_State* state) {
  return kernel::process_of(state).woke_by_deadline();
}

}  // namespace moonwire::bindings
