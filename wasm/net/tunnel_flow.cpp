// One UDP stream of the tunnel.
#include "net/tunnel_flow.h"

#include <utility>

#include "net/tunnel_words.h"
#include "wisp/limits.h"

namespace moonwire::net {

TunnelFlow::TunnelFlow(std::shared_ptr<Core> core, TunnelFlowUser& user, const Address& peer)
    : core_(std::move(core)),
      user_(user),
      peer_(peer),
      window_(std::uint32_t(core_->limits.tunnel_stream_bytes)) {
  id_ = tunnel().join(*this);
  if (tunnel().is_open()) on_tunnel_open();
}

TunnelFlow::~TunnelFlow() {
  if (id_ == 0) return;
  tunnel().leave(id_);
  if (tunnel().is_open()) tunnel().send(id_, wisp::Close{wisp::CloseReason::voluntary});
}

void TunnelFlow::on_tunnel_open() {
  const std::string host = tunnel().host_for(peer_);
  tunnel().send(id_, wisp::Connect{wisp::StreamKind::udp, peer_.port, host});
  for (const auto& bytes : std::exchange(waiting_, {})) tunnel().send(id_, wisp::Data{bytes});
}

void TunnelFlow::on_tunnel_lost() {
  id_ = 0;
  user_.on_flow_error(peer_, NetError::network_unreachable);
}

void TunnelFlow::send(std::span<const std::byte> bytes) {
  if (id_ == 0) return;
  if (tunnel().is_open()) {
    if (tunnel().has_room()) tunnel().send(id_, wisp::Data{bytes});
  } else if (waiting_.size() < datagrams_waiting_max) {
    waiting_.emplace_back(bytes.begin(), bytes.end());
  }
}

void TunnelFlow::on_packet(const wisp::Body& body) {
  if (const auto* data = std::get_if<wisp::Data>(&body)) {
    if (tunnel().agreement().has_sockets) {
      const std::size_t cost = data->payload.size() + wisp::datagram_cost;
      if (const std::uint32_t grant = window_.consume(std::uint32_t(cost)); grant > 0) {
        tunnel().send(id_, wisp::Credit{grant});
      }
    }
    user_.on_flow_datagram(peer_, data->payload);
  } else if (const auto* report = std::get_if<wisp::FailureReport>(&body)) {
    failure_ = report->failure;
    user_.on_flow_error(peer_, error_for(report->failure));
  } else if (const auto* closed = std::get_if<wisp::Close>(&body)) {
    tunnel().leave(std::exchange(id_, 0u));
    if (failure_ == wisp::Failure::none && ending_for(closed->reason) != NetError::none) {
      user_.on_flow_error(peer_, connect_error_for(closed->reason));
    }
  }
}

}  // namespace moonwire::net
