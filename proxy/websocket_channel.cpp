// Bytes to messages, and the outbox to bytes.
#include "proxy/websocket_channel.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

using websocket::CloseCode;
using websocket::Opcode;

// Reads of one client before others get their turn.
constexpr int reads_per_turn = 4;

}  // namespace

WebSocketChannel::WebSocketChannel(Context& context, ChannelEvents& events,
                                   std::unique_ptr<Transport> transport, std::string peer)
    : context_{context},
      events_{events},
      transport_{std::move(transport)},
      peer_{std::move(peer)},
      outbox_{context.blocks},
      last_heard_{context.now},
      last_ping_{context.now} {}

void WebSocketChannel::start(std::vector<std::byte> early_bytes) {
  if (!early_bytes.empty()) {
    const std::size_t used = read_frames(early_bytes);
    partial_.assign(early_bytes.begin() + static_cast<std::ptrdiff_t>(used), early_bytes.end());
  }
  wait_readable();
}

// Reading.

bool WebSocketChannel::may_read() const {
  const Limits& limits = context_.policy.limits;
  if (stage_ == Stage::closing) return true;  // for the client's close frame
  return stage_ == Stage::open && events_.wants_messages() &&
         outbox_.pending() <= limits.outbox_bytes + limits.control_bytes;
}

void WebSocketChannel::wait_readable() {
  if (waits_readable_ || !may_read()) return;
  waits_readable_ = true;
  auto ready = [this, self = shared_from_this()](error_code error) {
    waits_readable_ = false;
    if (stage_ == Stage::over) return;
    if (error) {
      abort();
    } else {
      on_readable();
    }
  };
  if (transport_->has_buffered()) {
    asio::post(context_.executor, [ready = std::move(ready)]() mutable { ready({}); });
  } else {
    transport_->socket().async_wait(TcpSocket::wait_read, std::move(ready));
  }
}

void WebSocketChannel::on_readable() {
  for (int i = 0; i < reads_per_turn && may_read(); ++i) {
    // A frame larger than the scratch buffer is collected in place; anything else continues behind
    // what was left.
    const bool is_large = wanted_ > scratch_bytes;
    const std::size_t kept = partial_.size();
    std::span<std::byte> room{context_.scratch.get(), scratch_bytes};
    if (is_large) {
      partial_.resize(wanted_);
      room = partial_;
    } else {
      std::ranges::copy(partial_, room.begin());
    }
    const IoResult got = transport_->read(room.subspan(kept));
    if (got.kind != IoResult::Kind::done) {
      if (is_large) partial_.resize(kept);
      if (got.kind == IoResult::Kind::ended || got.kind == IoResult::Kind::broken) {
        abort();
        return;
      }
      break;
    }
    last_heard_ = context_.now;
    const std::size_t filled = kept + got.bytes;
    if (is_large && filled < wanted_) {
      partial_.resize(filled);
      continue;
    }
    const std::size_t used = read_frames(room.first(filled));
    if (stage_ == Stage::over) return;
    // Into a new vector, since what is left may lie in the old one; an empty one holds no memory.
    std::vector<std::byte>{room.begin() + static_cast<std::ptrdiff_t>(used),
                           room.begin() + static_cast<std::ptrdiff_t>(filled)}
        .swap(partial_);
    const bool is_drained = filled < room.size() && !transport_->has_buffered();
    if (is_drained) break;
  }
  wait_readable();
}

std::size_t WebSocketChannel::read_frames(std::span<std::byte> bytes) {
  std::size_t used = 0;
  wanted_ = 0;
  while (used < bytes.size() && stage_ != Stage::over) {
    auto read = websocket::read_frame(bytes.subspan(used), wisp::max_packet_bytes);
    if (const auto* incomplete = std::get_if<websocket::Incomplete>(&read)) {
      wanted_ = incomplete->total_bytes;
      break;
    }
    if (const auto* violation = std::get_if<websocket::Violation>(&read)) {
      close_malformed(violation->code, violation->why);
      return bytes.size();
    }
    const auto& frame = std::get<websocket::Frame>(read);
    used += frame.total_bytes;
    on_frame(frame);
  }
  return used;
}

void WebSocketChannel::on_frame(const websocket::Frame& frame) {
  switch (frame.opcode) {
    case Opcode::pong: return;
    case Opcode::close: on_close_frame(frame.payload); return;
    case Opcode::ping:
      if (stage_ != Stage::open) return;
      outbox_.push_frame(Opcode::pong, frame.payload);
      schedule_pump();
      return;
    case Opcode::text:
      close_malformed(CloseCode::unsupported, "only binary messages are understood here");
      return;
    case Opcode::binary:
    case Opcode::continuation:
      // What a client sends while we wait for its close frame means nothing any more.
      if (stage_ == Stage::open) on_data_frame(frame);
      return;
  }
}

void WebSocketChannel::on_data_frame(const websocket::Frame& frame) {
  if ((frame.opcode == Opcode::continuation) != in_message_) {
    close_malformed(CloseCode::protocol_error, "a fragment out of order");
    return;
  }
  if (frame.is_final && !in_message_) {
    events_.on_message(frame.payload);
    return;
  }
  if (message_.size() + frame.payload.size() > wisp::max_packet_bytes) {
    close_malformed(CloseCode::too_big, "message too big");
    return;
  }
  message_.insert(message_.end(), frame.payload.begin(), frame.payload.end());
  in_message_ = !frame.is_final;
  if (in_message_) return;
  const auto message = std::exchange(message_, {});
  events_.on_message(message);
}

void WebSocketChannel::on_close_frame(std::span<const std::byte> payload) {
  if (stage_ == Stage::closing) {  // the answer to ours
    finish();
    return;
  }
  const auto code = websocket::read_close(payload);
  close(code ? (*code == CloseCode::no_status ? CloseCode::normal : *code)
             : CloseCode::protocol_error,
        {});
  flush();
  if (stage_ != Stage::over) transport_->shut();
}

// Writing.

void WebSocketChannel::schedule_pump() {
  if (pump_scheduled_ || waits_writable_ || stage_ == Stage::over) return;
  pump_scheduled_ = true;
  asio::post(context_.executor, [this, self = shared_from_this()] {
    pump_scheduled_ = false;
    pump();
  });
}

void WebSocketChannel::pump() {
  if (stage_ == Stage::over || waits_writable_) return;
  pump_scheduled_ = true;  // what fills the outbox now goes out with this flush
  // Without room nobody is asked; who waits is asked again once it went out.
  const bool has_more = stage_ == Stage::open && (!has_room() || events_.fill_outbox());
  pump_scheduled_ = false;
  flush();
  // What did not fit goes on in a turn of its own, so that other clients get theirs.
  if (has_more && stage_ == Stage::open && has_room()) schedule_pump();
}

void WebSocketChannel::flush() {
  std::array<iovec, 64> pieces{};
  while (!outbox_.is_empty() && stage_ != Stage::over) {
    if (written_since_wait_ >= static_cast<std::size_t>(unsent_bytes)) {
      wait_writable();  // the kernel says so when little of it is left: more would only queue there
      return;
    }
    const IoResult put = transport_->write({pieces.data(), outbox_.gather(pieces)});
    if (put.kind == IoResult::Kind::done) {
      outbox_.consume(put.bytes);
      written_since_wait_ += put.bytes;
    } else if (put.kind == IoResult::Kind::wants_write || put.kind == IoResult::Kind::wants_read) {
      wait_writable();
      return;
    } else {
      abort();
      return;
    }
  }
  if (stage_ != Stage::over) wait_readable();
}

void WebSocketChannel::wait_writable() {
  if (waits_writable_) return;
  waits_writable_ = true;
  transport_->socket().async_wait(TcpSocket::wait_write,
                                  [this, self = shared_from_this()](error_code error) {
                                    waits_writable_ = false;
                                    written_since_wait_ = 0;
                                    if (stage_ == Stage::over) return;
                                    if (error) {
                                      abort();
                                    } else {
                                      pump();
                                    }
                                  });
}

// Time and the end.

void WebSocketChannel::tick() {
  const Limits& limits = context_.policy.limits;
  const auto now = context_.now;
  if (stage_ == Stage::closing) {
    if (now >= closing_deadline_) abort();
    return;
  }
  if (stage_ == Stage::over) return;
  if (now - last_heard_ >= limits.silence_time) {
    ++context_.counters.sessions_silent;
    spdlog::info("silent peer={}", peer_);
    abort();
  } else if (now - last_ping_ >= limits.ping_interval) {
    last_ping_ = now;
    outbox_.push_frame(Opcode::ping, {});
    schedule_pump();
  }
}

void WebSocketChannel::close(CloseCode code, std::string_view why) {
  if (stage_ != Stage::open) return;
  spdlog::info("closing peer={} code={} why=\"{}\"", peer_, static_cast<unsigned>(code), why);
  stage_ = Stage::closing;
  closing_deadline_ = context_.now + context_.policy.limits.closing_time;
  const std::string payload = websocket::close_payload(code, why);
  outbox_.push_frame(Opcode::close, std::as_bytes(std::span{payload}));
  events_.on_closing();
  schedule_pump();
}

void WebSocketChannel::close_malformed(CloseCode code, std::string_view why) {
  if (stage_ == Stage::open) ++context_.counters.sessions_malformed;
  close(code, why);
}

void WebSocketChannel::abort() {
  if (stage_ == Stage::open) {
    stage_ = Stage::closing;
    events_.on_closing();
  }
  finish();
}

void WebSocketChannel::finish() {
  if (stage_ == Stage::over) return;
  stage_ = Stage::over;
  spdlog::info("over peer={}", peer_);
  outbox_.clear();
  error_code ignored;
  transport_->socket().close(ignored);
  events_.on_over();
}

}  // namespace moonwire::proxy
