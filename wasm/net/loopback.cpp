// Bytes between two sockets of the machine, in fair weather and foul.
#include "net/loopback.h"

#include <algorithm>
#include <utility>

namespace moonwire::net {

LoopbackEnd::Pair LoopbackEnd::make(const std::shared_ptr<Core>& core, ChannelUser& client,
                                    ChannelUser& server, const Address& target) {
  Pair pair{std::make_unique<LoopbackEnd>(core, client, target),
            std::make_unique<LoopbackEnd>(core, server, target)};
  pair.client->peer_ = pair.server.get();
  pair.server->peer_ = pair.client.get();
  return pair;
}

LoopbackEnd::LoopbackEnd(std::shared_ptr<Core> core, ChannelUser& user, Address target)
    : core_(std::move(core)),
      user_(user),
      target_(std::move(target)),
      inbound_(core_->buffers, core_->limits.pipe_bytes) {}

LoopbackEnd::~LoopbackEnd() {
  close(Ending::orderly);
  if (weather_) core_->environment.deadlines.cancel(weather_->deadline);
  core_->buffered_bytes -= inbound_.size();
}

Transfer LoopbackEnd::send(std::span<const std::byte> bytes) {
  if (is_reset_ || has_finished_) return {0, NetError::broken_pipe};
  if (bytes.empty()) return {};
  if (peer_ == nullptr) {
    // Nobody is there any more. TCP learns that from the answer to these bytes; a unix socket
    // knows.
    is_reset_ = true;
    if (target_.family == Family::path) return {0, NetError::broken_pipe};
    user_.on_channel_reset(NetError::broken_pipe);
    return {bytes.size(), NetError::none};
  }
  LoopbackEnd& to = *peer_;
  if (to.is_deaf_ && to.has_finished_) {
    to.reset(NetError::connection_reset);
    reset(NetError::broken_pipe);
    return {bytes.size(), NetError::none};
  }
  if (to.weather_generation_ != core_->faults.generation()) to.look_at_weather();
  if (to.weather_ && to.weather_->fault.reset_after) {
    bytes = bytes.first(std::min(
        bytes.size(), *to.weather_->fault.reset_after -
                          std::min(*to.weather_->fault.reset_after, to.weather_->delivered)));
  }
  const std::size_t count = to.inbound_.write(bytes);
  core_->buffered_bytes += count;
  if (to.weather_) {
    const auto limit = to.weather_->fault.reset_after;
    to.take_in_slowly(count, false);
    if (limit && to.weather_->delivered >= *limit) {
      to.reset(NetError::connection_reset);
      reset(NetError::connection_reset);
      return {count, count > 0 ? NetError::none : NetError::connection_reset};
    }
  } else if (count > 0) {
    to.user_.on_channel_ready();
  }
  if (count == 0) return {0, NetError::would_block};
  return {count, NetError::none};
}

Transfer LoopbackEnd::receive(std::span<std::byte> into) {
  const std::size_t there = visible();
  if (there == 0) {
    if (has_fin_) return {};
    return {0, NetError::would_block};
  }
  if (weather_) {
    into = into.first(std::min(into.size(), there));
    if (const std::size_t most = weather_->fault.largest_read; most > 0) {
      into = into.first(std::min(into.size(), most));
    }
  }
  const std::size_t count = inbound_.read(into);
  core_->buffered_bytes -= count;
  if (peer_ != nullptr && any(peer_->ready() & Ready::writable)) peer_->user_.on_channel_ready();
  return {count, NetError::none};
}

Ready LoopbackEnd::ready() const {
  Ready ready = Ready::nothing;
  if (visible() > 0 || has_fin_ || is_reset_) ready = ready | Ready::readable;
  // As Linux does, a third must be free before a sender is told; what is free is taken at any time.
  const bool has_room =
      peer_ == nullptr ||
      peer_->inbound_.room() >= std::max<std::size_t>(1, peer_->inbound_.limit() / 3);
  if (has_room || has_finished_ || is_reset_) ready = ready | Ready::writable;
  return ready;
}

void LoopbackEnd::finish() {
  if (has_finished_) return;
  has_finished_ = true;
  if (peer_ != nullptr && !is_reset_) peer_->take_fin();
}

void LoopbackEnd::stop_receiving() {
  is_deaf_ = true;
  // A unix socket's peer learns of it at once: it cannot send any more.
  if (target_.family != Family::path || peer_ == nullptr) return;
  has_fin_ = true;
  peer_->has_finished_ = true;
  peer_->user_.on_channel_ready();
}

void LoopbackEnd::close(Ending ending) {
  LoopbackEnd* const peer = std::exchange(peer_, nullptr);
  if (peer == nullptr) return;
  if (ending == Ending::orderly && !has_finished_ && !is_reset_) peer->take_fin();
  peer->peer_ = nullptr;
  has_finished_ = true;
  if (ending == Ending::abortive) peer->reset(NetError::connection_reset);
}

void LoopbackEnd::take_fin() {
  if (weather_ && (!weather_->parcels.empty() || weather_->fault.delay > 0)) {
    take_in_slowly(0, true);
    return;
  }
  has_fin_ = true;
  user_.on_channel_ready();
}

void LoopbackEnd::reset(NetError error) {
  if (is_reset_) return;
  is_reset_ = true;
  user_.on_channel_reset(error);
}

void LoopbackEnd::look_at_weather() {
  weather_generation_ = core_->faults.generation();
  const Fault* fault = core_->faults.find(target_);
  if (fault == nullptr && !weather_) return;
  if (!weather_) weather_ = std::make_unique<Weather>();
  weather_->fault = fault != nullptr ? *fault : Fault{};
}

void LoopbackEnd::take_in_slowly(std::size_t bytes, bool is_fin) {
  weather_->delivered += bytes;
  if (weather_->fault.delay == 0 && weather_->parcels.empty()) {
    if (bytes > 0) user_.on_channel_ready();
    return;
  }
  if (bytes == 0 && !is_fin) return;
  weather_->parcels.push_back({core_->now() + weather_->fault.delay, bytes, is_fin});
  weather_->hidden += bytes;
  schedule_parcel();
}

void LoopbackEnd::schedule_parcel() {
  if (weather_->deadline != no_deadline || weather_->parcels.empty()) return;
  weather_->deadline = core_->environment.deadlines.call_at(weather_->parcels.front().due,
                                                            [this] { on_parcel_due(); });
}

void LoopbackEnd::on_parcel_due() {
  weather_->deadline = no_deadline;
  const Micros now = core_->now();
  while (!weather_->parcels.empty() && weather_->parcels.front().due <= now) {
    weather_->hidden -= weather_->parcels.front().bytes;
    if (weather_->parcels.front().is_fin) has_fin_ = true;
    weather_->parcels.pop_front();
  }
  schedule_parcel();
  user_.on_channel_ready();
}

}  // namespace moonwire::net
