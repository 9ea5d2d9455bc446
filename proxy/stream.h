// One stream of a session: what the session tells it, and what it may ask of the session
// (StreamHost). TCP, UDP and listeners are its kinds.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "proxy/context.h"
#include "proxy/outbox.h"
#include "proxy/relay_target.h"
#include "wisp/packet.h"

namespace moonwire::proxy {

class Stream;

/// What a session and its client agreed on.
struct Terms {
  bool has_sockets = false;  ///< our extension
  bool has_udp = true;
  bool confirms_open = false;  ///< Wisp's own extension 5
  bool counts_packets = true;  ///< CONTINUE is spoken; a raw relay leaves it to TCP
  std::uint32_t window = 0;    ///< with sockets: the credit a stream starts with, towards the tab
};

/// The session as a stream sees it.
class StreamHost {
 public:
  virtual ~StreamHost() = default;
  virtual Context& context() = 0;
  virtual const Terms& terms() const = 0;
  /// Where payloads are put; call outbox_filled() when something was.
  virtual Outbox& outbox() = 0;
  /// How much a stream may read in the turn that it has now.
  virtual std::size_t turn_bytes() const = 0;
  /// The open room's first `size` bytes came from this stream.
  virtual void commit_data(std::uint32_t stream, std::size_t size) = 0;
  virtual void outbox_filled() = 0;
  /// A datagram of so many bytes would pass, in either direction. False: over the rate, drop it.
  virtual bool take_datagram(std::size_t size) = 0;
  /// Has something to read: take_turn() will be called when it is this stream's turn and there is
  /// room.
  virtual void want_turn(Stream& stream) = 0;
  virtual void send(std::uint32_t stream, const wisp::Body& body) = 0;
  /// FAILURE (with sockets) and CLOSE, and the stream is forgotten. It must have closed its socket
  /// itself.
  virtual void end(Stream& stream, wisp::Failure failure, std::string_view text,
                   wisp::CloseReason reason) = 0;
  /// Bytes that wait for sockets grew or shrank.
  virtual void upload_changed(std::ptrdiff_t difference) = 0;
  /// A listener's new connection becomes a stream of this session. False: no room, the socket is
  /// closed.
  virtual bool adopt(std::uint32_t listener, TcpSocket socket) = 0;
  /// A dial has come to its end, well or not.
  virtual void dial_over() = 0;
};

/// How a stream is to end when the session says so.
enum class Ending {
  orderly,  ///< what waits still goes out, then FIN
  reset,
};

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(StreamHost& host, std::uint32_t id) : host_{&host}, context_{host.context()}, id_{id} {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::uint32_t id() const { return id_; }

  /// DATA from the client. May end the stream.
  virtual void receive(wisp::Bytes payload) = 0;
  /// DATAGRAM from the client.
  virtual void receive_to(const wisp::Address& address, wisp::Bytes payload);
  /// FINISH from the client.
  virtual void finish() {}
  /// CREDIT from the client.
  virtual void grant(std::uint32_t amount) = 0;
  /// Reads some into the outbox.
  virtual void take_turn() = 0;
  virtual void set_option(const wisp::Option& option) = 0;
  /// Worth waiting for when the proxy stops: a connection, not a listener or a datagram socket.
  virtual bool carries_something() const { return false; }
  /// The client's CLOSE, or the session's end: no call to the host from here on.
  virtual void close(Ending ending) = 0;

  /// In the session's list of those that want a turn.
  bool waits_for_turn = false;
  /// Its last turn brought little: it is let in before those that always have more.
  bool brings_little = true;

 protected:
  bool has_host() const { return host_ != nullptr; }
  StreamHost& host() { return *host_; }
  void leave_host() { host_ = nullptr; }
  Context& context() { return context_; }
  const Limits& limits() const { return context_.policy.limits; }
  /// FAILURE that the stream survives; nothing without the extension.
  void report(wisp::Failure failure, std::string_view text);
  /// Leaves the host with FAILURE and CLOSE. The default reason is the failure's own.
  void end(wisp::Failure failure, std::string_view text);
  void end(wisp::Failure failure, std::string_view text, wisp::CloseReason reason);

 private:
  StreamHost* host_;
  Context& context_;
  std::uint32_t id_;
};

}  // namespace moonwire::proxy
