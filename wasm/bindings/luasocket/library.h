// What the dialect keeps per Lua state, and how its modules come into package.preload.
#pragma once

#include <cstdint>

#include "lua.h"

namespace moonwire::bindings::luasocket {

/// What a process may choose about the dialect.
struct LibraryOptions {
  bool debug = false;  // socket._DEBUG: stream send and receive give the elapsed seconds too
};

/// The C functions behind a class's getfd and dirty: select() need not call what it knows.
struct SelectMethods {
  lua_CFunction getfd = nullptr;
  lua_CFunction dirty = nullptr;
};

/// One per Lua state.
struct Library {
  LibraryOptions options;
  std::uint32_t empty_polls = 0;         // by calls with timeout 0, since the last turn given
  SelectMethods select_methods[4] = {};  // by kind_index()
};
Library& library_of(lua_State* state);

/// Ends a poll with timeout 0 that found nothing: returns the topmost `results` values, now and
/// then after a turn of the other processes.
int end_empty_poll(lua_State* state, int results);
/// Lets the other processes run, then returns the topmost `results` values. Where Lua cannot
/// suspend it returns at once.
int give_turn(lua_State* state, int results);

/// Puts socket.core, socket.unix, socket.serial and mime.core into package.preload, with the
/// options of the state's process.
void open_library(lua_State* state);

int open_socket_core(lua_State* state);
int open_socket_unix(lua_State* state);
int open_socket_serial(lua_State* state);

// Each adds its functions (and classes) to the table on top of the stack.
void add_tcp(lua_State* state);
void add_udp(lua_State* state);
void add_select(lua_State* state);
void add_dns(lua_State* state);
void add_exceptions(lua_State* state);

}  // namespace moonwire::bindings::luasocket
