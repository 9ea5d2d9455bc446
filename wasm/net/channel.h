// What a connected stream socket moves its bytes through: the other end in the machine, or a stream
// of the tunnel.
#pragma once

#include <cstddef>
#include <span>

#include "net/address.h"
#include "net/net_error.h"
#include "net/readiness.h"
#include "net/socket.h"

namespace moonwire::net {

/// The socket's side of a channel. Calls come from the other end or from the tunnel, and never
/// destroy the channel.
class ChannelUser {
 public:
  /// Room or bytes have come, or the peer's FIN.
  virtual void on_channel_ready() = 0;
  /// The channel is dead: what was delivered can still be read, then `error` is told once.
  virtual void on_channel_reset(NetError error) = 0;
  /// Only channels that begin by asking somebody (the tunnel's): the connection stands, or does
  /// not.
  virtual void on_channel_open(const Address& local, const Address& peer) = 0;
  virtual void on_channel_failed(NetError error) = 0;

 protected:
  ~ChannelUser() = default;
};

enum class Ending : std::uint8_t { orderly, abortive };

class Channel {
 public:
  virtual ~Channel() = default;  // an orderly close if there was none

  /// Takes what there is room for; would_block when there is none.
  virtual Transfer send(std::span<const std::byte> bytes) = 0;
  /// Count 0 without error is the peer's FIN; would_block when nothing is there yet.
  virtual Transfer receive(std::span<std::byte> into) = 0;
  virtual Ready ready() const = 0;
  /// How many bytes have come and were not received yet; a fault may still hide some of them.
  virtual std::size_t unread() const = 0;
  /// Whether the peer's FIN has come, read or not.
  virtual bool has_peer_finished() const { return false; }
  /// FIN after all that was sent.
  virtual void finish() = 0;
  virtual void close(Ending ending) = 0;
  /// The socket will not receive any more. Together with finish() bytes that still come are
  /// answered with a reset, as Linux does.
  virtual void stop_receiving() {}
  /// An option that means something on the way; others are ignored.
  virtual void set_option(Option, int) {}
};

}  // namespace moonwire::net
