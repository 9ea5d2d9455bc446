// The way out that the modem's own sockets take (AT+CIPSTART, AT+SSLCREATE): what whoever builds a
// module has to offer, and what it tells back. The modem knows no network of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace moonwire::modem {

/// A socket of the AT engine: 0 to 7 are CIP's ids, 8 to 15 the SSL ones. An id is used again only
/// after close() of the one before.
using SocketId = std::uint8_t;

enum class Protocol : std::uint8_t { tcp, udp, ssl };

/// Why an open() came to nothing.
enum class OpenFailure : std::uint8_t {
  refused,
  unreachable,
  timed_out,
  unknown_name,
  unsupported,  // this carrier has no SSL
};

/// What a carrier tells the modem, at any time but never from inside one of its own functions.
/// Nothing about an id may come after close() of it.
class CarrierEvents {
 public:
  virtual void on_opened(SocketId id) = 0;
  virtual void on_open_failed(SocketId id, OpenFailure why) = 0;
  /// Bytes (for UDP: a datagram) may be fetched with receive().
  virtual void on_readable(SocketId id) = 0;
  /// send() took less than it was given, and would take more now.
  virtual void on_writable(SocketId id) = 0;
  /// The peer has closed or reset it; what is unread may still be fetched. close() follows.
  virtual void on_closed(SocketId id) = 0;

 protected:
  ~CarrierEvents() = default;
};

/// Opens and carries the modem's sockets. Every call returns at once.
class Carrier {
 public:
  /// Exactly one on_opened or on_open_failed follows, unless close() comes first; close() follows
  /// the latter, too. `host` is a name or an address. `verify`: SSL only, the server's certificate
  /// has to hold.
  virtual void open(SocketId id, Protocol protocol, std::string_view host, std::uint16_t port,
                    bool verify) = 0;
  /// How many of the bytes were taken; when not all, on_writable follows. A UDP datagram is taken
  /// whole or not at all.
  virtual std::size_t send(SocketId id, std::span<const std::byte> bytes) = 0;
  /// Fills the front of `room` and says how much; 0: nothing there now. For UDP one datagram, the
  /// rest of which is lost when it is longer than the room.
  virtual std::size_t receive(SocketId id, std::span<std::byte> room) = 0;
  /// Bytes that wait to be received, as far as is known; for the panel.
  virtual std::size_t unread(SocketId id) const = 0;
  /// Forgets the socket, connected or not.
  virtual void close(SocketId id) = 0;

 protected:
  ~Carrier() = default;
};

}  // namespace moonwire::modem
