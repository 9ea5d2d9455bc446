// Datagrams within the machine: to one, to many, or to nobody.
#include "net/datagram_socket.h"

#include <algorithm>
#include <utility>

#include "net/tunnel.h"

namespace moonwire::net {
namespace {

bool is_broadcast(const Address& to) {
  return to.is_broadcast() || (to.family == Family::inet && to.bytes[0] == 127 &&
                               to.bytes[1] == 255 && to.bytes[2] == 255 && to.bytes[3] == 255);
}

}  // namespace

DatagramSocket::DatagramSocket(std::shared_ptr<Core> core, Family family)
    : core_(std::move(core)),
      family_(family),
      owner_(core_->owner),
      options_(family, SocketType::datagram),
      local_(Address::any(family)) {
  claim_.socket = this;
  claim_.is_apart = owner_ >= first_laboratory_owner;
  ++core_->open_sockets;
}

DatagramSocket::~DatagramSocket() {
  close();
}

NetError DatagramSocket::bind(const Address& address) {
  if (!is_open_) return NetError::bad_descriptor;
  if (address.family != family_) {
    return family_ == Family::path ? NetError::invalid_argument : NetError::family_not_supported;
  }
  if (family_ == Family::path) {
    if (has_chosen_address_) return NetError::invalid_argument;
    if (address.path.size() > unix_path_bytes_max) return NetError::path_too_long;
    if (address.path.empty()) return NetError::invalid_argument;
    if (const NetError error = core_->take_path(address.path, *this); error != NetError::none) {
      return error;
    }
    local_ = address;
    has_chosen_address_ = true;
    return NetError::none;
  }
  const Address host = unmapped(address);
  if (!is_local(host) && !host.is_multicast() && !is_broadcast(host)) {
    return NetError::address_not_available;
  }
  if (claim_.is_held()) return NetError::invalid_argument;
  Address name = address;
  if (name.port == 0) name.port = core_->datagram_ports.free_port(core_->random());
  if (name.port == 0 || !core_->datagram_ports.take(claim_, name)) return NetError::address_in_use;
  local_ = name;
  has_chosen_address_ = !name.is_any();
  has_chosen_port_ = address.port != 0;
  if (core_->tunnel && has_chosen_port_ && local_.is_any()) {
    door_ = std::make_unique<TunnelDoor>(core_, *this,
                                         TunnelDoor::Wish{SocketType::datagram, local_, 1});
  }
  core_->doors_changed();
  return NetError::none;
}

NetError DatagramSocket::bind_ephemeral(const Address& host) {
  Address name = has_chosen_address_ ? local_ : host;
  name.port = core_->datagram_ports.free_port(core_->random());
  if (name.port == 0) return NetError::address_not_available;
  core_->datagram_ports.share(claim_, name);
  local_ = name;
  return NetError::none;
}

std::shared_ptr<Socket> DatagramSocket::accept(NetError& error) {
  error = is_open_ ? NetError::not_supported : NetError::bad_descriptor;
  return nullptr;
}

NetError DatagramSocket::connect(const Address& peer) {
  if (!is_open_) return NetError::bad_descriptor;
  if (peer.family == Family::unspecified) {
    if (family_ == Family::path) leave_peer();
    peer_ = {};  // a refusal that nobody has fetched yet stays
    if (family_ == Family::path || !claim_.is_held()) return NetError::none;
    // An explicit bind's address stays, and its port if it was chosen; the rest is forgotten.
    if (!has_chosen_address_) {
      local_.bytes = {};
      if (has_chosen_port_) core_->datagram_ports.share(claim_, local_);
    }
    if (!has_chosen_port_) {
      claim_.release();
      local_.port = 0;
    }
    return NetError::none;
  }
  if (peer.family != family_) {
    return family_ == Family::path ? NetError::invalid_argument : NetError::family_not_supported;
  }
  if (family_ == Family::path) {
    NetError error = NetError::none;
    Socket* const bound = core_->find_path(peer.path, error);
    if (bound == nullptr) return error;
    if (bound->type() != SocketType::datagram) return NetError::wrong_socket_type;
    const auto receiver = static_cast<DatagramSocket*>(bound)->shared_from_this();
    if (!receiver->may_hear(*this)) return NetError::not_permitted;
    if (peer_.family == Family::path && peer_socket_.lock() != receiver) leave_peer();
    peer_ = peer;
    peer_socket_ = receiver;
    return NetError::none;
  }
  const Address to = destination_of(peer);
  if (is_broadcast(to) && !options_.is_on(Option::broadcast)) return NetError::permission_denied;
  const bool is_inside = to.is_loopback() || to.is_multicast() || is_broadcast(to);
  if (!is_inside && !(core_->tunnel && core_->tunnel->is_reachable())) {
    return NetError::network_unreachable;
  }
  const Address host =
      is_inside ? as_seen_by(family_, Address::loopback(to.family)) : Address::any(family_);
  if (!claim_.is_held()) {
    if (const NetError error = bind_ephemeral(host); error != NetError::none) return error;
  } else if (is_inside && local_.is_any()) {
    local_.bytes = host.bytes;
    core_->datagram_ports.share(claim_, local_);
  }
  peer_ = as_seen_by(family_, to);
  return NetError::none;
}

Transfer DatagramSocket::send(std::span<const std::byte> bytes) {
  if (!is_open_) return {0, NetError::bad_descriptor};
  if (family_ == Family::path) return send_to_peer(bytes);
  if (peer_.family == Family::unspecified) return {0, NetError::destination_required};
  return send_to(bytes, peer_);
}

Transfer DatagramSocket::send_to(std::span<const std::byte> bytes, const Address& to) {
  if (!is_open_) return {0, NetError::bad_descriptor};
  if (family_ == Family::path) {
    if (to.family != family_) return {0, NetError::family_not_supported};
    return send_to_path(bytes, to);
  }
  // Linux's order: a name of one's own, the destination, and only then what happened before.
  if (!claim_.is_held()) {
    if (const NetError error = bind_ephemeral(Address::any(family_)); error != NetError::none) {
      return {0, error};
    }
  }
  if (to.family != family_) return {0, NetError::family_not_supported};
  // A connected one may have been given port 0, where nobody is.
  if (to.port == 0 && peer_.family == Family::unspecified) return {0, NetError::invalid_argument};
  if (bytes.size() > datagram_bytes_max) return {0, NetError::message_too_long};
  const Address destination = destination_of(to);
  if (is_broadcast(destination) && !options_.is_on(Option::broadcast)) {
    return {0, NetError::permission_denied};
  }
  if (pending_error_ != NetError::none) {
    return {0, std::exchange(pending_error_, NetError::none)};
  }
  if (send_is_shut_) return {0, NetError::broken_pipe};
  if (destination.is_loopback() || destination.is_multicast() || is_broadcast(destination)) {
    return send_inside(bytes, destination);
  }
  return send_outside(bytes, destination);
}

bool DatagramSocket::is_lost(const Fault* fault) const {
  if (fault == nullptr) return false;
  if (fault->black_hole) return true;
  return fault->datagram_loss > 0 && double(core_->random() >> 11) * 0x1p-53 < fault->datagram_loss;
}

TunnelFlow* DatagramSocket::flow_to(const Address& to) {
  std::erase_if(flows_, [](const auto& flow) { return flow->is_over(); });
  for (const auto& flow : flows_) {
    if (flow->peer() == to) return flow.get();
  }
  if (flows_.size() == datagram_flows_max) flows_.erase(flows_.begin());
  flows_.push_back(std::make_unique<TunnelFlow>(core_, *this, to));
  return flows_.back().get();
}

Transfer DatagramSocket::send_outside(std::span<const std::byte> bytes, const Address& to) {
  if (has_chosen_address_) return {0, NetError::invalid_argument};  // bound to loopback
  if (!core_->tunnel || !core_->tunnel->can_carry_datagrams()) {
    return {0, NetError::network_unreachable};
  }
  const Fault* fault = core_->faults.find(to);
  if (fault != nullptr && fault->no_route) return {0, NetError::host_unreachable};
  if (core_->wire.is_recording()) core_->wire.add(WireKind::datagram, local_, to, bytes);
  if (is_lost(fault)) return {bytes.size(), NetError::none};
  const bool is_connected = peer_.family != Family::unspecified;
  if (door_ && door_->is_bound() && !is_connected && !StandIns::is_stand_in(to)) {
    door_->send_datagram(to, bytes);
  } else {
    flow_to(to)->send(bytes);
  }
  return {bytes.size(), NetError::none};
}

void DatagramSocket::on_outside_datagram(const Address& from, std::span<const std::byte> bytes) {
  if (!accepts_from(unmapped(from))) return;
  if (core_->wire.is_recording()) core_->wire.add(WireKind::datagram, from, local_, bytes);
  enqueue(as_seen_by(family_, from), bytes);
}

void DatagramSocket::on_flow_datagram(const Address& from, std::span<const std::byte> bytes) {
  on_outside_datagram(from, bytes);
}

void DatagramSocket::on_flow_error(const Address& peer, NetError error) {
  if (peer_.family == Family::unspecified || unmapped(peer_) != peer) return;
  pending_error_ = error;
  notify();
}

Transfer DatagramSocket::send_inside(std::span<const std::byte> bytes, const Address& to) {
  Address from = unmapped(local_);
  if (from.is_any() || from.family != to.family) {
    from = Address::loopback(to.family, local_.port);
  }
  if (core_->wire.is_recording()) core_->wire.add(WireKind::datagram, from, to, bytes);
  const Transfer sent{bytes.size(), NetError::none};
  if (to.is_multicast() && !options_.is_on(Option::multicast_loop)) return sent;
  if (const Fault* fault = core_->faults.find(to)) {
    if (fault->no_route) return {0, NetError::host_unreachable};
    if (is_lost(fault)) return sent;
    if (fault->delay > 0) {
      core_->environment.deadlines.call_at(
          core_->now() + fault->delay,
          [core = core_, from, to, copy = std::vector<std::byte>(bytes.begin(), bytes.end()),
           sender = weak_from_this()] {
            if (deliver(*core, from, to, copy)) return;
            if (const auto socket = sender.lock(); socket && socket->peer_.port != 0) {
              socket->pending_error_ = NetError::connection_refused;
              socket->notify();
            }
          });
      return sent;
    }
  }
  if (!deliver(*core_, from, to, bytes) && peer_.family != Family::unspecified) {
    pending_error_ = NetError::connection_refused;  // told by the next call, once
    notify();
  }
  return sent;
}

Transfer DatagramSocket::send_to_path(std::span<const std::byte> bytes, const Address& to) {
  if (const NetError error = why_not_on_paths(bytes); error != NetError::none) return {0, error};
  NetError error = NetError::none;
  Socket* const bound = core_->find_path(to.path, error);
  if (bound == nullptr) return {0, error};
  if (bound->type() != SocketType::datagram) return {0, NetError::wrong_socket_type};
  return send_to_socket(bytes, *static_cast<DatagramSocket*>(bound), to);
}

// The socket that connect() found, whatever its path has become since.
Transfer DatagramSocket::send_to_peer(std::span<const std::byte> bytes) {
  if (peer_.family == Family::unspecified) return {0, NetError::not_connected};
  if (const NetError error = why_not_on_paths(bytes); error != NetError::none) return {0, error};
  const auto receiver = peer_socket_.lock();
  if (receiver != nullptr && receiver->is_open_) return send_to_socket(bytes, *receiver, peer_);
  leave_peer();
  return {0, NetError::connection_refused};
}

// What Linux looks at before the receiver.
NetError DatagramSocket::why_not_on_paths(std::span<const std::byte> bytes) {
  if (bytes.size() > core_->limits.datagram_queue_bytes) return NetError::message_too_long;
  if (pending_error_ != NetError::none) return std::exchange(pending_error_, NetError::none);
  return send_is_shut_ ? NetError::broken_pipe : NetError::none;
}

// As Linux has it: what the one-time peer sent is lost, and the peer hears of that.
void DatagramSocket::leave_peer() {
  const auto peer = peer_socket_.lock();
  peer_ = {};
  peer_socket_.reset();  // first: it may be this very socket
  if (!queue_.empty() && peer != nullptr && peer->is_open_ &&
      peer->peer_socket_.lock().get() == this) {
    peer->pending_error_ = NetError::connection_reset;
    peer->notify();
  }
  forget_queue();
}

Transfer DatagramSocket::send_to_socket(std::span<const std::byte> bytes, DatagramSocket& receiver,
                                        const Address& to) {
  if (!receiver.may_hear(*this)) return {0, NetError::not_permitted};
  if (core_->wire.is_recording()) core_->wire.add(WireKind::datagram, local_, to, bytes);
  if (!receiver.enqueue(local_, bytes)) return {0, NetError::out_of_memory};
  return {bytes.size(), NetError::none};
}

bool DatagramSocket::may_hear(const DatagramSocket& sender) const {
  return peer_.family != Family::path || peer_socket_.lock().get() == &sender;
}

bool DatagramSocket::accepts_from(const Address& from) const {
  if (peer_.family == Family::unspecified) return true;
  Address peer = unmapped(peer_);
  if (peer.port == 0) peer.port = from.port;  // as on Linux: any port of that address
  return peer == from;
}

bool DatagramSocket::deliver(Core& core, const Address& from, const Address& to,
                             std::span<const std::byte> bytes) {
  if (to.is_multicast() || is_broadcast(to)) return deliver_to_many(core, from, to, bytes);
  DatagramSocket* best = nullptr;
  int best_quality = 0;
  core.datagram_ports.for_each(to.port, [&](Claim& claim) {
    auto& socket = *static_cast<DatagramSocket*>(claim.socket);
    int quality = match_quality(claim, to);
    if (quality == 0 || !socket.accepts_from(from)) return;
    if (socket.peer_.family != Family::unspecified) quality += 3;
    // Of equals the one bound last gets it; the table lists the last first.
    if (quality > best_quality) {
      best = &socket;
      best_quality = quality;
    }
  });
  if (best == nullptr) return false;
  best->enqueue(as_seen_by(best->family_, from), bytes);
  return true;
}

bool DatagramSocket::deliver_to_many(Core& core, const Address& from, const Address& to,
                                     std::span<const std::byte> bytes) {
  const bool is_group = to.is_multicast();
  bool has_member = !is_group;
  core.datagram_ports.for_each([&](Claim& claim) {
    if (static_cast<DatagramSocket*>(claim.socket)->is_member(to)) has_member = true;
  });
  // As Linux does by default: once anybody joined, every wildcard socket on the port hears it.
  if (has_member) {
    core.datagram_ports.for_each(to.port, [&](Claim& claim) {
      auto& socket = *static_cast<DatagramSocket*>(claim.socket);
      if (match_quality(claim, to) > 0 && socket.accepts_from(from)) {
        socket.enqueue(as_seen_by(socket.family_, from), bytes);
      }
    });
  }
  return true;
}

bool DatagramSocket::enqueue(const Address& from, std::span<const std::byte> bytes) {
  if (receive_is_shut_) return true;
  const std::size_t cost = bytes.size() + datagram_overhead;
  // One datagram always fits, however small the limit.
  if (!queue_.empty() && queued_bytes_ + cost > core_->limits.datagram_queue_bytes) return false;
  queue_.push_back({from, {bytes.begin(), bytes.end()}});
  queued_bytes_ += cost;
  core_->buffered_bytes += bytes.size();
  notify();
  return true;
}

Transfer DatagramSocket::receive(std::span<std::byte> into) {
  Address from;
  return receive_from(into, from);
}

Transfer DatagramSocket::receive_from(std::span<std::byte> into, Address& from) {
  if (!is_open_) return {0, NetError::bad_descriptor};
  if (pending_error_ != NetError::none) {
    return {0, std::exchange(pending_error_, NetError::none)};
  }
  if (queue_.empty()) {
    return {0, receive_is_shut_ ? NetError::none : NetError::would_block};
  }
  const Datagram datagram = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= datagram.bytes.size() + datagram_overhead;
  core_->buffered_bytes -= datagram.bytes.size();
  const std::size_t count = std::min(into.size(), datagram.bytes.size());
  std::copy_n(datagram.bytes.begin(), count, into.begin());
  from = datagram.from;
  return {count, NetError::none};
}

std::optional<std::size_t> DatagramSocket::pending_datagram() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.front().bytes.size();
}

NetError DatagramSocket::shutdown(Direction direction) {
  if (!is_open_) return NetError::bad_descriptor;
  if (peer_.family == Family::unspecified) return NetError::not_connected;
  if (direction != Direction::send) receive_is_shut_ = true;
  if (direction != Direction::receive) send_is_shut_ = true;
  notify();
  return NetError::none;
}

void DatagramSocket::release_name() {
  const bool was_door = claim_.is_held();
  claim_.release();
  if (family_ == Family::path && has_chosen_address_) core_->leave_path(local_.path, *this);
  if (was_door) core_->doors_changed();
}

void DatagramSocket::forget_queue() {
  for (const Datagram& datagram : queue_) core_->buffered_bytes -= datagram.bytes.size();
  queue_.clear();
  queued_bytes_ = 0;
}

void DatagramSocket::close() {
  if (!std::exchange(is_open_, false)) return;
  release_name();
  door_.reset();
  flows_.clear();
  forget_queue();
  pending_error_ = NetError::none;
  --core_->open_sockets;
  notify();
}

NetError DatagramSocket::local_address(Address& address) const {
  if (!is_open_) return NetError::bad_descriptor;
  address = local_;
  return NetError::none;
}

NetError DatagramSocket::peer_address(Address& address) const {
  if (!is_open_) return NetError::bad_descriptor;
  if (peer_.family == Family::unspecified) return NetError::not_connected;
  address = peer_;
  return NetError::none;
}

NetError DatagramSocket::take_error() {
  if (!is_open_) return NetError::bad_descriptor;
  return std::exchange(pending_error_, NetError::none);
}

NetError DatagramSocket::set_option(Option option, int value) {
  if (!is_open_) return NetError::bad_descriptor;
  if (option == Option::v6_only && claim_.is_held()) return NetError::invalid_argument;
  const NetError error = options_.set(option, value);
  if (error != NetError::none) return error;
  claim_.reuse_address = options_.is_on(Option::reuse_address);
  claim_.reuse_port = options_.is_on(Option::reuse_port);
  claim_.is_v6_only = options_.is_on(Option::v6_only);
  return NetError::none;
}

NetError DatagramSocket::get_option(Option option, int& value) const {
  if (!is_open_) return NetError::bad_descriptor;
  return options_.get(option, value);
}

NetError DatagramSocket::set_linger(Linger linger) {
  if (!is_open_) return NetError::bad_descriptor;
  linger_ = linger;
  return NetError::none;
}

bool DatagramSocket::is_member(const Address& group) const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [&](const Address& joined) { return joined.bytes == group.bytes; });
}

NetError DatagramSocket::set_membership(const Address& group, const Address& interface,
                                        bool member) {
  if (!is_open_) return NetError::bad_descriptor;
  // An IPv6 socket takes IPv4 groups, too.
  const bool is_possible = group.family == family_ || family_ == Family::inet6;
  if (family_ == Family::path || !is_possible) return NetError::option_not_supported;
  if (!group.is_multicast()) return NetError::invalid_argument;
  const bool is_our_interface =
      interface.family == Family::unspecified || is_local(unmapped(interface));
  if (!is_our_interface) return NetError::address_not_available;
  const auto joined = std::find_if(groups_.begin(), groups_.end(), [&](const Address& other) {
    return other.family == group.family && other.bytes == group.bytes;
  });
  if (member == (joined != groups_.end())) {
    return member ? NetError::address_in_use : NetError::address_not_available;
  }
  if (!member) {
    groups_.erase(joined);
    return NetError::none;
  }
  if (groups_.size() == memberships_max) return NetError::out_of_memory;
  groups_.push_back(group);
  return NetError::none;
}

Ready DatagramSocket::ready() const {
  if (!is_open_ || pending_error_ != NetError::none || receive_is_shut_) return Ready::both;
  return queue_.empty() ? Ready::writable : Ready::both;
}

bool DatagramSocket::shut_door(const std::string& published) {
  if (!door_ || published.empty() || door_->published() != published) return false;
  door_.reset();
  core_->doors_changed();
  return true;
}

bool DatagramSocket::describe_door(Door& door) const {
  if (!has_chosen_port_ && !has_chosen_address_) return false;
  door = {owner_, SocketType::datagram, local_, door_ ? door_->published() : ""};
  return true;
}

}  // namespace moonwire::net
