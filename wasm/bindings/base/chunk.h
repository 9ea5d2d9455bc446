// Source text to a compiled function: what load, loadfile, dofile and require share.
#pragma once

#include <string_view>

struct lua_State;

namespace moonwire::bindings::base {

/// As luaL_loadbufferx: pushes the function or the message, returns Lua's status. Binary chunks are
/// taken only when this machine made them (see seal.h): others could harm it.
int load_bytes(lua_State* state, std::string_view bytes, const char* name, const char* mode);

/// The same for a file's content: skips a byte order mark and a first line that begins with '#'.
int load_source(lua_State* state, std::string_view source, const char* name, const char* mode);

/// As luaL_loadfilex for a file of the machine.
int load_file(lua_State* state, const char* filename, const char* mode);

}  // namespace moonwire::bindings::base
