// A binary heap whose entries know their place.
#include "bindings/chuck/timers.h"

namespace moonwire::bindings::chuck {

Alarm::~Alarm() {
  cancel();
}

void Alarm::cancel() {
  if (queue_ != nullptr) queue_->cancel(*this);
}

AlarmQueue::~AlarmQueue() {
  for (Alarm* alarm : heap_) alarm->queue_ = nullptr;
}

void AlarmQueue::set(Alarm& alarm, kernel::Micros when) {
  if (alarm.queue_ != nullptr) alarm.queue_->cancel(alarm);
  alarm.queue_ = this;
  alarm.when_ = when;
  alarm.serial_ = next_serial_++;
  heap_.push_back(nullptr);
  put(heap_.size() - 1, &alarm);
  sift_up(alarm.place_);
}

void AlarmQueue::cancel(Alarm& alarm) {
  if (alarm.queue_ != this) return;
  alarm.queue_ = nullptr;
  const std::size_t place = alarm.place_;
  Alarm* const last = heap_.back();
  heap_.pop_back();
  if (last == &alarm) return;
  put(place, last);
  sift_up(place);
  sift_down(last->place_);
}

void AlarmQueue::sift_up(std::size_t place) {
  Alarm* const alarm = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (!is_before(*alarm, *heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, alarm);
}

void AlarmQueue::sift_down(std::size_t place) {
  Alarm* const alarm = heap_[place];
  for (;;) {
    std::size_t child = place * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && is_before(*heap_[child + 1], *heap_[child])) ++child;
    if (!is_before(*heap_[child], *alarm)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, alarm);
}

}  // namespace moonwire::bindings::chuck
