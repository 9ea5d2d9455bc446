// How much may pass in a second: a bucket that fills with time and may fall into debt once, since a
// packet cannot be taken in part. Pure: time is handed in.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "proxy/limits.h"

namespace moonwire::proxy {

class RateLimit {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// 0: no limit. A quiet time saves up at most `rate_burst` of it.
  explicit RateLimit(std::uint64_t per_second)
      : per_second_{static_cast<double>(per_second)},
        most_{per_second_ * std::chrono::duration<double>{rate_burst}.count()},
        left_{most_} {}

  bool is_limited() const { return per_second_ > 0; }
  void spend(std::uint64_t amount, Moment now) {
    refill(now);
    left_ -= static_cast<double>(amount);
  }
  /// Zero: more may pass. Otherwise how long until the debt is paid.
  std::chrono::nanoseconds wait(Moment now) {
    refill(now);
    if (!is_limited() || left_ >= 0) return {};
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>{-left_ / per_second_});
  }
  /// One of what is counted, if there is one; nothing is spent otherwise.
  bool take_one(Moment now) {
    if (!is_limited()) return true;
    refill(now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  void refill(Moment now) {
    if (now > last_) {
      const double seconds = std::chrono::duration<double>{now - last_}.count();
      left_ = last_ == Moment{} ? left_ : std::min(most_, left_ + seconds * per_second_);
      last_ = now;
    }
  }

  double per_second_;
  double most_;
  double left_;
  Moment last_;
};

/// What is limited together: a session, or all sessions of one client address.
struct Meter {
  Meter(std::uint64_t bytes_per_second, std::uint64_t datagrams_per_second)
      : bytes{bytes_per_second}, datagrams{datagrams_per_second} {}
  RateLimit bytes;
  RateLimit datagrams;
};

}  // namespace moonwire::proxy
