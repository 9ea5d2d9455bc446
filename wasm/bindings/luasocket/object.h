// What a LuaSocket object holds, and its class: a userdata whose metatable says what it may do now
// ("tcp{master}", ...), exactly as upstream has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "bindings/luasocket/timeout.h"
#include "kernel/machine.h"
#include "kernel/process.h"
#include "lauxlib.h"
#include "lua.h"
#include "net/socket.h"

namespace moonwire::bindings::luasocket {

inline constexpr int no_descriptor = -1;

/// First word of every object: a userdata of another library that was given one of our metatables
/// (the debug library can) is not taken for ours.
enum class Kind : std::uint32_t {
  tcp = 0x6d77'7401,
  udp = 0x6d77'7402,
  unix_stream = 0x6d77'7403,
  unix_datagram = 0x6d77'7404,
};

/// 0 to 3, for tables.
constexpr std::size_t kind_index(Kind kind) {
  return (std::size_t(kind) & 0xff) - 1;
}

/// Fields of every socket object. The descriptor is only a number in the process's table: setfd
/// changes it freely, and it may name a socket that is long closed.
struct Object {
  Kind kind;
  net::Family family = net::Family::unspecified;
  int descriptor = no_descriptor;
  Timeout timeout;
};

/// Fields of tcp and unix stream objects.
struct StreamObject : Object {
  char* read_buffer = nullptr;  // read_buffer_bytes, the first user value; made when first needed
  std::size_t first = 0;        // unread bytes are [first, last) of the read buffer
  std::size_t last = 0;
  std::int64_t received = 0;
  std::int64_t sent = 0;
  double birthday = 0;  // seconds on the steady clock

  bool is_dirty() const { return first < last; }
};

/// Fields of udp and unix datagram objects.
struct DatagramObject : Object {
  std::uint8_t multicast_interface[4] = {0, 0, 0, 0};  // only remembered
};

/// Makes a class: methods into __index, names that begin with "_" into the metatable, one true
/// field per group.
void new_class(lua_State* state, const char* name, const luaL_Reg* methods,
               std::initializer_list<const char*> groups);
void set_class(lua_State* state, const char* name, int index);
/// "CLASS: 0x..." with the class of the moment.
int object_to_string(lua_State* state);

/// The socket object of any class at `index`, or null for everything else.
Object* find_object(lua_State* state, int index);
/// The object at `index` if its class is `name`, else an argument error "NAME expected".
void* check_class(lua_State* state, const char* name, Kind kind, int index = 1);
/// The same for any class of a group.
void* check_group(lua_State* state, const char* name, Kind kind, int index = 1);

/// Makes a stream object of no class yet on the top of the stack.
StreamObject& push_stream_object(lua_State* state, Kind kind);
DatagramObject& push_datagram_object(lua_State* state, Kind kind);

/// The socket behind the object's number, or null.
std::shared_ptr<net::Socket> socket_of(lua_State* state, const Object& object);

/// Gives the object a fresh socket of that family (IPv6 ones are v6-only, as upstream makes them).
net::NetError create_socket(lua_State* state, Object& object, net::Family family,
                            net::SocketType type);
/// Closes the object's socket, if any.
void destroy_socket(lua_State* state, Object& object);

/// nil and the words.
int push_failure(lua_State* state, const char* words);
/// The float 1.0, LuaSocket's "it worked".
int push_success(lua_State* state);

/// getfd, setfd, close of any object.
int object_getfd(lua_State* state, const Object& object);
int object_setfd(lua_State* state, Object& object);
int object_close(lua_State* state, Object& object);
/// "inet6", or "inet4" for everything else.
int object_getfamily(lua_State* state, const Object& object);
/// Address, port as a string (as 3.1.0 does), family; getpeername gives the port as an integer.
int object_getsockname(lua_State* state, const Object& object);
int object_getpeername(lua_State* state, const Object& object);
/// The path a unix socket is bound to, or "".
int object_getsockpath(lua_State* state, const Object& object);

}  // namespace moonwire::bindings::luasocket
