#include "kernel/small_blocks.h"

#include <cstdlib>

namespace moonwire::kernel {

namespace {
constexpr std::size_t spans_per_slab = 64;
}

SpanPool::~SpanPool() {
  for (void* slab : slabs_) std::free(slab);
}

bool SpanPool::add_slab() {
  char* const slab =
      static_cast<char*>(std::aligned_alloc(Span::bytes, spans_per_slab * Span::bytes));
  if (!slab) return false;
  slabs_.push_back(slab);
  for (std::size_t i = spans_per_slab; i-- > 0;) {
    give_back(reinterpret_cast<Span*>(slab + i * Span::bytes));
  }
  return true;
}

Span* SpanPool::take() {
  if (!empty_ && !add_slab()) return nullptr;
  Span* const span = empty_;
  empty_ = span->next;
  return span;
}

void SpanPool::give_back(Span* span) {
  span->next = empty_;
  empty_ = span;
}

SmallBlocks::~SmallBlocks() {
  for (Span* span : with_room_) {  // at most the last one of each size is left, and it is empty
    if (span) pool_.give_back(span);
  }
}

Span* SmallBlocks::add_span(std::size_t size) {
  Span* const span = pool_.take();
  if (!span) return nullptr;
  const std::size_t block = (size + step - 1) / step * step;
  const std::size_t header = (sizeof(Span) + step - 1) / step * step;
  span->free = nullptr;
  span->untouched = reinterpret_cast<char*>(span) + header;
  span->live = 0;
  span->capacity = static_cast<std::uint32_t>((Span::bytes - header) / block);
  link(with_room_[(size - 1) / step], span);
  return span;
}

void SmallBlocks::release(Span*& first, Span* span) {
  unlink(first, span);
  pool_.give_back(span);
}

}  // namespace moonwire::kernel
