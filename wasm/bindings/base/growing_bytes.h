// A string in the making that can outlive the C function that makes it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "lauxlib.h"
#include "lua.h"

namespace moonwire::bindings::base {

/// Bytes that grow: first in the object itself, then in a userdata at a slot of the Lua stack,
/// which must be there. Trivially copyable: it may be moved into a userdata when the call has to
/// wait.
class GrowingBytes {
 public:
  /// Bytes it holds in itself, in two sizes: the short one where the object itself, cut off behind
  /// them, is in a userdata.
  static constexpr std::size_t own_capacity = 512;
  static constexpr std::size_t short_capacity = 128;

  GrowingBytes(int slot, std::size_t capacity) : capacity_(capacity), slot_(slot) {}

  void add(lua_State* state, const char* bytes, std::size_t size) {
    if (size > capacity_ - size_) grow(state, size);
    std::memcpy(data() + size_, bytes, size);
    size_ += size;
  }
  void add(lua_State* state, char byte) {
    if (size_ == capacity_) grow(state, 1);
    data()[size_++] = byte;
  }
  void push(lua_State* state) { lua_pushlstring(state, data(), size_); }

 private:
  char* data() { return block_ != nullptr ? block_ : own_; }

  void grow(lua_State* state, std::size_t by) {
    constexpr std::size_t most = PTRDIFF_MAX / 2;
    if (by > most - size_) luaL_error(state, "buffer too large");
    const std::size_t capacity = std::max(capacity_ * 2, size_ + by);
    auto* block = static_cast<char*>(lua_newuserdatauv(state, capacity, 0));
    std::memcpy(block, data(), size_);
    lua_replace(state, slot_);
    block_ = block;
    capacity_ = capacity;
  }

  char* block_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_;
  int slot_;
  char own_[own_capacity];  // last
};

}  // namespace moonwire::bindings::base
