// coroutine.*: a yield that arrives at a resume is either the script's, and its values are handed
// over, or the kernel's (the process waits, or its slice is over); then this resume yields in its
// turn, and continues the same coroutine once the process has its next one.
#include "bindings/base/coroutine.h"

#include "kernel/process.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {

namespace {

// What auxiliary functions answer besides a count of results.
constexpr int run_failed = -1;     // the error object is on top of the stack
constexpr int run_suspended = -2;  // the process is to be suspended; come back by lua_yieldk

lua_State* check_coroutine(lua_State* state) {
  lua_State* const coroutine = lua_tothread(state, 1);
  luaL_argexpected(state, coroutine, 1, "thread");
  return coroutine;
}

/// Runs `coroutine` with `arguments` values already on its stack until it yields to the script,
/// ends, fails, or the process is suspended in it.
int run(lua_State* state, lua_State* coroutine, int arguments) {
  kernel::Process& process = kernel::process_of(state);
  const bool is_unyieldable = !lua_isyieldable(state);
  lua_State* const before = process.set_running(coroutine);
  if (is_unyieldable) process.enter_unyieldable();
  int results = 0;
  const int status = lua_resume(coroutine, state, arguments, &results);
  if (is_unyieldable) process.leave_unyieldable();
  process.set_running(before);
  if (status == LUA_YIELD && process.is_suspending()) return run_suspended;
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(coroutine, state, 1);
    return run_failed;
  }
  if (!lua_checkstack(state, results + 1)) {
    lua_pop(coroutine, results);
    lua_pushliteral(state, "too many results to resume");
    return run_failed;
  }
  lua_xmove(coroutine, state, results);
  return results;
}

/// Moves the top `arguments` values over and runs.
int begin(lua_State* state, lua_State* coroutine, int arguments) {
  if (!lua_checkstack(coroutine, arguments)) {
    lua_pushliteral(state, "too many arguments to resume");
    return run_failed;
  }
  lua_xmove(state, coroutine, arguments);
  return run(state, coroutine, arguments);
}

// --- resume ---

int resume_again(lua_State* state, int status, lua_KContext context);

int finish_resume(lua_State* state, int results) {
  if (results == run_suspended) return lua_yieldk(state, 0, 0, resume_again);
  lua_pushboolean(state, results != run_failed);
  if (results == run_failed) results = 1;
  lua_insert(state, -(results + 1));
  return results + 1;
}

int resume_again(lua_State* state, int, lua_KContext) {
  return finish_resume(state, run(state, lua_tothread(state, 1), 0));
}

int coroutine_resume(lua_State* state) {
  lua_State* const coroutine = check_coroutine(state);
  return finish_resume(state, begin(state, coroutine, lua_gettop(state) - 1));
}

// --- wrap ---

int call_again(lua_State* state, int status, lua_KContext context);

int finish_call(lua_State* state, lua_State* coroutine, int results) {
  if (results == run_suspended) return lua_yieldk(state, 0, 0, call_again);
  if (results != run_failed) return results;
  int status = lua_status(coroutine);
  if (status != LUA_OK && status != LUA_YIELD) {  // it failed inside, not in being resumed
    status = lua_resetthread(coroutine);          // runs its to-be-closed variables
    lua_xmove(coroutine, state, 1);
  }
  if (status != LUA_ERRMEM && lua_type(state, -1) == LUA_TSTRING) {
    luaL_where(state, 1);
    lua_insert(state, -2);
    lua_concat(state, 2);
  }
  return lua_error(state);
}

lua_State* wrapped(lua_State* state) {
  return lua_tothread(state, lua_upvalueindex(1));
}

int call_again(lua_State* state, int, lua_KContext) {
  return finish_call(state, wrapped(state), run(state, wrapped(state), 0));
}

int call_wrapped(lua_State* state) {
  lua_State* const coroutine = wrapped(state);
  return finish_call(state, coroutine, begin(state, coroutine, lua_gettop(state)));
}

int coroutine_create(lua_State* state) {
  luaL_checktype(state, 1, LUA_TFUNCTION);
  lua_State* const coroutine = lua_newthread(state);
  lua_pushvalue(state, 1);
  lua_xmove(state, coroutine, 1);
  return 1;
}

int coroutine_wrap(lua_State* state) {
  coroutine_create(state);
  lua_pushcclosure(state, call_wrapped, 1);
  return 1;
}

// --- yield, status, running, isyieldable, close ---

bool is_main(lua_State* state) {
  return state == kernel::process_of(state).state();
}

int coroutine_yield(lua_State* state) {
  // The main chunk runs in a resume too, the scheduler's, which scripts must not see.
  if (is_main(state)) {
    lua_pushliteral(state, "attempt to yield from outside a coroutine");
    return lua_error(state);
  }
  return lua_yield(state, lua_gettop(state));
}

enum class Status : unsigned char { running, dead, suspended, normal };
constexpr const char* status_names[] = {"running", "dead", "suspended", "normal"};

Status status_of(lua_State* state, lua_State* coroutine) {
  if (state == coroutine) return Status::running;
  switch (lua_status(coroutine)) {
    case LUA_YIELD: return Status::suspended;
    case LUA_OK: {
      lua_Debug frame;
      if (lua_getstack(coroutine, 0, &frame)) return Status::normal;
      return lua_gettop(coroutine) == 0 ? Status::dead : Status::suspended;
    }
    default: return Status::dead;
  }
}

int coroutine_status(lua_State* state) {
  const Status status = status_of(state, check_coroutine(state));
  lua_pushstring(state, status_names[static_cast<int>(status)]);
  return 1;
}

int coroutine_running(lua_State* state) {
  lua_pushboolean(state, lua_pushthread(state));
  return 2;
}

int coroutine_isyieldable(lua_State* state) {
  lua_State* const coroutine = lua_isnone(state, 1) ? state : check_coroutine(state);
  lua_pushboolean(state, !is_main(coroutine) && lua_isyieldable(coroutine));
  return 1;
}

int coroutine_close(lua_State* state) {
  lua_State* const coroutine = check_coroutine(state);
  const Status status = status_of(state, coroutine);
  if (status != Status::dead && status != Status::suspended) {
    return luaL_error(state, "cannot close a %s coroutine", status_names[static_cast<int>(status)]);
  }
  if (lua_resetthread(coroutine) == LUA_OK) {
    lua_pushboolean(state, true);
    return 1;
  }
  lua_pushboolean(state, false);
  lua_xmove(coroutine, state, 1);
  return 2;
}

constexpr luaL_Reg functions[] = {
    {"create", coroutine_create},
    {"resume", coroutine_resume},
    {"running", coroutine_running},
    {"status", coroutine_status},
    {"wrap", coroutine_wrap},
    {"yield", coroutine_yield},
    {"isyieldable", coroutine_isyieldable},
    {"close", coroutine_close},
    {nullptr, nullptr},
};

}  // namespace

int open_coroutine(lua_State* state) {
  luaL_newlib(state, functions);
  return 1;
}

}  // namespace moonwire::bindings::base
