// A listener or a bound datagram socket of the machine, published at the proxy. It comes back with
// the tunnel after a loss.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/core.h"
#include "net/socket.h"
#include "net/tunnel.h"
#include "net/tunnel_stream.h"
#include "wisp/credit.h"

namespace moonwire::net {

class TunnelDoorUser {
 public:
  /// Streams: somebody connected. The user takes the stream over.
  virtual void on_incoming(std::unique_ptr<TunnelStream>, const Address& /*local*/,
                           const Address& /*peer*/) {}
  virtual void on_outside_datagram(const Address& /*from*/, std::span<const std::byte>) {}

 protected:
  ~TunnelDoorUser() = default;
};

class TunnelDoor final : private TunnelParty, private TunnelResident {
 public:
  struct Wish {
    SocketType type = SocketType::stream;
    Address address;
    std::size_t backlog = 0;
  };

  TunnelDoor(std::shared_ptr<Core> core, TunnelDoorUser& user, Wish wish);
  ~TunnelDoor();

  /// Where others reach it, or empty.
  const std::string& published() const { return published_; }
  bool is_bound() const { return is_bound_; }
  /// The script accepted a connection that came through here: one more may come.
  void grant_one();
  void send_datagram(const Address& to, std::span<const std::byte> bytes);

 private:
  void on_tunnel_up() override;
  void on_tunnel_open() override {}  // a door joins only while the tunnel is open
  void on_tunnel_lost() override;
  void on_packet(const wisp::Body& body) override;
  void forget();
  Tunnel& tunnel() const { return *core_->tunnel; }

  std::shared_ptr<Core> core_;
  TunnelDoorUser& user_;
  Wish wish_;
  std::uint32_t id_ = 0;
  bool is_bound_ = false;
  std::string published_;
  wisp::ByteWindow window_;
};

}  // namespace moonwire::net
