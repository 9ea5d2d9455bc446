// One connection over one WebSocket.
#include "net/websockify_stream.h"

#include <algorithm>
#include <utility>

namespace moonwire::net {
namespace {

constexpr std::uint16_t normal_closure = 1000;

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::string websockify_url(std::string target, const std::string& host, std::uint16_t port) {
  // websockify:// is ws://, websockifys:// is wss://.
  constexpr std::string_view name = "websockify";
  if (target.starts_with(name)) target.replace(0, name.size(), "ws");
  const bool has_query = target.find('?') != std::string::npos;
  if (!has_query) {
    if (target.find('/', target.find("://") + 3) == std::string::npos) target += '/';
    target += "?token={host}:{port}";
  }
  replace_all(target, "{host}", host);
  replace_all(target, "{port}", std::to_string(port));
  return target;
}

WebsockifyStream::WebsockifyStream(std::shared_ptr<Core> core, ChannelUser& user,
                                   const Address& peer)
    : core_(std::move(core)),
      user_(user),
      peer_(peer),
      inbound_(core_->buffers, core_->limits.tunnel_stream_hard_bytes) {}

std::unique_ptr<WebsockifyStream> WebsockifyStream::dial(const std::shared_ptr<Core>& core,
                                                         ChannelUser& user, const Address& to,
                                                         const std::string& target) {
  std::unique_ptr<WebsockifyStream> stream(new WebsockifyStream(core, user, to));
  const std::string host = core->tunnel->host_for(to);
  stream->pipe_ = core->tunnel->open_pipe(*stream, websockify_url(target, host, to.port));
  return stream;
}

WebsockifyStream::~WebsockifyStream() {
  close(Ending::orderly);
  core_->buffered_bytes -= inbound_.size();
}

void WebsockifyStream::on_pipe_open() {
  if (stage_ != Stage::opening) return;
  stage_ = Stage::open;
  user_.on_channel_open({}, {});
}

void WebsockifyStream::on_pipe_message(std::span<const std::byte> message) {
  if (stage_ != Stage::open) return;
  if (message.size() > inbound_.room()) {
    tunnel().close_pipe(std::exchange(pipe_, PipeId{0}));
    stage_ = Stage::dead;
    user_.on_channel_reset(NetError::connection_reset);
    return;
  }
  inbound_.write(message);
  core_->buffered_bytes += message.size();
  if (core_->wire.is_recording()) core_->wire.add(WireKind::data, peer_, {}, message);
  user_.on_channel_ready();
}

void WebsockifyStream::on_pipe_room() {
  user_.on_channel_ready();
}

void WebsockifyStream::on_pipe_closed(std::uint16_t code) {
  pipe_ = 0;
  const Stage was = std::exchange(stage_, Stage::dead);
  if (was == Stage::opening) {
    user_.on_channel_failed(NetError::network_unreachable);
  } else if (was == Stage::open && code == normal_closure) {
    stage_ = Stage::ended;
    user_.on_channel_ready();
  } else if (was == Stage::open) {
    user_.on_channel_reset(NetError::connection_reset);
  }
}

Transfer WebsockifyStream::send(std::span<const std::byte> bytes) {
  if (stage_ == Stage::dead || has_finished_) return {0, NetError::broken_pipe};
  if (stage_ == Stage::opening) return {0, NetError::would_block};
  if (bytes.empty()) return {};
  if (stage_ == Stage::ended) {
    stage_ = Stage::dead;
    user_.on_channel_reset(NetError::broken_pipe);
    return {bytes.size(), NetError::none};
  }
  std::size_t sent = 0;
  while (sent < bytes.size() && tunnel().pipe_has_room(pipe_)) {
    const std::size_t count = std::min(bytes.size() - sent, websockify_message_bytes_max);
    tunnel().send_on_pipe(pipe_, bytes.subspan(sent, count));
    sent += count;
  }
  if (sent == 0) return {0, NetError::would_block};
  return {sent, NetError::none};
}

Transfer WebsockifyStream::receive(std::span<std::byte> into) {
  if (inbound_.size() == 0) {
    if (stage_ == Stage::ended) return {};
    return {0, NetError::would_block};
  }
  const std::size_t count = inbound_.read(into);
  core_->buffered_bytes -= count;
  return {count, NetError::none};
}

Ready WebsockifyStream::ready() const {
  Ready ready = Ready::nothing;
  if (stage_ == Stage::opening) return ready;
  if (inbound_.size() > 0 || stage_ != Stage::open) ready = ready | Ready::readable;
  if (stage_ != Stage::open || has_finished_ || tunnel().pipe_has_room(pipe_)) {
    ready = ready | Ready::writable;
  }
  return ready;
}

void WebsockifyStream::close(Ending) {
  stage_ = Stage::dead;
  if (pipe_ != 0) tunnel().close_pipe(std::exchange(pipe_, PipeId{0}));
}

}  // namespace moonwire::net
