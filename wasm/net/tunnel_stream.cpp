// One connection of the tunnel: credit both ways, FIN, and why it ended.
#include "net/tunnel_stream.h"

#include <algorithm>
#include <utility>

#include "net/tunnel_words.h"
#include "wisp/limits.h"

namespace moonwire::net {

TunnelStream::TunnelStream(std::shared_ptr<Core> core, ChannelUser* user, const Address& peer)
    : core_(std::move(core)),
      user_(user),
      peer_(peer),
      window_(std::uint32_t(core_->limits.tunnel_stream_bytes)),
      inbound_(core_->buffers, std::max(core_->limits.tunnel_stream_bytes,
                                        core_->limits.tunnel_stream_hard_bytes)) {}

std::unique_ptr<TunnelStream> TunnelStream::dial(const std::shared_ptr<Core>& core,
                                                 ChannelUser& user, const Address& to) {
  std::unique_ptr<TunnelStream> stream(new TunnelStream(core, &user, to));
  stream->id_ = core->tunnel->join(*stream);
  if (core->tunnel->is_open()) stream->on_tunnel_open();
  return stream;
}

std::unique_ptr<TunnelStream> TunnelStream::accepted(const std::shared_ptr<Core>& core,
                                                     const wisp::Accepted& accepted) {
  std::unique_ptr<TunnelStream> stream(new TunnelStream(core, nullptr, from_wisp(accepted.peer)));
  stream->local_ = from_wisp(accepted.local);
  stream->stage_ = Stage::open;
  stream->credit_.set(core->tunnel->agreement().stream_packets);
  stream->id_ = accepted.stream;
  core->tunnel->join_as(accepted.stream, *stream);
  return stream;
}

TunnelStream::~TunnelStream() {
  close(Ending::orderly);
  core_->buffered_bytes -= inbound_.size();
}

void TunnelStream::on_tunnel_open() {
  credit_.set(tunnel().agreement().stream_packets);
  const std::string host = tunnel().host_for(peer_);
  tunnel().send(id_, wisp::Connect{wisp::StreamKind::tcp, peer_.port, host});
  const Tunnel::Agreement& agreement = tunnel().agreement();
  if (agreement.has_sockets || agreement.confirms_open) return;
  // Nobody will tell of success; silence for a while is taken for it.
  grace_ = core_->environment.deadlines.call_at(core_->now() + plain_open_grace, [this] {
    grace_ = no_deadline;
    become_open({}, {});
  });
}

void TunnelStream::become_open(const Address& local, const Address& peer) {
  core_->environment.deadlines.cancel(std::exchange(grace_, no_deadline));
  if (stage_ != Stage::opening) return;
  stage_ = Stage::open;
  local_ = local;
  if (peer.family != Family::unspecified) peer_ = peer;
  user_->on_channel_open(local, peer);
}

void TunnelStream::on_packet(const wisp::Body& body) {
  if (const auto* data = std::get_if<wisp::Data>(&body)) {
    on_data(data->payload);
  } else if (const auto* more = std::get_if<wisp::Continue>(&body)) {
    credit_.set(more->packets);
    if (stage_ == Stage::opening) become_open({}, {});
    if (stage_ == Stage::open && credit_.can_send()) user_->on_channel_ready();
  } else if (const auto* opened = std::get_if<wisp::Opened>(&body)) {
    become_open(from_wisp(opened->local), from_wisp(opened->peer));
  } else if (const auto* report = std::get_if<wisp::FailureReport>(&body)) {
    failure_ = report->failure;
  } else if (std::holds_alternative<wisp::Finish>(body)) {
    if (stage_ != Stage::open || has_fin_) return;
    has_fin_ = true;
    if (core_->wire.is_recording()) core_->wire.add(WireKind::fin, peer_, local_);
    user_->on_channel_ready();
  } else if (const auto* closed = std::get_if<wisp::Close>(&body)) {
    on_close(closed->reason);
  }
}

void TunnelStream::on_data(wisp::Bytes payload) {
  if (stage_ == Stage::opening) become_open({}, {});
  if (stage_ != Stage::open || has_fin_ || payload.empty()) return;
  const std::size_t bound = tunnel().agreement().has_sockets
                                ? core_->limits.tunnel_stream_bytes
                                : core_->limits.tunnel_stream_hard_bytes;
  if (inbound_.size() + payload.size() > bound) {
    // The server ignores our credit, or has none to honour and the script does not read.
    tunnel().send(id_, wisp::Close{wisp::CloseReason::client_error});
    die(NetError::connection_reset);
    return;
  }
  inbound_.write(payload);
  core_->buffered_bytes += payload.size();
  if (core_->wire.is_recording()) core_->wire.add(WireKind::data, peer_, local_, payload);
  user_->on_channel_ready();
}

void TunnelStream::on_close(wisp::CloseReason reason) {
  leave();
  if (stage_ == Stage::opening) {
    stage_ = Stage::dead;
    user_->on_channel_failed(failure_ != wisp::Failure::none ? error_for(failure_)
                                                             : connect_error_for(reason));
    return;
  }
  if (stage_ != Stage::open) return;
  const NetError ending = failure_ == wisp::Failure::none || failure_ == wisp::Failure::other
                              ? ending_for(reason)
                              : error_for(failure_);
  if (reason == wisp::CloseReason::voluntary || ending == NetError::none) {
    stage_ = Stage::ended;
    if (!has_fin_ && core_->wire.is_recording()) core_->wire.add(WireKind::fin, peer_, local_);
    has_fin_ = true;
    user_->on_channel_ready();
    return;
  }
  die(ending);
}

void TunnelStream::die(NetError error) {
  leave();
  stage_ = Stage::dead;
  if (core_->wire.is_recording()) core_->wire.add(WireKind::rst, peer_, local_);
  user_->on_channel_reset(error);
}

void TunnelStream::leave() {
  core_->environment.deadlines.cancel(std::exchange(grace_, no_deadline));
  if (id_ != 0) tunnel().leave(std::exchange(id_, 0u));
}

void TunnelStream::on_tunnel_lost() {
  id_ = 0;
  core_->environment.deadlines.cancel(std::exchange(grace_, no_deadline));
  const Stage was = std::exchange(stage_, Stage::dead);
  if (was == Stage::opening) user_->on_channel_failed(NetError::network_unreachable);
  if (was == Stage::open) user_->on_channel_reset(NetError::connection_reset);
}

void TunnelStream::on_tunnel_room() {
  if (stage_ == Stage::open && credit_.can_send()) user_->on_channel_ready();
}

Transfer TunnelStream::send(std::span<const std::byte> bytes) {
  if (stage_ == Stage::dead || has_finished_) return {0, NetError::broken_pipe};
  if (stage_ == Stage::opening) return {0, NetError::would_block};
  if (bytes.empty()) return {};
  if (stage_ == Stage::ended) {
    // As TCP answers to a peer that has closed: these bytes go nowhere, the next call knows.
    stage_ = Stage::dead;
    user_->on_channel_reset(NetError::broken_pipe);
    return {bytes.size(), NetError::none};
  }
  std::size_t sent = 0;
  while (sent < bytes.size() && credit_.can_send() && tunnel().has_room()) {
    const std::size_t count = std::min(bytes.size() - sent, wisp::max_sent_payload);
    tunnel().send(id_, wisp::Data{bytes.subspan(sent, count)});
    credit_.spend();
    sent += count;
    has_sent_ = true;
  }
  if (sent == 0) return {0, NetError::would_block};
  return {sent, NetError::none};
}

Transfer TunnelStream::receive(std::span<std::byte> into) {
  if (inbound_.size() == 0) {
    if (has_fin_) return {};
    return {0, NetError::would_block};
  }
  const std::size_t count = inbound_.read(into);
  core_->buffered_bytes -= count;
  if (stage_ == Stage::open && !has_fin_ && tunnel().agreement().has_sockets) {
    const std::uint32_t grant = window_.consume(std::uint32_t(count));
    if (grant > 0) tunnel().send(id_, wisp::Credit{grant});
  }
  return {count, NetError::none};
}

Ready TunnelStream::ready() const {
  Ready ready = Ready::nothing;
  if (stage_ == Stage::opening) return ready;
  if (inbound_.size() > 0 || has_fin_ || stage_ == Stage::dead) ready = ready | Ready::readable;
  const bool would_wait =
      stage_ == Stage::open && !has_finished_ && !(credit_.can_send() && tunnel().has_room());
  if (!would_wait) ready = ready | Ready::writable;
  return ready;
}

void TunnelStream::finish() {
  if (std::exchange(has_finished_, true) || stage_ != Stage::open) return;
  // Plain Wisp has no half-close: CLOSE would end the other direction, too. So the peer is not
  // told.
  if (tunnel().agreement().has_sockets) tunnel().send(id_, wisp::Finish{});
}

void TunnelStream::close(Ending ending) {
  const Stage was = std::exchange(stage_, Stage::dead);
  const std::uint32_t id = id_;
  leave();
  if (id == 0 || !tunnel().is_open()) return;
  if (was == Stage::opening || ending == Ending::abortive) {
    tunnel().send(id, wisp::Close{wisp::CloseReason::client_error});
  } else if (has_sent_ && !tunnel().agreement().has_sockets) {
    tunnel().send_last(id, wisp::CloseReason::voluntary);
  } else {
    tunnel().send(id, wisp::Close{wisp::CloseReason::voluntary});
  }
}

void TunnelStream::set_option(Option option, int value) {
  if (stage_ != Stage::open || !tunnel().agreement().has_sockets) return;
  wisp::Option packet;
  switch (option) {
    case Option::keep_alive: packet.option = wisp::SocketOption::keep_alive; break;
    case Option::keep_idle: packet.option = wisp::SocketOption::keep_idle; break;
    case Option::keep_interval: packet.option = wisp::SocketOption::keep_interval; break;
    case Option::keep_count: packet.option = wisp::SocketOption::keep_count; break;
    default: return;  // means nothing there, or (no_delay) is decided here
  }
  packet.value = std::uint32_t(value);
  tunnel().send(id_, packet);
}

}  // namespace moonwire::net
