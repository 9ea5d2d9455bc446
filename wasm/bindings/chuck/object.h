// What all userdata of the dialect have in common: they begin with their kind, so that an argument
// is told by one look, and their classes are found in the registry by address.
#pragma once

#include <cstdint>
#include <new>
#include <utility>

#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::chuck {

enum class Kind : std::uint32_t {
  block = 0x6368'6b00,  // bytes of a packet; never given to a script
  wpacket,
  rpacket,
  rawpacket,
  buffer,
  writer,
  reader,
  http_packet,
  decoder,
  engine,
  timer,
  wheel,
  connection,
  acceptor,
  connector,
  datagram,
  signaler,
  mailbox,
  address,
};

/// The userdata at `index` if it is of that kind and large enough, else null.
inline void* find_object(lua_State* state, int index, Kind kind, std::size_t size) {
  if (lua_type(state, index) != LUA_TUSERDATA || lua_rawlen(state, index) < size) return nullptr;
  void* const memory = lua_touserdata(state, index);
  return *static_cast<const Kind*>(memory) == kind ? memory : nullptr;
}

/// A C++ object in a userdata; its class's finalizer destroys it.
template <class T>
struct Box {
  Kind kind;
  T value;
};

template <class T>
T* find(lua_State* state, int index) {
  void* memory = find_object(state, index, T::kind, sizeof(Box<T>));
  return memory != nullptr ? &static_cast<Box<T>*>(memory)->value : nullptr;
}

/// The object at `index`, or an argument error that names the class.
template <class T>
T& check(lua_State* state, int index = 1) {
  T* object = find<T>(state, index);
  if (object == nullptr) luaL_typeerror(state, index, T::class_name);
  return *object;
}

/// Makes the class whose registry key is `key`: metamethods (names that begin with "__") into the
/// metatable, the others into its __index. `name` is what its values print as; null: "userdata", as
/// upstream's do. Leaves nothing on the stack.
void new_class(lua_State* state, const void* key, const char* name, const luaL_Reg* methods);
/// Gives the userdata on top of the stack its class.
inline void set_class(lua_State* state, const void* key) {
  lua_rawgetp(state, LUA_REGISTRYINDEX, key);
  lua_setmetatable(state, -2);
}

template <class T>
inline constexpr char class_key = 0;  // its address names T's class in the registry

template <class T>
int destroy(lua_State* state) {
  if (void* memory = find_object(state, 1, T::kind, sizeof(Box<T>))) {
    auto* box = static_cast<Box<T>*>(memory);
    box->kind = Kind{0};
    box->value.~T();
  }
  return 0;
}

/// Pushes a new T with `user_values` user values.
template <class T, class... Arguments>
T& push_new(lua_State* state, int user_values, Arguments&&... arguments) {
  static_assert(alignof(Box<T>) <= alignof(lua_Number));
  void* memory = lua_newuserdatauv(state, sizeof(Box<T>), user_values);
  auto* box = static_cast<Box<T>*>(memory);
  box->kind = Kind{0};
  T* object = new (&box->value) T(std::forward<Arguments>(arguments)...);
  box->kind = T::kind;
  set_class(state, &class_key<T>);
  return *object;
}

}  // namespace moonwire::bindings::chuck
