#include "kernel/timers.h"

#include <utility>

namespace moonwire::kernel {

namespace {
// An id is (serial << slot_bits) | slot. 2^20 timers at once are more than sockets and processes
// can ask for; 2^44 serials outlast any session.
constexpr int slot_bits = 20;
constexpr std::uint64_t slot_mask = (1u << slot_bits) - 1;
}  // namespace

Micros Timers::now() const {
  return host_.steady_clock();
}

net::DeadlineId Timers::call_at(Micros when, std::function<void()> action) {
  std::uint32_t slot;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    if (slot > slot_mask) return net::no_deadline;
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  slots_[slot].when = when;
  slots_[slot].serial = next_serial_++;
  slots_[slot].action = std::move(action);
  heap_.push_back(slot);
  slots_[slot].place = heap_.size() - 1;
  sift_up(heap_.size() - 1);
  return (slots_[slot].serial << slot_bits) | slot;
}

void Timers::cancel(net::DeadlineId id) {
  if (id == net::no_deadline) return;  // else it would meet a free first slot, whose serial is 0
  const auto slot = static_cast<std::uint32_t>(id & slot_mask);
  if (slot >= slots_.size() || slots_[slot].serial != id >> slot_bits) return;
  remove(slots_[slot].place);
}

void Timers::fire_due(Micros moment) {
  const std::uint64_t end = next_serial_;  // what an action asks for waits for the next round
  while (!heap_.empty() && slots_[heap_.front()].when <= moment) {
    const std::uint32_t slot = heap_.front();
    if (slots_[slot].serial >= end) break;
    std::function<void()> action = std::move(slots_[slot].action);
    remove(0);
    action();
  }
}

Micros Timers::next() const {
  return heap_.empty() ? INT64_MAX : slots_[heap_.front()].when;
}

bool Timers::is_before(std::uint32_t left, std::uint32_t right) const {
  const Slot& a = slots_[left];
  const Slot& b = slots_[right];
  return a.when != b.when ? a.when < b.when : a.serial < b.serial;
}

void Timers::put(std::size_t place, std::uint32_t slot) {
  heap_[place] = slot;
  slots_[slot].place = place;
}

void Timers::sift_up(std::size_t place) {
  const std::uint32_t slot = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (!is_before(slot, heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, slot);
}

void Timers::sift_down(std::size_t place) {
  const std::uint32_t slot = heap_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && is_before(heap_[child + 1], heap_[child])) ++child;
    if (!is_before(heap_[child], slot)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, slot);
}

void Timers::remove(std::size_t place) {
  const std::uint32_t slot = heap_[place];
  slots_[slot].serial = 0;
  slots_[slot].action = nullptr;
  free_.push_back(slot);
  const std::uint32_t last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  put(place, last);
  sift_down(place);
  sift_up(slots_[last].place);
}

}  // namespace moonwire::kernel
