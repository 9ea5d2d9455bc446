// A clock that moves when the test says so, and the calls that are due on it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <utility>

#include "net/deadlines.h"

namespace moonwire::tests {

class ManualDeadlines final : public net::Deadlines {
 public:
  net::Micros now() const override { return now_; }

  net::DeadlineId call_at(net::Micros when, std::function<void()> action) override {
    calls_.emplace(std::pair{when, next_id_}, std::move(action));
    return next_id_++;
  }

  void cancel(net::DeadlineId id) override {
    std::erase_if(calls_, [id](const auto& call) { return call.first.second == id; });
  }

  /// Moves the clock, stopping at each call that is due on the way.
  void advance(net::Micros span) {
    const net::Micros end = now_ + span;
    while (!calls_.empty() && calls_.begin()->first.first <= end) {
      auto call = calls_.extract(calls_.begin());
      now_ = std::max(now_, call.key().first);
      call.mapped()();
    }
    now_ = end;
  }

  std::size_t waiting() const { return calls_.size(); }

 private:
  net::Micros now_ = 1'000'000;
  net::DeadlineId next_id_ = 1;
  std::map<std::pair<net::Micros, net::DeadlineId>, std::function<void()>> calls_;
};

}  // namespace moonwire::tests
