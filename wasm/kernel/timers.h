// Calls at later moments, in order of their moment and, for equal ones, of their making. A binary
// heap whose entries know their place, so that forgetting one costs O(log n) too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "kernel/host.h"

namespace moonwire::kernel {

class Timers final : public net::Deadlines {
 public:
  explicit Timers(Host& host) : host_(host) {}

  Micros now() const override;
  net::DeadlineId call_at(Micros when, std::function<void()> action) override;
  void cancel(net::DeadlineId id) override;

  /// Makes the calls due at `moment`. One that an action asks for has to wait for the next round,
  /// so this always ends.
  void fire_due(Micros moment);
  /// When the next call is due; INT64_MAX when there is none.
  Micros next() const;
  std::size_t count() const { return heap_.size(); }

 private:
  struct Slot {
    Micros when = 0;
    std::uint64_t serial = 0;  // the id's upper part, so that an old id meets a new slot in vain
    std::size_t place = 0;     // in heap_
    std::function<void()> action;
  };

  bool is_before(std::uint32_t left, std::uint32_t right) const;
  void put(std::size_t place, std::uint32_t slot);
  void sift_up(std::size_t place);
  void sift_down(std::size_t place);
  void remove(std::size_t place);

  Host& host_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heap_;  // slot numbers
  std::uint64_t next_serial_ = 1;
};

}  // namespace moonwire::kernel
