// One tab: one WebSocket that speaks Wisp. Hands packets to streams and lets them put bytes into
// the outbox in turns. A client that breaks the protocol loses this session and nothing else.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "proxy/stream.h"
#include "proxy/throttle.h"
#include "proxy/tunnel_session.h"
#include "proxy/websocket_channel.h"

namespace moonwire::proxy {

enum class WispVersion { v1, v2 };

class Session final : public TunnelSession,
                      public std::enable_shared_from_this<Session>,
                      private StreamHost,
                      private ChannelEvents {
 public:
  struct Start {
    std::unique_ptr<Transport> transport;
    WispVersion version = WispVersion::v2;
    std::string peer;                    ///< for the log
    std::vector<std::byte> early_bytes;  ///< came with the upgrade request
    std::shared_ptr<Meter> address;      ///< what its client address may do
  };
  Session(Context& context, SessionOwner& owner, Start start);
  ~Session() override;

  void start() override;
  void refuse(websocket::CloseCode code, std::string_view why) override;
  void tick() override;
  void close(websocket::CloseCode code, std::string_view why) override {
    channel_->close(code, why);
  }
  void finish_up() override;
  void abort() override { channel_->abort(); }

 private:
  enum class Phase { handshake, running };

  // StreamHost
  Context& context() override { return context_; }
  const Terms& terms() const override { return terms_; }
  Outbox& outbox() override { return channel_->outbox(); }
  std::size_t turn_bytes() const override {
    return turns_since_little_ < sharing_turns ? shared_turn_bytes : whole_turn_bytes;
  }
  void commit_data(std::uint32_t stream, std::size_t size) override;
  bool take_datagram(std::size_t size) override;
  void outbox_filled() override { channel_->schedule_pump(); }
  void want_turn(Stream& stream) override;
  void send(std::uint32_t stream, const wisp::Body& body) override;
  void end(Stream& stream, wisp::Failure failure, std::string_view text,
           wisp::CloseReason reason) override;
  void upload_changed(std::ptrdiff_t difference) override;
  bool adopt(std::uint32_t listener, TcpSocket socket) override;
  void dial_over() override { --dials_; }

  // ChannelEvents
  void on_message(std::span<const std::byte> message) override;
  bool wants_messages() override {
    return upload_bytes_ <= context_.policy.limits.upload_bytes && throttle_.may_go();
  }
  bool fill_outbox() override;
  void on_closing() override;
  void on_over() override;

  // Packets.
  void say_hello();
  void on_first_packet(const wisp::Packet& packet);
  bool check_password(const wisp::Info& info);
  void begin_running();
  void on_packet(const wisp::Packet& packet);
  void on_connect(std::uint32_t id, const wisp::Connect& connect);
  void on_bind(std::uint32_t id, const wisp::Bind& bind);
  void on_client_close(std::uint32_t id, wisp::CloseReason reason);
  void on_resolve(std::uint32_t id, const wisp::Resolve& resolve);
  Task<void> run_resolve(std::shared_ptr<Session> self, std::uint32_t id, wisp::Question question,
                         wisp::Family family, std::string text);
  void answer(std::uint32_t id, const Resolution& found);
  bool may_open(std::uint32_t id);
  void refuse_stream(std::uint32_t id, wisp::Failure failure, std::string_view text);
  std::shared_ptr<Stream> find_stream(std::uint32_t id);
  void malformed(std::string_view why);
  void close_if_finished();

  Context& context_;
  SessionOwner& owner_;
  const WispVersion version_;
  Phase phase_ = Phase::handshake;
  Terms terms_;
  std::shared_ptr<WebSocketChannel> channel_;
  Throttle throttle_;
  std::vector<std::byte> early_bytes_;

  std::unordered_map<std::uint32_t, std::shared_ptr<Stream>> streams_;
  std::unordered_set<std::uint32_t> questions_;  // RESOLVEs without an answer yet
  // Who wants a turn: those that bring little go first, each once a round, so that nobody starves.
  std::deque<std::shared_ptr<Stream>> little_turns_;
  std::deque<std::shared_ptr<Stream>> turns_;
  unsigned turns_since_little_ = sharing_turns;  // since an interactive stream had its turn
  std::size_t dials_ = 0;
  std::size_t upload_bytes_ = 0;
  std::uint32_t next_own_id_;
  bool finishes_up_ = false;    // the proxy stops
  Clock::time_point deadline_;  // of the handshake
};

}  // namespace moonwire::proxy
