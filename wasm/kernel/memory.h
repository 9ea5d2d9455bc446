// The memory of one process: what Lua asks for, counted against the process's and the machine's
// limits. Beyond either, Lua gets nothing and raises "not enough memory".
#pragma once

#include <cstddef>
#include <cstdlib>

#include "kernel/small_blocks.h"
#include "lua/slice.h"

namespace moonwire::kernel {

/// What all processes of a machine share: bytes in use, how many may be, and spans for small
/// blocks.
struct MachineMemory {
  std::size_t used = 0;
  std::size_t limit = 0;
  SpanPool spans;
};

class Memory final {
 public:
  Memory(std::size_t limit, MachineMemory& machine)
      : limit_(limit), machine_(machine), small_(machine.spans) {}
  ~Memory() { machine_.used -= used_; }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// As lua_Alloc: frees, makes, shrinks or grows; null when it may not, which shrinking never
  /// meets.
  void* reallocate(void* block, std::size_t old_size, std::size_t new_size) {
    if (!block) {  // then old_size tells the kind of object
      if (new_size == 0 || !may_grow(new_size)) return nullptr;
      void* const made = take(new_size);
      if (made) count(0, new_size);
      return made;
    }
    if (new_size == 0) {
      give_back(block, old_size);
      count(old_size, 0);
      return nullptr;
    }
    if (new_size > old_size && !may_grow(new_size - old_size)) return nullptr;
    void* const moved = move(block, old_size, new_size);
    if (moved) count(old_size, new_size);
    return moved;
  }
  std::size_t used_bytes() const { return used_; }

 private:
#ifdef MOONWIRE_HOSTILE
  static constexpr std::size_t largest_small = 0;  // so that the sanitizers see every block
#else
  static constexpr std::size_t largest_small = SmallBlocks::largest;
#endif
  // A block that grows by more than this is charged to the slice, a count for so many bytes:
  // whoever asks for much memory will fill it, inside one call.
  static constexpr std::size_t free_of_charge = 1024;
  static constexpr std::size_t bytes_per_count = 64;

  bool may_grow(std::size_t by) const {
    return by <= limit_ - used_ && by <= machine_.limit - machine_.used;
  }
  void count(std::size_t old_size, std::size_t new_size) {
    used_ += new_size - old_size;
    machine_.used += new_size - old_size;
    if (new_size > old_size + free_of_charge) {
      lua::charge(static_cast<int>((new_size - old_size) / bytes_per_count));
    }
  }
  void* take(std::size_t size) {
    return size <= largest_small ? small_.take(size) : std::malloc(size);
  }
  void give_back(void* block, std::size_t size) {
    size <= largest_small ? small_.give_back(block, size) : std::free(block);
  }
  void* move(void* block, std::size_t old_size, std::size_t new_size);

  std::size_t used_ = 0;
  const std::size_t limit_;
  MachineMemory& machine_;
  SmallBlocks small_;
};

}  // namespace moonwire::kernel
