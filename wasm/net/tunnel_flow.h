// Datagrams between one socket and one address outside: a UDP stream of the tunnel.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net/core.h"
#include "net/tunnel.h"
#include "wisp/credit.h"

namespace moonwire::net {

class TunnelFlowUser {
 public:
  virtual void on_flow_datagram(const Address& from, std::span<const std::byte> bytes) = 0;
  /// The flow told an error, or ended with one. What is sent later begins a new flow.
  virtual void on_flow_error(const Address& peer, NetError error) = 0;

 protected:
  ~TunnelFlowUser() = default;
};

class TunnelFlow final : private TunnelParty {
 public:
  TunnelFlow(std::shared_ptr<Core> core, TunnelFlowUser& user, const Address& peer);
  ~TunnelFlow();

  const Address& peer() const { return peer_; }
  bool is_over() const { return id_ == 0; }
  /// Sends, or drops as a network may.
  void send(std::span<const std::byte> bytes);

 private:
  void on_tunnel_open() override;
  void on_tunnel_lost() override;
  void on_packet(const wisp::Body& body) override;
  Tunnel& tunnel() const { return *core_->tunnel; }

  std::shared_ptr<Core> core_;
  TunnelFlowUser& user_;
  Address peer_;
  std::uint32_t id_ = 0;                         // 0: over
  std::vector<std::vector<std::byte>> waiting_;  // until the tunnel opens
  wisp::Failure failure_ = wisp::Failure::none;
  wisp::ByteWindow window_;
};

}  // namespace moonwire::net
