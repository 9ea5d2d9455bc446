// BIND and what comes of it.
#include "net/tunnel_door.h"

#include <algorithm>
#include <utility>

#include "net/tunnel_words.h"
#include "wisp/limits.h"

namespace moonwire::net {

TunnelDoor::TunnelDoor(std::shared_ptr<Core> core, TunnelDoorUser& user, Wish wish)
    : core_(std::move(core)),
      user_(user),
      wish_(std::move(wish)),
      window_(std::uint32_t(core_->limits.tunnel_stream_bytes)) {
  tunnel().settle(*this);
}

TunnelDoor::~TunnelDoor() {
  tunnel().unsettle(*this);
  if (id_ == 0) return;
  const std::uint32_t id = id_;
  forget();
  tunnel().send(id, wisp::Close{wisp::CloseReason::voluntary});
}

void TunnelDoor::on_tunnel_up() {
  const Tunnel::Agreement& agreement = tunnel().agreement();
  const bool is_stream = wish_.type == SocketType::stream;
  if (!(is_stream ? agreement.can_publish_tcp : agreement.can_publish_udp)) return;
  id_ = tunnel().join(*this);
  wisp::Bind bind;
  bind.kind = is_stream ? wisp::StreamKind::tcp : wisp::StreamKind::udp;
  bind.flags = wisp::Bind::any_port_will_do | wisp::Bind::reuse_address;
  bind.backlog = std::uint16_t(std::clamp<std::size_t>(wish_.backlog, 1, wisp::max_backlog));
  bind.address = to_wisp(wish_.address);
  tunnel().send(id_, bind);
}

void TunnelDoor::forget() {
  if (id_ != 0) tunnel().leave(std::exchange(id_, 0u));
  is_bound_ = false;
  published_.clear();
}

void TunnelDoor::on_tunnel_lost() {
  id_ = 0;
  forget();
  core_->doors_changed();
}

void TunnelDoor::on_packet(const wisp::Body& body) {
  if (const auto* bound = std::get_if<wisp::Bound>(&body)) {
    is_bound_ = true;
    const wisp::Address& shown = bound->published.empty() ? bound->local : bound->published.front();
    published_ = from_wisp(shown).text();
    core_->doors_changed();
  } else if (const auto* accepted = std::get_if<wisp::Accepted>(&body)) {
    if (!is_bound_ || wish_.type != SocketType::stream) return;
    if (accepted->stream < wisp::first_server_stream || !tunnel().is_free(accepted->stream)) return;
    user_.on_incoming(TunnelStream::accepted(core_, *accepted), from_wisp(accepted->local),
                      from_wisp(accepted->peer));
  } else if (const auto* datagram = std::get_if<wisp::Datagram>(&body)) {
    const std::size_t cost = datagram->payload.size() + wisp::datagram_cost;
    if (const std::uint32_t grant = window_.consume(std::uint32_t(cost)); grant > 0) {
      tunnel().send(id_, wisp::Credit{grant});
    }
    user_.on_outside_datagram(from_wisp(datagram->address), datagram->payload);
  } else if (std::holds_alternative<wisp::Close>(body)) {
    // Not published: a rule forbids it, or a limit. The loopback side of the door stays.
    forget();
    core_->doors_changed();
  }
}

void TunnelDoor::grant_one() {
  if (id_ != 0) tunnel().send(id_, wisp::Credit{1});
}

void TunnelDoor::send_datagram(const Address& to, std::span<const std::byte> bytes) {
  if (id_ != 0 && tunnel().has_room()) tunnel().send(id_, wisp::Datagram{to_wisp(to), bytes});
}

}  // namespace moonwire::net
