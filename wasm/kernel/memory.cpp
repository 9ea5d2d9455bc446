#include "kernel/memory.h"

#include <algorithm>
#include <cstring>

namespace moonwire::kernel {

void* Memory::move(void* block, std::size_t old_size, std::size_t new_size) {
  if (old_size > largest_small && new_size > largest_small) return std::realloc(block, new_size);
  if (old_size <= largest_small && new_size <= largest_small &&
      SmallBlocks::is_same(old_size, new_size)) {
    return block;
  }
  void* const moved = take(new_size);
  if (!moved) return nullptr;
  std::memcpy(moved, block, std::min(old_size, new_size));
  give_back(block, old_size);
  return moved;
}

}  // namespace moonwire::kernel
