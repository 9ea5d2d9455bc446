// Moments that somebody waits for, in the order they come: what an engine or a timing wheel has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernel/host.h"

namespace moonwire::bindings::chuck {

class AlarmQueue;

/// One moment; forgets itself when it dies.
class Alarm {
 public:
  Alarm() = default;
  virtual ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  bool is_set() const { return queue_ != nullptr; }
  /// Whether it is a script's timer, and no handle.
  virtual bool is_timer() const { return false; }
  kernel::Micros when() const { return when_; }
  void cancel();

 private:
  friend class AlarmQueue;  // the heap knows each entry's place
  AlarmQueue* queue_ = nullptr;
  kernel::Micros when_ = 0;
  std::uint64_t serial_ = 0;  // first set, first served, among equal moments
  std::size_t place_ = 0;
};

class AlarmQueue final {
 public:
  AlarmQueue() = default;
  ~AlarmQueue();
  AlarmQueue(const AlarmQueue&) = delete;
  AlarmQueue& operator=(const AlarmQueue&) = delete;

  /// Sets it, or sets it anew.
  void set(Alarm& alarm, kernel::Micros when);
  void cancel(Alarm& alarm);
  /// The earliest; null when there is none.
  Alarm* first() const { return heap_.empty() ? nullptr : heap_.front(); }
  std::size_t size() const { return heap_.size(); }
  /// Alarms set from now on have serials from this one on.
  std::uint64_t next_serial() const { return next_serial_; }
  static std::uint64_t serial_of(const Alarm& alarm) { return alarm.serial_; }

 private:
  static bool is_before(const Alarm& left, const Alarm& right) {
    return left.when_ != right.when_ ? left.when_ < right.when_ : left.serial_ < right.serial_;
  }
  void put(std::size_t place, Alarm* alarm) {
    heap_[place] = alarm;
    alarm->place_ = place;
  }
  void sift_up(std::size_t place);
  void sift_down(std::size_t place);

  std::vector<Alarm*> heap_;
  std::uint64_t next_serial_ = 1;
};

}  // namespace moonwire::bindings::chuck
