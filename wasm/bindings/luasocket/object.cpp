// What a LuaSocket object holds, and its class.
#include "bindings/luasocket/object.h"

#include <cstdio>
#include <limits>
#include <new>
#include <string>

#include "bindings/failure.h"
#include "bindings/luasocket/library.h"

namespace moonwire::bindings::luasocket {

using net::Family;
using net::NetError;

namespace {

std::size_t size_of_kind(Kind kind) {
  const bool is_stream = kind == Kind::tcp || kind == Kind::unix_stream;
  return is_stream ? sizeof(StreamObject) : sizeof(DatagramObject);
}

// The object behind a full userdata of ours, or null.
void* object_at(lua_State* state, Kind kind, int index) {
  if (lua_type(state, index) != LUA_TUSERDATA) return nullptr;
  if (lua_rawlen(state, index) != size_of_kind(kind)) return nullptr;
  void* memory = lua_touserdata(state, index);
  return static_cast<Object*>(memory)->kind == kind ? memory : nullptr;
}

int wrong_class(lua_State* state, const char* name, int index) {
  char message[45];
  std::snprintf(message, sizeof message, "%.34s expected", name);
  return luaL_argerror(state, index, message);
}

const char* family_words(Family family) {
  switch (family) {
    case Family::inet: return "inet";
    case Family::inet6: return "inet6";
    case Family::unspecified: return "unspec";
    case Family::path: break;
  }
  return "unknown";
}

}  // namespace

void new_class(lua_State* state, const char* name, const luaL_Reg* methods,
               std::initializer_list<const char*> groups) {
  luaL_newmetatable(state, name);
  lua_newtable(state);
  lua_pushstring(state, name);
  lua_setfield(state, -2, "class");
  for (; methods->name != nullptr; ++methods) {
    lua_pushcfunction(state, methods->func);
    lua_setfield(state, methods->name[0] == '_' ? -3 : -2, methods->name);
  }
  lua_setfield(state, -2, "__index");
  for (const char* group : groups) {
    lua_pushboolean(state, 1);
    lua_setfield(state, -2, group);
  }
  lua_pop(state, 1);
}

void set_class(lua_State* state, const char* name, int index) {
  index = lua_absindex(state, index);
  luaL_getmetatable(state, name);
  lua_setmetatable(state, index);
}

int object_to_string(lua_State* state) {
  if (lua_getmetatable(state, 1) && lua_getfield(state, -1, "__index") == LUA_TTABLE) {
    lua_getfield(state, -1, "class");
    if (lua_isstring(state, -1)) {
      lua_pushfstring(state, "%s: %p", lua_tostring(state, -1), lua_touserdata(state, 1));
      return 1;
    }
  }
  lua_pushliteral(state, "invalid object passed to 'auxiliar.c:__tostring'");
  return lua_error(state);
}

void* check_class(lua_State* state, const char* name, Kind kind, int index) {
  if (luaL_testudata(state, index, name) != nullptr) {
    if (void* object = object_at(state, kind, index)) return object;
  }
  wrong_class(state, name, index);
  return nullptr;
}

void* check_group(lua_State* state, const char* name, Kind kind, int index) {
  if (lua_getmetatable(state, index)) {
    lua_pushstring(state, name);
    const bool is_member = lua_rawget(state, -2) != LUA_TNIL;
    lua_pop(state, 2);
    void* object = is_member ? object_at(state, kind, index) : nullptr;
    if (object != nullptr) return object;
  }
  wrong_class(state, name, index);
  return nullptr;
}

Object* find_object(lua_State* state, int index) {
  if (lua_type(state, index) != LUA_TUSERDATA) return nullptr;
  if (lua_rawlen(state, index) < sizeof(Object)) return nullptr;
  const Kind kind = static_cast<Object*>(lua_touserdata(state, index))->kind;
  switch (kind) {
    case Kind::tcp:
    case Kind::udp:
    case Kind::unix_stream:
    case Kind::unix_datagram: return static_cast<Object*>(object_at(state, kind, index));
  }
  return nullptr;  // another library's bytes
}

StreamObject& push_stream_object(lua_State* state, Kind kind) {
  const bool is_debug = library_of(state).options.debug;
  void* memory = lua_newuserdatauv(state, sizeof(StreamObject), 1);
  auto& object = *new (memory) StreamObject{{.kind = kind, .timeout = {.is_measured = is_debug}}};
  object.birthday = steady_seconds(state);
  return object;
}

DatagramObject& push_datagram_object(lua_State* state, Kind kind) {
  void* memory = lua_newuserdatauv(state, sizeof(DatagramObject), 0);
  return *new (memory) DatagramObject{{.kind = kind, .timeout = {}}};
}

std::shared_ptr<net::Socket> socket_of(lua_State* state, const Object& object) {
  if (object.descriptor < 0) return nullptr;
  return kernel::process_of(state).descriptors().socket(object.descriptor);
}

NetError create_socket(lua_State* state, Object& object, Family family, net::SocketType type) {
  kernel::Process& process = kernel::process_of(state);
  NetError error = NetError::none;
  auto socket = process.machine().network().make_socket(family, type, error);
  if (socket == nullptr) return error;
  if (family == Family::inet6) socket->set_option(net::Option::v6_only, 1);
  const int descriptor = process.descriptors().add(socket);
  if (descriptor < 0) {
    socket->close();
    return NetError::too_many_files;
  }
  object.descriptor = descriptor;
  return NetError::none;
}

void destroy_socket(lua_State* state, Object& object) {
  if (object.descriptor == no_descriptor) return;
  if (object.descriptor >= 0) kernel::process_of(state).descriptors().close(object.descriptor);
  object.descriptor = no_descriptor;
}

int push_failure(lua_State* state, const char* words) {
  lua_pushnil(state);
  lua_pushstring(state, words);
  return 2;
}

int push_success(lua_State* state) {
  lua_pushnumber(state, 1);
  return 1;
}

int object_getfd(lua_State* state, const Object& object) {
  lua_pushnumber(state, object.descriptor);
  return 1;
}

int object_setfd(lua_State* state, Object& object) {
  const lua_Number number = luaL_checknumber(state, 2);
  const bool fits = number >= std::numeric_limits<int>::min() &&  // also false for not-a-number
                    number <= std::numeric_limits<int>::max();
  object.descriptor = fits ? int(number) : std::numeric_limits<int>::min();
  return 0;
}

int object_close(lua_State* state, Object& object) {
  destroy_socket(state, object);
  return push_success(state);
}

int object_getfamily(lua_State* state, const Object& object) {
  lua_pushstring(state, object.family == Family::inet6 ? "inet6" : "inet4");
  return 1;
}

int object_getsockname(lua_State* state, const Object& object) {
  net::Address address;
  NetError error = NetError::bad_descriptor;
  if (const auto socket = socket_of(state, object)) error = socket->local_address(address);
  if (error != NetError::none) return push_failure(state, luasocket_words(error));
  lua_pushstring(state, address.host().c_str());
  lua_pushstring(state, std::to_string(address.port).c_str());
  lua_pushstring(state, family_words(object.family));
  return 3;
}

int object_getpeername(lua_State* state, const Object& object) {
  net::Address address;
  NetError error = NetError::bad_descriptor;
  if (const auto socket = socket_of(state, object)) error = socket->peer_address(address);
  if (error != NetError::none) return push_failure(state, luasocket_words(error));
  lua_pushstring(state, address.host().c_str());
  lua_pushinteger(state, address.port);
  lua_pushstring(state, family_words(object.family));
  return 3;
}

int object_getsockpath(lua_State* state, const Object& object) {
  net::Address address;
  NetError error = NetError::bad_descriptor;
  if (const auto socket = socket_of(state, object)) error = socket->local_address(address);
  if (error != NetError::none) return push_failure(state, luasocket_words(error));
  lua_pushstring(state, address.path.c_str());
  return 1;
}

}  // namespace moonwire::bindings::luasocket
