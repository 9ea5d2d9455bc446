// Part of the core (ldo.c includes it): a C function that the virtual machine called itself, in a
// run that lua_resume began, has nothing on the C stack between it and lua_resume but that run. So
// its yield, its error and its protected call need no exception and no second run: it leaves a word
// for the virtual machine, which looks at it in the slow way round before the next instruction.
//
// Measured, 1.5 million yields and 400,000 errors, against exceptions for all of them: see
// bench/kernels. A wasm exception costs 0.5 to 80 microseconds, after what the engine has inlined
// where.
#pragma once

/// What is left for the virtual machine; less than -1, so that its trap can carry it and its tail
/// calls do not take it for a Lua function.
#define MOONWIRE_GO_ON 0
#define MOONWIRE_LEAVE (-3)  // the run is over: lua_resume finds the status in its lua_longjmp
#define MOONWIRE_ENTER (-2)  // go on with L->ci, a Lua function that a C function called last

/// Whether the run is lua_resume's own: not one that a metamethod, a finalizer, a hook or a C
/// library's call began (all of them count in nCcalls or have a lua_longjmp of their own).
static int moonwire_is_resumed(lua_State* L) {
  return L->errorJmp != NULL && L->errorJmp->depth == L->nCcalls && !L->hookmask;
}

/// Whether nothing but such a run stands between L->ci, a C function, and lua_resume: the virtual
/// machine called it as an instruction says, or it is the body of the coroutine.
static int moonwire_is_direct(lua_State* L) {
  OpCode instruction;
  CallInfo* const caller = L->ci->previous;
  if (!moonwire_is_resumed(L) || isLua(L->ci) || caller == NULL) return 0;
  if (!isLua(caller)) return caller == &L->base_ci;
  instruction = GET_OPCODE(caller->u.l.savedpc[-1]);
  return instruction == OP_CALL || instruction == OP_TAILCALL;
}

/// Leaves a word for the caller's run. @return what the C function must return.
static int moonwire_leave_word(lua_State* L, CallInfo* caller, int word) {
  L->errorJmp->word = word;
  if (isLua(caller)) caller->u.l.trap = 1;
  return word;
}

/// Ends the run with `status`, as a throw would. @return what the C function must return.
static int moonwire_leave(lua_State* L, int status) {
  L->errorJmp->status = status;
  return moonwire_leave_word(L, L->ci->previous, MOONWIRE_LEAVE);
}

/// Ends the run between two Lua instructions. @return what the slow way round must return.
int moonwire_end_slice(lua_State* L) {
  if (!moonwire_is_resumed(L)) luaD_throw(L, LUA_YIELD);
  L->errorJmp->status = LUA_YIELD;
  return MOONWIRE_LEAVE;
}

/// lua_yieldk by an exception, whatever stands in between.
void moonwire_throw_yield(lua_State* L, lua_KContext ctx, lua_KFunction k) {
  if (L->errorJmp != NULL) L->errorJmp->depth = 0;
  lua_yieldk(L, 0, ctx, k);
}

/// lua_error for `return moonwire_error(L)`.
int moonwire_error(lua_State* L) {
  const TValue* const error = s2v(L->top - 1);
  const int is_memory_error = ttisshrstring(error) && eqshrstr(tsvalue(error), G(L)->memerrmsg);
  if (moonwire_is_direct(L) && L->errfunc == 0 && !is_memory_error) {
    return moonwire_leave(L, LUA_ERRRUN);
  }
  return lua_error(L);
}

/// Stack slots below which calls are entered: calls without end among protected ones must meet
/// Lua's limit of C calls soon, because giving back each takes time in proportion to the depth.
#define MOONWIRE_ENTERED_SLOTS 10000

static int moonwire_can_enter(lua_State* L, StkId func) {
  return ttisLclosure(s2v(func)) && func - L->stack < MOONWIRE_ENTERED_SLOTS &&
         moonwire_is_direct(L);
}

/// Begins the call of a Lua function, which the run will go on with; its end ends the run, and
/// unroll() then calls the continuation, `k`.
static int moonwire_enter(lua_State* L, StkId func, int nresults, lua_KContext ctx,
                          lua_KFunction k) {
  CallInfo* const ci = L->ci;
  ci->u.c.k = k;
  ci->u.c.ctx = ctx;
  luaD_precall(L, func, nresults)->callstatus |= CIST_FRESH;
  return moonwire_leave_word(L, ci->previous, MOONWIRE_ENTER);
}

/// Begins a call as lua_callk does. @return nonzero when the run will go on with it, and then with
/// `k`: the C function must return it. 0: use lua_callk.
int moonwire_enter_call(lua_State* L, int nargs, int nresults, lua_KContext ctx, lua_KFunction k) {
  const StkId func = L->top - (nargs + 1);
  if (!moonwire_can_enter(L, func)) return MOONWIRE_GO_ON;
  return moonwire_enter(L, func, nresults, ctx, k);
}

/// The same for lua_pcallk with LUA_MULTRET.
int moonwire_enter_pcall(lua_State* L, int nargs, int errfunc, lua_KContext ctx, lua_KFunction k) {
  const StkId func = L->top - (nargs + 1);
  CallInfo* const ci = L->ci;
  if (!moonwire_can_enter(L, func)) return MOONWIRE_GO_ON;
  ci->u2.funcidx = cast_int(savestack(L, func));
  ci->u.c.old_errfunc = L->errfunc;
  L->errfunc = errfunc == 0 ? 0 : savestack(L, ci->func + errfunc);
  setoah(ci->callstatus, L->allowhook);
  ci->callstatus |= CIST_YPCALL;
  return moonwire_enter(L, func, LUA_MULTRET, ctx, k);
}

/// The virtual machine's slow way round: the word that a C function left, or Lua's own hooks.
static int moonwire_slow_fetch(lua_State* L, CallInfo* ci, const Instruction* pc) {
  struct lua_longjmp* const run = L->errorJmp;
  if (run != NULL && run->word != MOONWIRE_GO_ON) {
    const int word = run->word;
    run->word = MOONWIRE_GO_ON;
    ci->u.l.trap = 0;
    return word;
  }
  return luaG_traceexec(L, pc);
}
