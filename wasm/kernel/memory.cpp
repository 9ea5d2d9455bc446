#include "kernel/memory.h"

#include <cstdlib>

namespace moonwire::kernel {

void* Memory::reallocate(void* block, std::size_t old_size, std::size_t new_size) {
  if (!block) old_size = 0;  // Lua passes the kind of object there
  if (new_size > old_size && !may_grow(new_size - old_size)) return nullptr;
  void* moved = nullptr;
  if (new_size == 0) {
    std::free(block);
  } else {
    moved = std::realloc(block, new_size);
    if (!moved) return nullptr;
  }
  own_.used += new_size - old_size;
  machine_.used += new_size - old_size;
  return moved;
}

}  // namespace moonwire::kernel
