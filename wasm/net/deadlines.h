// Time as the network needs it: now, and a call at a later moment. The kernel's timers implement
// it.
#pragma once

#include <cstdint>
#include <functional>

namespace moonwire::net {

/// A moment or a span in microseconds. Moments are on the host's steady clock.
using Micros = std::int64_t;
using DeadlineId = std::uint64_t;
inline constexpr DeadlineId no_deadline = 0;

class Deadlines {
 public:
  virtual Micros now() const = 0;
  /// Calls `action` once, at or after `when`, from the machine's turn; never inside this call.
  virtual DeadlineId call_at(Micros when, std::function<void()> action) = 0;
  /// Forgets a call that has not happened; anything else is ignored.
  virtual void cancel(DeadlineId id) = 0;

 protected:
  ~Deadlines() = default;
};

}  // namespace moonwire::net
