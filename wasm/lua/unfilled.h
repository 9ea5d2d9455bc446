// Part of the core (core.cpp includes it last): a string whose bytes the caller puts in place
// itself, so that what a socket holds is copied once and not twice on its way into Lua. call.h
// declares it.
#pragma once

/// Collects first, because nothing may come between this and the filling.
char* moonwire_push_unfilled(lua_State* L, size_t size) {
  TString* string;
  lua_assert(size > LUAI_MAXSHORTLEN);  // short strings are known by their bytes
  luaC_checkGC(L);
  string = luaS_createlngstrobj(L, size);
  setsvalue2s(L, L->top, string);
  api_incr_top(L);
  return getstr(string);
}
