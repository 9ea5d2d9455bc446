// The session of a single stream without packets.
#include "proxy/relay.h"

#include <spdlog/spdlog.h>

namespace moonwire::proxy {

using websocket::CloseCode;

Relay::Relay(Context& context, SessionOwner& owner, Start start)
    : context_{context},
      owner_{owner},
      target_{std::move(start.target)},
      throttle_{context, std::move(start.address),
                [this] {
                  channel_->resume_reading();
                  channel_->schedule_pump();
                }},
      early_bytes_{std::move(start.early_bytes)} {
  ChannelEvents& events = *this;
  channel_ = std::make_shared<WebSocketChannel>(context, events, std::move(start.transport),
                                                std::move(start.peer));
  ++context_.counters.relays_open;
  ++context_.counters.relays_total;
}

Relay::~Relay() {
  --context_.counters.relays_open;
}

void Relay::start() {
  spdlog::info("relay open peer={} to={} port={}", channel_->peer(), target_.host, target_.port);
  StreamHost& host = *this;
  stream_ = std::make_shared<TcpStream>(host, 0);
  stream_->dial(target_.host, target_.port, target_.trust);
  channel_->start(std::exchange(early_bytes_, {}));
}

void Relay::refuse(CloseCode code, std::string_view why) {
  close(code, why);
  channel_->start({});
}

void Relay::finish_up() {
  if (!stream_) close(CloseCode::going_away, "the proxy is stopping");
}

// StreamHost.

void Relay::commit_data(std::uint32_t, std::size_t size) {
  throttle_.spend_bytes(size);
  outbox().close_as_message(size);
}

void Relay::want_turn(Stream&) {
  if (!channel_->is_open()) return;
  wants_turn_ = true;
  channel_->schedule_pump();
}

void Relay::send(std::uint32_t, const wisp::Body&) {}  // raw bytes have no packets

void Relay::end(Stream&, wisp::Failure failure, std::string_view text, wisp::CloseReason) {
  stream_.reset();
  if (failure == wisp::Failure::none) {
    close(CloseCode::normal, "the target closed the connection");
  } else {
    close(failure == wisp::Failure::denied_by_rule ? CloseCode::credentials
                                                   : CloseCode::internal_error,
          text);
  }
}

void Relay::upload_changed(std::ptrdiff_t difference) {
  const bool was_full = !wants_messages();
  upload_bytes_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(upload_bytes_) + difference);
  if (was_full) channel_->resume_reading();
}

bool Relay::adopt(std::uint32_t, TcpSocket) {
  return false;
}  // nothing listens here

// ChannelEvents.

void Relay::on_message(std::span<const std::byte> message) {
  throttle_.spend_bytes(message.size());
  if (const auto stream = stream_) stream->receive(message);
}

bool Relay::fill_outbox() {
  if (!throttle_.may_go()) return false;  // it calls when there is more to be had
  if (std::exchange(wants_turn_, false)) {
    if (const auto stream = stream_) stream->take_turn();
  }
  return wants_turn_;
}

void Relay::on_closing() {
  if (const auto stream = std::exchange(stream_, nullptr)) stream->close(Ending::orderly);
}

void Relay::on_over() {
  owner_.session_over(*this);
}

}  // namespace moonwire::proxy
