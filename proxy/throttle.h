// Keeps one session within its rates and its client address's: says when to hold, and calls back
// when it may go on. What waits meanwhile waits in the kernel, so that TCP slows the sender down.
#pragma once

#include <functional>
#include <memory>

#include "proxy/context.h"
#include "proxy/rate_limit.h"

namespace moonwire::proxy {

class Throttle {
 public:
  /// `address` is shared by the sessions of one client address.
  Throttle(Context& context, std::shared_ptr<Meter> address, std::function<void()> go_on);
  ~Throttle();
  Throttle(const Throttle&) = delete;
  Throttle& operator=(const Throttle&) = delete;

  /// Payload passed, in either direction.
  void spend_bytes(std::size_t size);
  /// False: hold. `go_on` is called when that is over.
  bool may_go();
  /// False: this datagram is over the rate and to be dropped. Counted here.
  bool take_datagram();

 private:
  Context& context_;
  Meter own_;
  std::shared_ptr<Meter> address_;
  std::function<void()> go_on_;
  bool is_limited_;
  // Made on the first hold. Its handler outlives us only as a cancelled one.
  std::shared_ptr<Timer> pause_;
  bool is_holding_ = false;
};

}  // namespace moonwire::proxy
