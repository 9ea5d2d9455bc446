// Flow control as counting: what CONTINUE or CREDIT grants, what DATA spends, when a receiver has
// to grant again. Who waits and who wakes is left to the tunnel and the proxy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "wisp/limits.h"

namespace moonwire::wisp {

/// A sender under CONTINUE: counts DATA packets. CONTINUE sets the number, it does not add to it.
class PacketCredit {
 public:
  explicit PacketCredit(std::uint32_t packets) : packets_{packets} {}
  void set(std::uint32_t packets) { packets_ = packets; }
  bool can_send() const { return packets_ > 0; }
  std::uint32_t packets() const { return packets_; }
  /// One DATA goes out. Only while can_send().
  void spend() { packets_ -= packets_ > 0 ? 1 : 0; }

 private:
  std::uint32_t packets_;
};

/// A receiver under CONTINUE: counts what it holds of a stream and says when to tell the sender
/// anew. CONTINUE sets the sender's number while packets sent under the old one are still on their
/// way, and nobody can tell how many: so the first grant is what is free, a later one just what has
/// gone on since. Then never more than twice the capacity is on its way or held.
class PacketBuffer {
 public:
  explicit PacketBuffer(std::uint32_t capacity) : capacity_{capacity} {}
  /// A DATA packet came. False: no honest sender gets here.
  bool receive() {
    if (held_ >= 2 * capacity_) return false;
    ++held_;
    return true;
  }
  /// A packet went on to its socket. True: send CONTINUE with grant() now.
  bool release() {
    if (held_ > 0) --held_;
    ++released_since_grant_;
    return released_since_grant_ >= std::max<std::uint32_t>(1, capacity_ / 2);
  }
  /// What CONTINUE is to say.
  std::uint32_t grant() {
    const std::uint32_t gone_on = std::min(std::exchange(released_since_grant_, 0), capacity_);
    if (std::exchange(has_granted_, true)) return gone_on;
    return held_ < capacity_ ? capacity_ - held_ : 0;
  }
  std::uint32_t held() const { return held_; }

 private:
  std::uint32_t capacity_;
  std::uint32_t held_ = 0;
  std::uint32_t released_since_grant_ = 0;
  bool has_granted_ = false;
};

/// A sender under CREDIT: counts bytes (or connections); grants add up, never beyond max_window.
class ByteCredit {
 public:
  explicit ByteCredit(std::uint32_t amount) : amount_{std::min(amount, max_window)} {}
  void grant(std::uint32_t amount) {
    amount_ = amount > max_window - amount_ ? max_window : amount_ + amount;
  }
  std::uint32_t available() const { return amount_; }
  /// Takes `amount` and says true, or takes nothing.
  bool spend(std::uint32_t amount) {
    if (amount > amount_) return false;
    amount_ -= amount;
    return true;
  }

 private:
  std::uint32_t amount_;
};

/// A receiver that grants CREDIT: collects what the script has consumed until a grant is worth a
/// packet.
class ByteWindow {
 public:
  explicit ByteWindow(std::uint32_t window) : window_{window} {}
  /// The script took `amount`. The result is what CREDIT is to grant now; 0: nothing yet.
  std::uint32_t consume(std::uint32_t amount) {
    consumed_ += amount;
    if (consumed_ < std::max<std::uint32_t>(1, window_ / 2)) return 0;
    return std::exchange(consumed_, 0);
  }
  std::uint32_t window() const { return window_; }

 private:
  std::uint32_t window_;
  std::uint32_t consumed_ = 0;
};

}  // namespace moonwire::wisp
