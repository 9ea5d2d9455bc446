// Bytes that come in at the back and go out at the front, in memory that counts as the script's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "lua.h"

namespace moonwire::bindings::chuck {

class ByteQueue final {
 public:
  explicit ByteQueue(lua_State* state) : allocate_(lua_getallocf(state, &owner_)) {}
  ~ByteQueue() { release(); }
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  bool is_empty() const { return first_ == last_; }
  std::size_t size() const { return last_ - first_; }
  std::span<const char> bytes() const { return {block_ + first_, size()}; }

  /// Room for `count` bytes at the back, to be filled and then added(); null when the process has
  /// no memory left.
  char* room(std::size_t count) {
    if (first_ > 0 && capacity_ - last_ < count) {  // to the front first
      std::memmove(block_, block_ + first_, size());
      last_ -= std::exchange(first_, 0);
    }
    if (capacity_ - last_ < count && !grow(count)) return nullptr;
    return block_ + last_;
  }
  void added(std::size_t count) { last_ += count; }
  bool add(std::span<const char> bytes) {
    if (bytes.empty()) return true;
    char* place = room(bytes.size());
    if (place == nullptr) return false;
    std::memcpy(place, bytes.data(), bytes.size());
    added(bytes.size());
    return true;
  }
  void remove(std::size_t count) {
    first_ += count;
    if (first_ == last_) first_ = last_ = 0;
  }
  /// Gives the memory back, and the bytes with it.
  void release() {
    if (block_ != nullptr) allocate_(owner_, block_, capacity_, 0);
    block_ = nullptr;
    first_ = last_ = capacity_ = 0;
  }
  void swap(ByteQueue& other) {
    std::swap(block_, other.block_);
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  bool grow(std::size_t count) {
    constexpr std::size_t least = 64;
    const std::size_t capacity = std::max({least, capacity_ + capacity_ / 2, last_ + count});
    void* block = allocate_(owner_, block_, block_ != nullptr ? capacity_ : 0, capacity);
    if (block == nullptr) return false;
    block_ = static_cast<char*>(block);
    capacity_ = capacity;
    return true;
  }

  void* owner_ = nullptr;
  lua_Alloc allocate_;
  char* block_ = nullptr;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  std::size_t capacity_ = 0;
};

/// The same for plain values.
template <class T>
class ValueQueue final {
 public:
  explicit ValueQueue(lua_State* state) : bytes_(state) {}

  bool is_empty() const { return bytes_.is_empty(); }
  std::size_t size() const { return bytes_.size() / sizeof(T); }
  bool add(const T& value) {
    return bytes_.add({reinterpret_cast<const char*>(&value), sizeof value});
  }
  T front() const {
    T value;
    std::memcpy(&value, bytes_.bytes().data(), sizeof value);
    return value;
  }
  void set_front(const T& value) {
    std::memcpy(const_cast<char*>(bytes_.bytes().data()), &value, sizeof value);
  }
  void remove_front() { bytes_.remove(sizeof(T)); }
  void release() { bytes_.release(); }

 private:
  ByteQueue bytes_;
};

}  // namespace moonwire::bindings::chuck
