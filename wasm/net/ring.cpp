// Byte queues on borrowed memory.
#include "net/ring.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/limits.h"

namespace moonwire::net {

std::size_t BufferPool::class_of(std::size_t size) {
  std::size_t block = smallest_block;
  for (std::size_t i = 0; i < size_classes; ++i, block *= 2) {
    if (size == block) return i;
  }
  return size_classes;
}

BufferPool::Block BufferPool::take(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index < size_classes && !free_[index].empty()) {
    Block block = std::move(free_[index].back());
    free_[index].pop_back();
    return block;
  }
  return Block(new std::byte[size]);
}

void BufferPool::give_back(Block block, std::size_t size) {
  const std::size_t index = class_of(size);
  if (index < size_classes && free_[index].size() < spare_blocks_max) {
    free_[index].push_back(std::move(block));
  }
}

std::size_t Ring::write(std::span<const std::byte> bytes) {
  const std::size_t count = std::min(bytes.size(), room());
  if (count == 0) return 0;
  if (size_ + count > capacity_) grow(size_ + count);
  std::size_t end = begin_ + size_;
  if (end >= capacity_) end -= capacity_;
  const std::size_t first = std::min(count, capacity_ - end);
  std::memcpy(memory_.get() + end, bytes.data(), first);
  if (first < count) std::memcpy(memory_.get(), bytes.data() + first, count - first);
  size_ += count;
  return count;
}

std::size_t Ring::read(std::span<std::byte> into) {
  const std::size_t count = std::min(into.size(), size_);
  if (count == 0) return 0;
  const std::size_t first = std::min(count, capacity_ - begin_);
  std::memcpy(into.data(), memory_.get() + begin_, first);
  if (first < count) std::memcpy(into.data() + first, memory_.get(), count - first);
  begin_ += count;
  if (begin_ >= capacity_) begin_ -= capacity_;
  size_ -= count;
  if (size_ == 0) clear();
  return count;
}

void Ring::clear() {
  if (memory_) pool_.give_back(std::move(memory_), capacity_);
  capacity_ = begin_ = size_ = 0;
}

void Ring::grow(std::size_t needed) {
  std::size_t capacity = 4096;
  while (capacity < needed) capacity *= 2;
  capacity = std::min(capacity, limit_);
  BufferPool::Block memory = pool_.take(capacity);
  const std::size_t first = std::min(size_, capacity_ - begin_);
  if (size_ > 0) {
    std::memcpy(memory.get(), memory_.get() + begin_, first);
    std::memcpy(memory.get() + first, memory_.get(), size_ - first);
  }
  if (memory_) pool_.give_back(std::move(memory_), capacity_);
  memory_ = std::move(memory);
  capacity_ = capacity;
  begin_ = 0;
}

}  // namespace moonwire::net
