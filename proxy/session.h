// One tab: one WebSocket that speaks Wisp. Reads frames, hands packets to streams, lets them put
// bytes into the outbox in turns, and writes what is due in one call. A client that breaks the
// protocol loses this session and nothing else.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "proxy/stream.h"
#include "proxy/transport.h"
#include "proxy/websocket_frame.h"

namespace moonwire::proxy {

class Session;

/// The server as a session sees it.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual void session_over(Session& session) = 0;
};

enum class WispVersion { v1, v2 };

class Session final : public std::enable_shared_from_this<Session>, private StreamHost {
 public:
  struct Start {
    std::unique_ptr<Transport> transport;
    WispVersion version = WispVersion::v2;
    std::string peer;                    ///< for the log
    std::vector<std::byte> early_bytes;  ///< came with the upgrade request
  };
  Session(Context& context, SessionOwner& owner, Start start);
  ~Session() override;

  void start();
  /// Instead of start(): the WebSocket is open only to be told why not.
  void refuse(websocket::CloseCode code, std::string_view why);
  /// The server's clock moved on: pings, deadlines.
  void tick();
  /// Says why and closes; streams end. Safe to call twice.
  void close(websocket::CloseCode code, std::string_view why);
  /// Without another word.
  void abort();

  std::size_t stream_count() const { return streams_.size(); }
  const std::string& peer() const { return peer_; }

 private:
  enum class Phase { handshake, running, closing, over };

  // StreamHost
  Context& context() override { return context_; }
  const Terms& terms() const override { return terms_; }
  Outbox& outbox() override { return outbox_; }
  void outbox_filled() override { schedule_pump(); }
  void want_turn(Stream& stream) override;
  void send(std::uint32_t stream, const wisp::Body& body) override;
  void end(Stream& stream, wisp::Failure failure, std::string_view text,
           wisp::CloseReason reason) override;
  void upload_changed(std::ptrdiff_t difference) override;
  bool adopt(std::uint32_t listener, TcpSocket socket) override;
  void dial_over() override { --dials_; }

  // Reading.
  void wait_readable();
  void on_readable();
  bool may_read() const;
  std::size_t read_frames(std::span<std::byte> bytes);
  void on_frame(const websocket::Frame& frame);
  void on_message(std::span<const std::byte> message);
  void on_close_frame(std::span<const std::byte> payload);

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
  void refuse(std::uint32_t id, wisp::Failure failure, std::string_view text);
  std::shared_ptr<Stream> find_stream(std::uint32_t id);
  void malformed(std::string_view why);

  // Writing.
  void schedule_pump();
  void pump();
  void take_turns();
  void flush();
  void wait_writable();

  void drop_streams(Ending ending);
  void finish();

  Context& context_;
  SessionOwner& owner_;
  std::unique_ptr<Transport> transport_;
  const WispVersion version_;
  const std::string peer_;
  Phase phase_ = Phase::handshake;
  Terms terms_;
  Outbox outbox_;

  std::unordered_map<std::uint32_t, std::shared_ptr<Stream>> streams_;
  std::unordered_set<std::uint32_t> questions_;  // RESOLVEs without an answer yet
  std::deque<std::shared_ptr<Stream>> turns_;
  std::size_t dials_ = 0;
  std::size_t upload_bytes_ = 0;
  std::uint32_t next_own_id_;

  std::vector<std::byte> partial_;  // the start of a frame that has not come whole
  std::size_t wanted_ = 0;          // ... and its whole size
  std::vector<std::byte> message_;  // the fragments of a message so far
  bool in_message_ = false;

  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool pump_scheduled_ = false;
  std::size_t written_since_wait_ = 0;
  Clock::time_point deadline_;  // of the handshake or of closing
  Clock::time_point last_heard_;
  Clock::time_point last_ping_;
};

}  // namespace moonwire::proxy
