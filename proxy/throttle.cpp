// Two buckets for bytes, two for datagrams; the emptier one decides.
#include "proxy/throttle.h"

#include <algorithm>

namespace moonwire::proxy {

Throttle::Throttle(Context& context, std::shared_ptr<Meter> address, std::function<void()> go_on)
    : context_{context},
      own_{context.policy.limits.bytes_per_second, context.policy.limits.datagrams_per_second},
      address_{std::move(address)},
      go_on_{std::move(go_on)},
      is_limited_{own_.bytes.is_limited() || address_->bytes.is_limited()} {}

Throttle::~Throttle() {
  if (pause_) pause_->cancel();
}

void Throttle::spend_bytes(std::size_t size) {
  if (!is_limited_) return;
  const auto now = Clock::now();
  own_.bytes.spend(size, now);
  address_->bytes.spend(size, now);
}

bool Throttle::may_go() {
  if (!is_limited_) return true;
  if (is_holding_) return false;
  const auto now = Clock::now();
  const auto wait = std::max(own_.bytes.wait(now), address_->bytes.wait(now));
  if (wait.count() == 0) return true;
  is_holding_ = true;
  ++context_.counters.sessions_held;
  if (!pause_) pause_ = std::make_shared<Timer>(context_.executor);
  pause_->expires_after(wait);
  pause_->async_wait([this, pause = std::weak_ptr{pause_}](error_code cancelled) {
    if (cancelled || pause.expired()) return;
    is_holding_ = false;
    go_on_();
  });
  return false;
}

bool Throttle::take_datagram() {
  if (!own_.datagrams.is_limited() && !address_->datagrams.is_limited()) return true;
  const auto now = Clock::now();
  if (own_.datagrams.take_one(now) && address_->datagrams.take_one(now)) return true;
  ++context_.counters.datagrams_limited;
  ++context_.counters.datagrams_dropped;
  return false;
}

}  // namespace moonwire::proxy
