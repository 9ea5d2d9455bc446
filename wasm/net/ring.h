// A bounded byte queue whose memory is borrowed while it holds bytes, and the pool it borrows from.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace moonwire::net {

/// Blocks of 4 KiB to 64 KiB are kept for the next ring that needs one, a few of each size; other
/// sizes go to the heap.
class BufferPool final {
 public:
  using Block = std::unique_ptr<std::byte[]>;

  Block take(std::size_t size);
  void give_back(Block block, std::size_t size);

 private:
  static constexpr std::size_t smallest_block = 4096;
  static constexpr std::size_t size_classes = 5;
  static std::size_t class_of(std::size_t size);  // size_classes: not kept

  std::array<std::vector<Block>, size_classes> free_;
};

/// Invariant: there is memory if and only if size() > 0. The bytes lie at begin_, wrapping round at
/// capacity_.
class Ring final {
 public:
  Ring(BufferPool& pool, std::size_t limit) : pool_(pool), limit_(limit) {}
  ~Ring() { clear(); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  std::size_t size() const { return size_; }
  std::size_t limit() const { return limit_; }
  std::size_t room() const { return limit_ > size_ ? limit_ - size_ : 0; }
  /// Takes in as much as there is room for. @return how much.
  std::size_t write(std::span<const std::byte> bytes);
  /// Takes out as much as there is and fits. @return how much.
  std::size_t read(std::span<std::byte> into);
  void clear();

 private:
  void grow(std::size_t needed);

  BufferPool& pool_;
  std::size_t limit_;
  BufferPool::Block memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace moonwire::net
