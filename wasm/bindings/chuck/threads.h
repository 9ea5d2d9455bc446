// Processes that a script starts: threads with mailboxes, and programs of their own.
#pragma once

#include "lua.h"

namespace moonwire::bindings::chuck {

/// Adds the functions that cthread, process and daemon are made of to the table on top.
void add_threads(lua_State* state);

}  // namespace moonwire::bindings::chuck
