#include "kernel/scheduler.h"

namespace moonwire::kernel {

void Scheduler::enqueue(Process& process) {
  QueueLink& link = process.queue_link();
  if (link.is_queued) return;
  link = {.is_queued = true, .previous = last_, .next = nullptr};
  (last_ ? last_->queue_link().next : first_) = &process;
  last_ = &process;
}

void Scheduler::forget(Process& process) {
  QueueLink& link = process.queue_link();
  if (!link.is_queued) return;
  (link.previous ? link.previous->queue_link().next : first_) = link.next;
  (link.next ? link.next->queue_link().previous : last_) = link.previous;
  link = {};
}

Process* Scheduler::take() {
  Process* const process = first_;
  if (process) forget(*process);
  return process;
}

}  // namespace moonwire::kernel
