// One WebSocket of a client: reads frames and joins fragments, writes what is due in one call,
// pings, closes in order. What the messages mean is left to its owner: a Wisp session or a raw
// relay.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/context.h"
#include "proxy/outbox.h"
#include "proxy/transport.h"
#include "proxy/websocket_frame.h"

namespace moonwire::proxy {

/// The channel's owner. None of these is called after on_over().
class ChannelEvents {
 public:
  virtual ~ChannelEvents() = default;
  /// A whole binary message. It lies in shared memory: what is to stay must be copied.
  virtual void on_message(std::span<const std::byte> message) = 0;
  /// False holds up reading, until resume_reading().
  virtual bool wants_messages() = 0;
  /// There is room in the outbox: put in what waits, in turns. True: there is more.
  virtual bool fill_outbox() = 0;
  /// The channel closes, whoever began it: nothing more can be said.
  virtual void on_closing() = 0;
  /// The socket is gone. The owner may let go of the channel.
  virtual void on_over() = 0;
};

class WebSocketChannel final : public std::enable_shared_from_this<WebSocketChannel> {
 public:
  WebSocketChannel(Context& context, ChannelEvents& events, std::unique_ptr<Transport> transport,
                   std::string peer);

  /// `early_bytes` came with the upgrade request.
  void start(std::vector<std::byte> early_bytes);
  /// The server's clock moved on: pings, silence, the end of closing.
  void tick();

  bool is_open() const { return stage_ == Stage::open; }
  Outbox& outbox() { return outbox_; }
  bool has_room() const { return outbox_.pending() < context_.policy.limits.outbox_bytes; }
  /// Something is, or could be put, in the outbox: it goes out at the end of this turn of the loop.
  void schedule_pump();
  void resume_reading() { wait_readable(); }

  /// Says why, waits for the client's answer for a while. Safe to call twice.
  void close(websocket::CloseCode code, std::string_view why);
  /// close() for what the client did wrong, counted.
  void close_malformed(websocket::CloseCode code, std::string_view why);
  /// Without another word.
  void abort();

  const std::string& peer() const { return peer_; }

 private:
  enum class Stage { open, closing, over };

  bool may_read() const;
  void wait_readable();
  void on_readable();
  std::size_t read_frames(std::span<std::byte> bytes);
  void on_frame(const websocket::Frame& frame);
  void on_data_frame(const websocket::Frame& frame);
  void on_close_frame(std::span<const std::byte> payload);

  void pump();
  void flush();
  void wait_writable();
  void finish();

  Context& context_;
  ChannelEvents& events_;
  std::unique_ptr<Transport> transport_;
  const std::string peer_;
  Stage stage_ = Stage::open;
  Outbox outbox_;

  std::vector<std::byte> partial_;  // the start of a frame that has not come whole
  std::size_t wanted_ = 0;          // ... and its whole size
  std::vector<std::byte> message_;  // the fragments of a message so far
  bool in_message_ = false;

  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool pump_scheduled_ = false;
  std::size_t written_since_wait_ = 0;
  Clock::time_point closing_deadline_;
  Clock::time_point last_heard_;
  Clock::time_point last_ping_;
};

}  // namespace moonwire::proxy
