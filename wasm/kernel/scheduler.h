// Whose turn it is: a queue of the processes that can go on, first come, first served.
#pragma once

#include <cstddef>

#include "kernel/process.h"

namespace moonwire::kernel {

/// The queue is a list through the processes themselves: joining, leaving and waking never search.
class Scheduler final {
 public:
  /// To the end of the queue; nothing when it is in it.
  void enqueue(Process& process);
  void forget(Process& process);
  bool is_idle() const { return first_ == nullptr; }
  /// Takes the first off the queue; null when all wait.
  Process* take();

  void begin_turn(Micros end) { turn_end_ = end; }
  /// Whether a process may run on at `now` although its slice is over: nobody else wants to run,
  /// and the machine's turn is not over.
  bool has_nobody_else(Micros now) const { return is_idle() && now < turn_end_; }

 private:
  Process* first_ = nullptr;
  Process* last_ = nullptr;
  Micros turn_end_ = 0;
};

}  // namespace moonwire::kernel
