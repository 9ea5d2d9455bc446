// socket.select: which of many objects can be read or written without waiting. Objects are known by
// their getfd and dirty fields alone, so anything that has them can be waited for.
#include <algorithm>
#include <bitset>
#include <cmath>

#include "bindings/blocking_call.h"
#include "bindings/failure.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/limits.h"
#include "bindings/luasocket/object.h"

namespace moonwire::bindings::luasocket {

using net::Ready;

namespace {

// Stack of the call.
constexpr int readers_index = 1;
constexpr int writers_index = 2;
constexpr int timeout_index = 3;
constexpr int objects_index = 4;  // descriptor -> object
constexpr int readable_index = 5;
constexpr int writable_index = 6;
constexpr int asked_index = 7;

constexpr int standard_output = 1;
constexpr int standard_error = 2;

using DescriptorSet = std::bitset<set_size>;

/// What is asked of whom; kept in a userdata, because the call may wait.
struct Asked {
  DescriptorSet to_read;
  DescriptorSet to_write;
  int end = 0;    // one more than the largest descriptor
  int dirty = 0;  // objects already in the readable table
  kernel::Micros deadline = kernel::Wait::never;
};

// The object of ours that is the entry below the method on top of the stack, if the method is its
// class's own: then nothing need be called.
Object* own_object(lua_State* state, const Library& library, lua_CFunction SelectMethods::*which) {
  const lua_CFunction method = lua_tocfunction(state, -1);
  if (method == nullptr) return nullptr;
  Object* object = find_object(state, -2);
  if (object == nullptr) return nullptr;
  return library.select_methods[kind_index(object->kind)].*which == method ? object : nullptr;
}

// The descriptor of the entry on top of the stack, or no_descriptor for what is no open socket.
int descriptor_of_entry(lua_State* state, const Library& library) {
  int descriptor = no_descriptor;
  if (lua_getfield(state, -1, "getfd") != LUA_TNIL) {
    if (const Object* object = own_object(state, library, &SelectMethods::getfd)) {
      descriptor = std::clamp(object->descriptor, no_descriptor, set_size);
    } else {
      lua_pushvalue(state, -2);
      lua_call(state, 1, 1);
      const lua_Number number = lua_tonumber(state, -1);
      if (lua_isnumber(state, -1) && number >= 0) {
        descriptor = number < set_size ? int(number) : set_size;
      }
    }
  }
  lua_pop(state, 1);
  return descriptor;
}

bool is_entry_dirty(lua_State* state, const Library& library) {
  bool is_dirty = false;
  if (lua_getfield(state, -1, "dirty") != LUA_TNIL) {
    if (const Object* object = own_object(state, library, &SelectMethods::dirty)) {
      const bool is_stream = object->kind == Kind::tcp || object->kind == Kind::unix_stream;
      is_dirty = is_stream && static_cast<const StreamObject*>(object)->is_dirty();
    } else {
      lua_pushvalue(state, -2);
      lua_call(state, 1, 1);
      is_dirty = lua_toboolean(state, -1);
    }
  }
  lua_pop(state, 1);
  return is_dirty;
}

// Calls `visit` with each entry of the list on top of the stack, up to the first nil.
template <class Visit>
void for_each_entry(lua_State* state, int list_index, Visit visit) {
  for (lua_Integer i = 1;; ++i) {
    const bool is_end = lua_geti(state, list_index, i) == LUA_TNIL;
    if (!is_end) visit();
    lua_pop(state, 1);
    if (is_end) return;
  }
}

void collect(lua_State* state, int list_index, DescriptorSet& set, int& end) {
  if (lua_isnil(state, list_index)) return;
  luaL_checktype(state, list_index, LUA_TTABLE);
  const Library& library = library_of(state);
  for_each_entry(state, list_index, [&] {
    const int descriptor = descriptor_of_entry(state, library);
    if (descriptor == no_descriptor) return;
    if (descriptor >= set_size) {
      luaL_argerror(state, list_index, "descriptor too large for set size");
    }
    set.set(descriptor);
    if (descriptor >= end) end = descriptor + 1;
    lua_pushvalue(state, -1);
    lua_rawseti(state, objects_index, descriptor);
  });
}

// Objects with bytes in their own read buffer are readable whatever the network says.
void collect_dirty(lua_State* state, Asked& asked) {
  if (lua_isnil(state, readers_index)) return;
  const Library& library = library_of(state);
  for_each_entry(state, readers_index, [&] {
    const int descriptor = descriptor_of_entry(state, library);
    if (descriptor == no_descriptor || !is_entry_dirty(state, library)) return;
    lua_pushvalue(state, -1);
    lua_rawseti(state, readable_index, ++asked.dirty);
    if (descriptor < set_size) asked.to_read.reset(descriptor);
  });
}

net::Pollable* pollable_of(kernel::Process& process, int descriptor) {
  if (descriptor == standard_output || descriptor == standard_error) return &process.output();
  return process.descriptors().pollable(descriptor);
}

enum class Found { nothing, something, bad_descriptor };

// Leaves in the sets only what is ready.
Found poll(kernel::Process& process, const Asked& asked, DescriptorSet& readable,
           DescriptorSet& writable) {
  Found found = Found::nothing;
  for (int descriptor = 0; descriptor < asked.end; ++descriptor) {
    const bool reads = asked.to_read[descriptor];
    const bool writes = asked.to_write[descriptor];
    if (!reads && !writes) continue;
    const net::Pollable* pollable = pollable_of(process, descriptor);
    if (pollable == nullptr) return Found::bad_descriptor;
    const Ready ready = pollable->ready();
    readable[descriptor] = reads && any(ready & Ready::readable);
    writable[descriptor] = writes && any(ready & Ready::writable);
    if (readable[descriptor] || writable[descriptor]) found = Found::something;
  }
  return found;
}

// Appends the objects of a set to a result table, in the order of their descriptors, then adds
// their way back: table[object] = position, as a float.
void fill_result(lua_State* state, const DescriptorSet& ready, int end, int table_index,
                 int already) {
  int count = already;
  for (int descriptor = 0; descriptor < end; ++descriptor) {
    if (!ready[descriptor]) continue;
    lua_rawgeti(state, objects_index, descriptor);
    lua_rawseti(state, table_index, ++count);
  }
  for (int i = 1; i <= count; ++i) {
    lua_rawgeti(state, table_index, i);
    lua_pushnumber(state, i);
    lua_rawset(state, table_index);
  }
}

int end_select(lua_State* state, const Asked& asked, const DescriptorSet& readable,
               const DescriptorSet& writable) {
  fill_result(state, readable, asked.end, readable_index, asked.dirty);
  fill_result(state, writable, asked.end, writable_index, 0);
  lua_settop(state, writable_index);
  return 2;
}

int end_with_timeout(lua_State* state) {
  lua_settop(state, writable_index);
  lua_pushstring(state, timeout_words);
  return 3;
}

int resume_select(lua_State* state, int status, lua_KContext);

int wait_for(lua_State* state, kernel::Process& process, const Asked& asked) {
  kernel::Wait wait;
  wait.deadline = asked.deadline;
  wait.items.reserve(asked.to_read.count() + asked.to_write.count());
  for (int descriptor = 0; descriptor < asked.end; ++descriptor) {
    Ready interest = Ready::nothing;
    if (asked.to_read[descriptor]) interest = interest | Ready::readable;
    if (asked.to_write[descriptor]) interest = interest | Ready::writable;
    if (any(interest)) wait.items.push_back({pollable_of(process, descriptor), interest});
  }
  return park(state, wait, 0, resume_select, "select");
}

int resume_select(lua_State* state, int, lua_KContext) {
  const auto& asked = *static_cast<Asked*>(lua_touserdata(state, asked_index));
  kernel::Process& process = kernel::process_of(state);
  DescriptorSet readable;
  DescriptorSet writable;
  const Found found = poll(process, asked, readable, writable);
  if (found == Found::bad_descriptor) return luaL_error(state, "select failed");
  if (found == Found::something) return end_select(state, asked, readable, writable);
  if (woke_by_deadline(state)) return end_with_timeout(state);
  return wait_for(state, process, asked);
}

int global_select(lua_State* state) {
  double seconds = luaL_optnumber(state, timeout_index, -1);
  lua_settop(state, timeout_index);
  lua_newtable(state);
  lua_newtable(state);
  lua_newtable(state);
  Asked asked;
  collect(state, readers_index, asked.to_read, asked.end);
  collect(state, writers_index, asked.to_write, asked.end);
  collect_dirty(state, asked);
  if (asked.dirty > 0) seconds = 0;

  kernel::Process& process = kernel::process_of(state);
  DescriptorSet readable;
  DescriptorSet writable;
  const Found found = poll(process, asked, readable, writable);
  if (found == Found::bad_descriptor) {
    // Upstream looks at its dirty objects before the system's complaint.
    if (asked.dirty == 0) return luaL_error(state, "select failed");
  }
  if (found == Found::something || asked.dirty > 0) {
    return end_select(state, asked, readable, writable);
  }
  if (seconds >= 0 || std::isnan(seconds)) {
    if (!(seconds >= 1e-6)) return end_empty_poll(state, end_with_timeout(state));
    asked.deadline = deadline_after(state, seconds);
  }
  void* memory = lua_newuserdatauv(state, sizeof(Asked), 0);
  return wait_for(state, process, *new (memory) Asked(asked));
}

constexpr luaL_Reg functions[] = {
    {"select", global_select},
    {nullptr, nullptr},
};

}  // namespace

void add_select(lua_State* state) {
  lua_pushinteger(state, set_size);
  lua_setfield(state, -2, "_SETSIZE");
  lua_pushinteger(state, no_descriptor);
  lua_setfield(state, -2, "_SOCKETINVALID");
  luaL_setfuncs(state, functions, 0);
}

}  // namespace moonwire::bindings::luasocket
