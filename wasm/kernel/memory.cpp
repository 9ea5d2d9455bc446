#include "kernel/memory.h"

#include <cstdlib>

#include "lua/slice.h"

namespace moonwire::kernel {

namespace {
// A block that grows by more than this is charged to the slice, a count for so many bytes: whoever
// asks for much memory will fill it, inside one call.
constexpr std::size_t free_of_charge = 1024;
constexpr std::size_t bytes_per_count = 64;
}  // namespace

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
  if (new_size > old_size + free_of_charge) {
    lua::charge(static_cast<int>((new_size - old_size) / bytes_per_count));
  }
  own_.used += new_size - old_size;
  machine_.used += new_size - old_size;
  return moved;
}

}  // namespace moonwire::kernel
