// The memory of one process: what Lua asks for, counted against the process's and the machine's
// limits. Beyond either, Lua gets nothing and raises "not enough memory".
#pragma once

#include <cstddef>

namespace moonwire::kernel {

/// Bytes in use and how many may be; the machine has one for all its processes together.
struct MemoryBudget {
  std::size_t used = 0;
  std::size_t limit = 0;
};

class Memory final {
 public:
  Memory(std::size_t limit, MemoryBudget& machine) : own_{0, limit}, machine_(machine) {}
  ~Memory() { machine_.used -= own_.used; }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// As lua_Alloc: frees, makes, shrinks (never fails) or grows (null when it may not).
  void* reallocate(void* block, std::size_t old_size, std::size_t new_size);
  std::size_t used_bytes() const { return own_.used; }

 private:
  bool may_grow(std::size_t by) const {
    return by <= own_.limit - own_.used && by <= machine_.limit - machine_.used;
  }

  MemoryBudget own_;
  MemoryBudget& machine_;
};

}  // namespace moonwire::kernel
