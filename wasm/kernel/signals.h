// The signals that reached a process and that it wants to hear of: readable when one waits.
#pragma once

#include <cstdint>

#include "net/readiness.h"

namespace moonwire::kernel {

/// Numbers are Linux's, 1 to 31.
inline constexpr int signal_interrupt = 2;
inline constexpr int signal_kill = 9;
inline constexpr int signal_terminate = 15;
inline constexpr int signal_max = 31;

class Signals final : public net::Pollable {
 public:
  net::Ready ready() const override {
    return (pending_ & watched_) != 0 ? net::Ready::readable : net::Ready::nothing;
  }
  bool is_watched(int number) const { return (watched_ >> number & 1) != 0; }
  void watch(int number) { watched_ |= 1u << number; }
  void forget(int number) {
    watched_ &= ~(1u << number);
    pending_ &= ~(1u << number);
  }
  /// @return false when nobody watches it: the sender then does what the signal does by itself.
  bool raise(int number) {
    if (!is_watched(number)) return false;
    pending_ |= 1u << number;
    notify();
    return true;
  }
  /// Whether it had come; it counts as heard now.
  bool take(int number) {
    const bool had = (pending_ >> number & 1) != 0;
    pending_ &= ~(1u << number);
    return had;
  }

 private:
  std::uint32_t watched_ = 0;  // by number
  std::uint32_t pending_ = 0;
};

}  // namespace moonwire::kernel
