// Who waits for what. A Pollable can become ready; a Watch is one party's interest in it. Lists are
// intrusive, so waking costs only those who asked, and a Watch that dies is forgotten at once.
#pragma once

#include <cstdint>

namespace moonwire::net {

/// What can be done on a pollable without waiting, as select(2) would say it.
enum class Ready : std::uint8_t { nothing = 0, readable = 1, writable = 2, both = 3 };
constexpr Ready operator|(Ready a, Ready b) {
  return Ready(std::uint8_t(a) | std::uint8_t(b));
}
constexpr Ready operator&(Ready a, Ready b) {
  return Ready(std::uint8_t(a) & std::uint8_t(b));
}
constexpr bool any(Ready ready) {
  return ready != Ready::nothing;
}

class Pollable;

/// Told when something it watches may have become ready. Must not destroy pollables inside the
/// call.
class Watcher {
 public:
  virtual void on_ready(Pollable& pollable, Ready ready) = 0;

 protected:
  ~Watcher() = default;
};

/// One link between a watcher and a pollable. Not copied, not moved; unlinks itself.
class Watch final {
 public:
  Watch() = default;
  ~Watch() { stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Links to `pollable`; a link that existed before is dropped. The watcher hears only of
  /// `interest`, and only of changes: look at ready() before you wait.
  void start(Pollable& pollable, Ready interest, Watcher& watcher);
  void stop();
  bool is_linked() const { return pollable_ != nullptr; }

 private:
  friend class Pollable;  // the two ends of one list
  Pollable* pollable_ = nullptr;
  Watcher* watcher_ = nullptr;
  Watch* previous_ = nullptr;
  Watch* next_ = nullptr;
  Ready interest_ = Ready::nothing;
};

/// Anything a process can wait for: a socket, a name look-up, standard input, later a mailbox or a
/// serial line.
class Pollable {
 public:
  Pollable() = default;
  virtual ~Pollable();  // unlinks its watches
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;

  virtual Ready ready() const = 0;

 protected:
  /// Tells those watches whose interest meets ready(). Call it after each change that can make
  /// something ready. FIFO.
  void notify() {
    if (first_ != nullptr) notify_watches();
  }

 private:
  friend class Watch;
  void notify_watches();

  Watch* first_ = nullptr;
  Watch* last_ = nullptr;
  Watch* notifying_ = nullptr;  // the next watch notify() will visit; kept valid by stop()
};

}  // namespace moonwire::net
