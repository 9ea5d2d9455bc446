// Memory for Lua's small objects: spans of equal blocks, one span for each size that is in use. Lua
// tells a block's size when it frees it, so blocks carry no header; an empty span serves any size
// and any process again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace moonwire::kernel {

/// A span: `bytes` of memory at a multiple of `bytes`, with its own record at the beginning, so
/// that a block's address tells its span.
struct Span {
  static constexpr std::size_t bytes = 4096;

  Span* next;  // in the list of those with room, or of the empty ones
  Span* previous;
  void* free;       // blocks given back, each holding the next
  char* untouched;  // from here on no block has been given out yet
  std::uint32_t live;
  std::uint32_t capacity;
};

/// The machine's spans, empty ones kept for the next process that asks. They go back to the system
/// with the machine only: wasm memory does not shrink anyway.
class SpanPool final {
 public:
  SpanPool() = default;
  ~SpanPool();
  SpanPool(const SpanPool&) = delete;
  SpanPool& operator=(const SpanPool&) = delete;

  /// @return null when the system has no memory left.
  Span* take();
  void give_back(Span* span);

 private:
  bool add_slab();

  Span* empty_ = nullptr;
  std::vector<void*> slabs_;
};

/// The small blocks of one process.
class SmallBlocks final {
 public:
  static constexpr std::size_t largest = 512;

  explicit SmallBlocks(SpanPool& pool) : pool_(pool) {}
  ~SmallBlocks();
  SmallBlocks(const SmallBlocks&) = delete;
  SmallBlocks& operator=(const SmallBlocks&) = delete;

  /// Whether both sizes live in blocks of one size: nothing has to move then.
  static bool is_same(std::size_t left, std::size_t right) {
    return (left - 1) / step == (right - 1) / step;
  }

  /// A block of 1 to `largest` bytes, aligned to 8; null when the system has no memory left.
  void* take(std::size_t size) {
    Span*& first = with_room_[(size - 1) / step];
    Span* const span = first ? first : add_span(size);
    if (!span) return nullptr;
    void* block = span->free;
    if (block) {
      span->free = *static_cast<void**>(block);
    } else {
      block = span->untouched;
      span->untouched += (size + step - 1) / step * step;
    }
    if (++span->live == span->capacity) unlink(first, span);
    return block;
  }

  void give_back(void* block, std::size_t size) {
    Span*& first = with_room_[(size - 1) / step];
    auto* const span =
        reinterpret_cast<Span*>(reinterpret_cast<std::uintptr_t>(block) & ~(Span::bytes - 1));
    if (span->live == span->capacity) link(first, span);
    *static_cast<void**>(block) = span->free;
    span->free = block;
    // The last span of a size is kept, lest one object made and freed in turn costs a span each
    // time.
    if (--span->live == 0 && (span->next || span->previous)) release(first, span);
  }

 private:
  static constexpr std::size_t step = 8;

  Span* add_span(std::size_t size);
  void release(Span*& first, Span* span);

  static void link(Span*& first, Span* span) {
    span->previous = nullptr;
    span->next = first;
    if (first) first->previous = span;
    first = span;
  }
  static void unlink(Span*& first, Span* span) {
    (span->previous ? span->previous->next : first) = span->next;
    if (span->next) span->next->previous = span->previous;
    span->next = span->previous = nullptr;
  }

  std::array<Span*, largest / step> with_room_{};
  SpanPool& pool_;
};

}  // namespace moonwire::kernel
