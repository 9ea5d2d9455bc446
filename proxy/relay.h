// A raw relay: one WebSocket, one TCP connection, bytes as binary messages. What websockify's and
// wsproxy's clients speak.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/stream.h"
#include "proxy/tcp_stream.h"
#include "proxy/throttle.h"
#include "proxy/tunnel_session.h"
#include "proxy/websocket_channel.h"

namespace moonwire::proxy {

class Relay final : public TunnelSession, private StreamHost, private ChannelEvents {
 public:
  struct Start {
    std::unique_ptr<Transport> transport;
    RelayTarget target;
    std::string peer;
    std::vector<std::byte> early_bytes;
    std::shared_ptr<Meter> address;  ///< what its client address may do
  };
  Relay(Context& context, SessionOwner& owner, Start start);
  ~Relay() override;

  void start() override;
  void refuse(websocket::CloseCode code, std::string_view why) override;
  void tick() override { channel_->tick(); }
  void close(websocket::CloseCode code, std::string_view why) override {
    channel_->close(code, why);
  }
  void finish_up() override;
  void abort() override { channel_->abort(); }

 private:
  // StreamHost
  Context& context() override { return context_; }
  const Terms& terms() const override { return terms_; }
  Outbox& outbox() override { return channel_->outbox(); }
  std::size_t turn_bytes() const override { return whole_turn_bytes; }
  void commit_data(std::uint32_t stream, std::size_t size) override;
  bool take_datagram(std::size_t) override { return false; }  // TCP alone
  void outbox_filled() override { channel_->schedule_pump(); }
  void want_turn(Stream& stream) override;
  void send(std::uint32_t stream, const wisp::Body& body) override;
  void end(Stream& stream, wisp::Failure failure, std::string_view text,
           wisp::CloseReason reason) override;
  void upload_changed(std::ptrdiff_t difference) override;
  bool adopt(std::uint32_t listener, TcpSocket socket) override;
  void dial_over() override {}

  // ChannelEvents
  void on_message(std::span<const std::byte> message) override;
  bool wants_messages() override {
    return upload_bytes_ <= context_.policy.limits.relay_upload_bytes && throttle_.may_go();
  }
  bool fill_outbox() override;
  void on_closing() override;
  void on_over() override;

  Context& context_;
  SessionOwner& owner_;
  RelayTarget target_;
  Terms terms_{.counts_packets = false};
  std::shared_ptr<WebSocketChannel> channel_;
  Throttle throttle_;
  std::shared_ptr<TcpStream> stream_;
  std::vector<std::byte> early_bytes_;
  std::size_t upload_bytes_ = 0;
  bool wants_turn_ = false;
};

}  // namespace moonwire::proxy
