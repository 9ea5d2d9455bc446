// One socket with the calls and the results of POSIX's non-blocking sockets on Linux; whether its
// bytes go through loopback or the tunnel is inside. Nothing here waits: a caller that must wait
// watches it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "net/address.h"
#include "net/net_error.h"
#include "net/readiness.h"

namespace moonwire::net {

enum class SocketType : std::uint8_t { stream, datagram };
enum class Direction : std::uint8_t { receive, send, both };

/// What moved. `count` 0 with no error on a stream's receive is the peer's FIN.
struct Transfer {
  std::size_t count = 0;
  NetError error = NetError::none;
};

/// Options with an integer or truth value; the dialect has checked types, the socket checks ranges.
enum class Option : std::uint8_t {
  reuse_address,
  reuse_port,
  keep_alive,
  no_delay,
  keep_idle,       // seconds, 1..32767
  keep_count,      // 1..127
  keep_interval,   // seconds, 1..32767
  receive_buffer,  // bytes; stored doubled, floor 2304
  send_buffer,     // bytes; stored doubled, floor 4608
  v6_only,
  defer_accept,
  fast_open,
  fast_open_connect,
  dont_route,
  broadcast,
  multicast_loop,
  multicast_ttl,
  unicast_hops,
};

struct Linger {
  bool on = false;
  int seconds = 0;
};

class Socket : public Pollable {
 public:
  virtual Family family() const = 0;
  virtual SocketType type() const = 0;

  virtual NetError bind(const Address& address) = 0;
  virtual NetError listen(int backlog) = 0;
  /// The oldest connection that waits, or null and would_block / invalid_argument.
  virtual std::shared_ptr<Socket> accept(NetError& error) = 0;
  /// Streams: always begins and answers in_progress first (or the error that is known without
  /// asking anybody); when decided the socket becomes ready: writable on success, readable and
  /// writable on failure. Called again: already_in_progress, none (once, after success),
  /// already_connected, or the failure (once). Datagrams: sets the peer, none at once;
  /// Family::unspecified dissolves it.
  virtual NetError connect(const Address& peer) = 0;

  virtual Transfer send(std::span<const std::byte> bytes) = 0;
  virtual Transfer receive(std::span<std::byte> into) = 0;
  virtual Transfer send_to(std::span<const std::byte> bytes, const Address& to) = 0;
  /// One datagram; what does not fit is lost. Streams answer as receive().
  virtual Transfer receive_from(std::span<std::byte> into, Address& from) = 0;
  /// Length of the datagram that waits, or nothing.
  virtual std::optional<std::size_t> pending_datagram() const = 0;
  /// How many bytes of a stream wait: a hint for making room, since a fault may hold some back.
  virtual std::size_t unread() const { return 0; }

  virtual NetError shutdown(Direction direction) = 0;
  /// Frees address and port at once. Unread data, or linger {on, 0}, makes it a reset. Idempotent;
  /// later calls say bad_descriptor.
  virtual void close() = 0;

  virtual NetError local_address(Address& address) const = 0;
  virtual NetError peer_address(Address& address) const = 0;

  /// The pending asynchronous error (SO_ERROR); reading clears it.
  virtual NetError take_error() = 0;
  virtual NetError set_option(Option option, int value) = 0;
  virtual NetError get_option(Option option, int& value) const = 0;
  virtual NetError set_linger(Linger linger) = 0;
  virtual Linger linger() const = 0;
  /// Joins or leaves a multicast group inside the machine.
  virtual NetError set_membership(const Address& group, const Address& interface, bool member) = 0;
};

}  // namespace moonwire::net
