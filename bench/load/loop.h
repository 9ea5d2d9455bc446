// Who is ready, by epoll: the load generator's one thread. What is written in a turn goes out at
// its end.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <vector>

namespace moonwire::load {

/// A descriptor's owner.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
  /// What was put aside since mark() is to be written now.
  virtual void flush() = 0;
};

enum class Interest { reading, writing, both };

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void watch(int descriptor, Watcher& watcher);
  /// Reading alone, until told otherwise.
  void set_interest(int descriptor, Watcher& watcher, Interest interest);
  /// The watcher is not called any more, not even for what happened already.
  void forget(int descriptor, Watcher& watcher);
  /// flush() will be called before the next wait.
  void mark(Watcher& watcher) { marked_.push_back(&watcher); }

  /// Writes what is due, waits at most `timeout_ms` (-1: for ever), tells who is ready.
  void turn(int timeout_ms);
  /// Turns until the condition holds; checks it at least every 10 ms.
  void until(const std::predicate auto& holds) {
    while (!holds()) turn(10);
  }

 private:
  int epoll_;
  std::array<epoll_event, 256> events_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::vector<Watcher*> marked_;
};

}  // namespace moonwire::load
