// The stages of a stream socket, and Linux's answers in each.
#include "net/stream_socket.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "net/loopback.h"
#include "net/tunnel.h"

namespace moonwire::net {

StreamSocket::StreamSocket(std::shared_ptr<Core> core, Family family)
    : core_(std::move(core)),
      family_(family),
      owner_(core_->owner),
      options_(family, SocketType::stream),
      local_(Address::any(family)) {
  claim_.socket = this;
  claim_.is_apart = owner_ >= first_laboratory_owner;
  ++core_->open_sockets;
}

StreamSocket::~StreamSocket() {
  close();
}

// Names.

NetError StreamSocket::bind(const Address& address) {
  if (is<Closed>()) return NetError::bad_descriptor;
  if (address.family != family_) {
    return family_ == Family::path ? NetError::invalid_argument : NetError::family_not_supported;
  }
  if (family_ != Family::path && !is_local(address)) return NetError::address_not_available;
  if (!is<Fresh>() || is_bound_by_user_) return NetError::invalid_argument;
  if (family_ == Family::path) {
    if (address.path.size() > unix_path_bytes_max) return NetError::path_too_long;
    if (address.path.empty()) return NetError::invalid_argument;
    if (const NetError error = core_->take_path(address.path, *this); error != NetError::none) {
      return error;
    }
    local_ = address;
    is_bound_by_user_ = true;
    return NetError::none;
  }
  Address name = address;
  if (name.port == 0) name.port = core_->stream_ports.free_port(core_->random());
  if (name.port == 0 || !core_->stream_ports.take(claim_, name)) return NetError::address_in_use;
  local_ = name;
  is_bound_by_user_ = true;
  return NetError::none;
}

NetError StreamSocket::local_address(Address& address) const {
  if (is<Closed>()) return NetError::bad_descriptor;
  address = local_;
  return NetError::none;
}

NetError StreamSocket::peer_address(Address& address) const {
  if (is<Closed>()) return NetError::bad_descriptor;
  if (!is<Connected>() || is_over()) return NetError::not_connected;
  address = peer_;
  return NetError::none;
}

void StreamSocket::release_name() {
  claim_.release();
  if (family_ == Family::path && is_bound_by_user_) core_->leave_path(local_.path, *this);
}

// Listening.

NetError StreamSocket::listen(int backlog) {
  if (is<Closed>()) return NetError::bad_descriptor;
  // Linux compares the backlog unsigned: a negative one is the largest.
  const std::size_t most = core_->limits.backlog_max;
  const std::size_t size = backlog < 0 ? most : std::min(std::size_t(backlog), most);
  if (auto* listening = std::get_if<Listening>(&stage_)) {
    listening->backlog = size;
    admit_waiting();
    return NetError::none;
  }
  if (!is<Fresh>()) return NetError::invalid_argument;
  if (!is_bound_by_user_) {
    if (family_ == Family::path) return NetError::invalid_argument;
    if (const NetError error = bind(Address::any(family_)); error != NetError::none) return error;
  }
  if (family_ != Family::path && !core_->stream_ports.listen(claim_)) {
    return NetError::address_in_use;
  }
  Listening& listening = stage_.emplace<Listening>();
  listening.backlog = size;
  if (core_->tunnel && family_ != Family::path && local_.is_any()) {
    listening.door = std::make_unique<TunnelDoor>(
        core_, *this, TunnelDoor::Wish{SocketType::stream, local_, size});
  }
  core_->doors_changed();
  return NetError::none;
}

std::shared_ptr<Socket> StreamSocket::accept(NetError& error) {
  auto* listening = std::get_if<Listening>(&stage_);
  if (listening == nullptr) {
    error = is<Closed>() ? NetError::bad_descriptor : NetError::invalid_argument;
    return nullptr;
  }
  if (listening->established.empty()) {
    error = NetError::would_block;
    return nullptr;
  }
  // Those who wait in line are counted already.
  if (core_->open_sockets > core_->limits.sockets) {
    error = NetError::too_many_files_system;
    return nullptr;
  }
  std::shared_ptr<StreamSocket> socket = std::move(listening->established.front());
  listening->established.pop_front();
  if (socket->is_from_outside_ && listening->door) listening->door->grant_one();
  admit_waiting();
  if (core_->wire.is_recording()) core_->wire.add(WireKind::accept, socket->peer_, socket->local_);
  error = NetError::none;
  return socket;
}

bool StreamSocket::has_room() const {
  const auto* listening = std::get_if<Listening>(&stage_);
  return listening != nullptr && listening->established.size() <= listening->backlog;
}

void StreamSocket::admit_waiting() {
  auto& listening = std::get<Listening>(stage_);
  while (has_room() && !listening.waiting.empty()) {
    StreamSocket& client = *listening.waiting.front();
    const Address to = std::get<Connecting>(client.stage_).to;
    client.leave_connecting();
    client.establish(*this, to);
  }
}

void StreamSocket::close_listening(Listening& listening) {
  // Those in the line leave it as they fail; those established see a reset.
  auto waiting = std::exchange(listening.waiting, {});
  for (StreamSocket* client : waiting) {
    std::get<Connecting>(client->stage_).listener = nullptr;
    client->fail(NetError::connection_refused);
  }
  for (const auto& socket : listening.established) {
    socket->linger_ = {true, 0};
    socket->close();
  }
}

// Connecting.

NetError StreamSocket::connect(const Address& peer) {
  if (is<Closed>()) return NetError::bad_descriptor;
  if (is<Listening>()) return NetError::already_connected;
  if (is<Connecting>()) return NetError::already_in_progress;
  if (is<Connected>()) {
    if (std::exchange(is_announced_, true)) return NetError::already_connected;
    return NetError::none;
  }
  if (is<Failed>()) {
    stage_.emplace<Fresh>();
    if (!is_bound_by_user_) local_ = Address::any(family_);
    const NetError error = std::exchange(pending_error_, NetError::none);
    return error == NetError::none ? NetError::connection_aborted : error;
  }
  return start_connect(peer);
}

NetError StreamSocket::start_connect(const Address& peer) {
  if (peer.family != family_) {
    return family_ == Family::path ? NetError::invalid_argument : NetError::family_not_supported;
  }
  pending_error_ = NetError::none;
  if (family_ == Family::path) {
    if (peer.path.size() > unix_path_bytes_max) return NetError::path_too_long;
    NetError error = NetError::none;
    const Socket* const bound = core_->find_path(peer.path, error);
    if (bound == nullptr) return error;
    if (bound->type() != SocketType::stream) return NetError::wrong_socket_type;
    if (find_listener(peer) == nullptr) return NetError::connection_refused;
  }
  const Address to = destination_of(peer);
  if (to.family != family_ && options_.is_on(Option::v6_only)) return NetError::network_unreachable;
  if (to.is_multicast() || to.is_broadcast()) return NetError::network_unreachable;
  const Fault* fault = core_->faults.find(to);
  if (fault != nullptr && fault->no_route) return NetError::host_unreachable;
  const bool is_outside = to.family != Family::path && !to.is_loopback();
  if (is_outside) {
    if (is_bound_by_user_ && !local_.is_any()) return NetError::invalid_argument;
    if (!core_->tunnel) return NetError::network_unreachable;
  } else if (const NetError error = bind_for_connect(to); error != NetError::none) {
    return error;
  }
  peer_ = as_seen_by(family_, to);
  record(WireKind::connect);

  Connecting& connecting = stage_.emplace<Connecting>();
  connecting.to = to;
  if (fault != nullptr && fault->black_hole) {
    wait_for_answer(connecting);
    return NetError::in_progress;
  }
  if (fault != nullptr && fault->delay > 0) {
    connecting.deadline =
        core_->environment.deadlines.call_at(core_->now() + 2 * fault->delay, [this, to] {
          std::get<Connecting>(stage_).deadline = no_deadline;
          arrive(to);
        });
    return NetError::in_progress;
  }
  arrive(to);
  // What is known without asking anybody is said at once.
  if (is_outside && is<Failed>()) {
    stage_.emplace<Fresh>();
    return std::exchange(pending_error_, NetError::none);
  }
  return NetError::in_progress;
}

/// Gives an unbound socket its local name. A socket bound to a wildcard gets the exact address now.
NetError StreamSocket::bind_for_connect(const Address& to) {
  if (family_ == Family::path) return NetError::none;
  const Address host = as_seen_by(family_, Address::loopback(to.family));
  if (claim_.is_held()) {
    if (local_.is_any()) {
      local_.bytes = host.bytes;
      core_->stream_ports.share(claim_, local_);
    }
    return NetError::none;
  }
  Address name = host;
  name.port = core_->stream_ports.free_port(core_->random());
  if (name.port == 0) return NetError::address_not_available;
  core_->stream_ports.share(claim_, name);
  local_ = name;
  return NetError::none;
}

StreamSocket* StreamSocket::find_listener(const Address& to) const {
  if (to.family == Family::path) {
    NetError error = NetError::none;
    Socket* const bound = core_->find_path(to.path, error);
    if (bound == nullptr || bound->type() != SocketType::stream) return nullptr;
    auto* socket = static_cast<StreamSocket*>(bound);
    return socket->is<Listening>() ? socket : nullptr;
  }
  Claim* claim = core_->stream_ports.find_listener(to, local_.port);
  return claim == nullptr ? nullptr : static_cast<StreamSocket*>(claim->socket);
}

void StreamSocket::arrive(const Address& to) {
  auto& connecting = std::get<Connecting>(stage_);
  if (to.family != Family::path && !to.is_loopback()) {
    NetError error = NetError::none;
    auto channel = core_->tunnel->dial(*this, to, error);
    if (channel == nullptr) {
      fail(error);
      return;
    }
    connecting.channel = std::move(channel);
    wait_for_answer(connecting);
    return;
  }
  StreamSocket* listener = find_listener(to);
  if (listener == nullptr) {
    fail(NetError::connection_refused);
    return;
  }
  if (listener->has_room()) {
    establish(*listener, to);
    return;
  }
  // As a SYN that is dropped because the queue is full: the connect hangs until there is room.
  auto& line = std::get<Listening>(listener->stage_).waiting;
  connecting.listener = listener;
  connecting.place = line.insert(line.end(), this);
  wait_for_answer(connecting);
}

void StreamSocket::wait_for_answer(Connecting& connecting) {
  connecting.deadline =
      core_->environment.deadlines.call_at(core_->now() + connect_timeout, [this] {
        std::get<Connecting>(stage_).deadline = no_deadline;
        fail(NetError::timed_out);
      });
}

std::shared_ptr<StreamSocket> StreamSocket::make_accepted(const Address& local,
                                                          const Address& peer) const {
  auto accepted = std::make_shared<StreamSocket>(core_, family_);
  accepted->owner_ = owner_;
  accepted->claim_.is_apart = claim_.is_apart;
  accepted->options_ = options_;
  accepted->linger_ = linger_;
  accepted->is_announced_ = true;
  accepted->local_ = as_seen_by(family_, local);
  accepted->peer_ = as_seen_by(family_, peer);
  accepted->claim_.reuse_address = claim_.reuse_address;
  accepted->claim_.reuse_port = claim_.reuse_port;
  accepted->claim_.is_v6_only = claim_.is_v6_only;
  return accepted;
}

void StreamSocket::establish(StreamSocket& listener, const Address& to) {
  auto accepted = listener.make_accepted(to, unmapped(local_));
  if (to.family != Family::path) core_->stream_ports.share(accepted->claim_, accepted->local_);
  auto [mine, theirs] = LoopbackEnd::make(core_, *this, *accepted, to);
  accepted->become_connected(std::move(theirs));
  std::get<Listening>(listener.stage_).established.push_back(std::move(accepted));
  become_connected(std::move(mine));
  listener.notify();
  notify();
}

void StreamSocket::on_incoming(std::unique_ptr<TunnelStream> stream, const Address& local,
                               const Address& peer) {
  auto& listening = std::get<Listening>(stage_);
  auto accepted = make_accepted(local, peer);
  accepted->is_from_outside_ = true;
  stream->set_user(*accepted);
  accepted->become_connected(std::move(stream));
  // The credit bounds how many come; a proxy that ignores it loses what is too much.
  if (listening.established.size() > core_->limits.backlog_max) return;
  listening.established.push_back(std::move(accepted));
  notify();
}

void StreamSocket::become_connected(std::unique_ptr<Channel> channel) {
  channel_ = channel.get();
  stage_.emplace<Connected>().channel = std::move(channel);
}

void StreamSocket::leave_connecting() {
  auto& connecting = std::get<Connecting>(stage_);
  if (connecting.listener != nullptr) {
    std::get<Listening>(connecting.listener->stage_).waiting.erase(connecting.place);
    connecting.listener = nullptr;
  }
  core_->environment.deadlines.cancel(std::exchange(connecting.deadline, no_deadline));
}

void StreamSocket::fail(NetError error) {
  leave_connecting();
  auto spent = std::move(std::get<Connecting>(stage_).channel);
  if (spent) spent->close(Ending::abortive);
  stage_.emplace<Failed>().spent = std::move(spent);
  pending_error_ = error;
  if (!is_bound_by_user_) {
    claim_.release();
    local_.port = 0;  // the host stays until the failure has been fetched
  }
  notify();
}

void StreamSocket::on_channel_open(const Address& local, const Address& peer) {
  leave_connecting();
  auto channel = std::move(std::get<Connecting>(stage_).channel);
  if (local.family != Family::unspecified) local_ = as_seen_by(family_, local);
  if (peer.family != Family::unspecified) peer_ = as_seen_by(family_, peer);
  become_connected(std::move(channel));
  if (options_.is_on(Option::keep_alive)) {
    for (const Option option :
         {Option::keep_alive, Option::keep_idle, Option::keep_interval, Option::keep_count}) {
      channel_->set_option(option, options_.value(option));
    }
  }
  notify();
}

void StreamSocket::on_channel_failed(NetError error) {
  fail(error);
}

// Bytes.

Transfer StreamSocket::send(std::span<const std::byte> bytes) {
  // A unix socket whose peer is gone keeps its error for a receive.
  if (family_ == Family::path && is_dead_) return {0, NetError::broken_pipe};
  if (pending_error_ != NetError::none) {
    return {0, std::exchange(pending_error_, NetError::none)};
  }
  if (channel_ == nullptr) {
    if (is<Closed>()) return {0, NetError::bad_descriptor};
    return {0, is<Connecting>() ? NetError::would_block : NetError::broken_pipe};
  }
  if (send_is_shut_ || is_dead_) return {0, NetError::broken_pipe};
  const Transfer moved = channel_->send(bytes);
  if (moved.count > 0 && core_->wire.is_recording()) {
    core_->wire.add(WireKind::data, local_, peer_, bytes.first(moved.count));
  }
  return moved;
}

Transfer StreamSocket::receive(std::span<std::byte> into) {
  if (channel_ != nullptr) {
    const Transfer moved = channel_->receive(into);
    // Of a unix socket, an error is told before the end.
    const bool is_error_first = family_ == Family::path && pending_error_ != NetError::none;
    if (moved.count > 0 || (moved.error != NetError::would_block && !is_error_first)) return moved;
  }
  if (pending_error_ != NetError::none) {
    return {0, std::exchange(pending_error_, NetError::none)};
  }
  if (channel_ != nullptr) {
    if (is_dead_ || receive_is_shut_) return {};
    return {0, NetError::would_block};
  }
  if (is<Closed>()) return {0, NetError::bad_descriptor};
  if (is<Connecting>()) return {0, NetError::would_block};
  return {0, is<Failed>() ? NetError::none : NetError::not_connected};
}

Transfer StreamSocket::send_to(std::span<const std::byte> bytes, const Address&) {
  return send(bytes);
}

Transfer StreamSocket::receive_from(std::span<std::byte> into, Address& from) {
  from = {};
  return receive(into);
}

NetError StreamSocket::shutdown(Direction direction) {
  if (is<Closed>()) return NetError::bad_descriptor;
  if (channel_ == nullptr || is_dead_) return NetError::not_connected;
  if (direction != Direction::send) {
    receive_is_shut_ = true;
    channel_->stop_receiving();
  }
  if (direction != Direction::receive && !std::exchange(send_is_shut_, true)) {
    record(WireKind::fin);
    channel_->finish();
  }
  notify();
  return NetError::none;
}

void StreamSocket::close() {
  if (is<Closed>()) return;
  if (is<Connecting>()) {
    leave_connecting();
  } else if (channel_ != nullptr && !is_dead_) {
    const bool wants_reset = linger_.on && linger_.seconds == 0 && family_ != Family::path;
    const bool is_abortive = channel_->unread() > 0 || wants_reset;
    if (is_abortive) {
      record(WireKind::rst);
    } else if (!send_is_shut_) {
      record(WireKind::fin);
    }
    channel_->close(is_abortive ? Ending::abortive : Ending::orderly);
  }
  channel_ = nullptr;
  pending_error_ = NetError::none;
  release_name();
  Stage last = std::exchange(stage_, Closed{});
  --core_->open_sockets;
  if (auto* listening = std::get_if<Listening>(&last)) {
    close_listening(*listening);
    core_->doors_changed();
  }
  notify();
}

void StreamSocket::on_channel_reset(NetError error) {
  is_dead_ = true;
  // As Linux has it: a reset behind the peer's FIN only means that nobody takes our bytes.
  const bool is_behind_fin = channel_ != nullptr && channel_->has_peer_finished() && !send_is_shut_;
  const bool is_broken = is_behind_fin && family_ != Family::path;
  pending_error_ = is_broken && error == NetError::connection_reset ? NetError::broken_pipe : error;
  if (!is_bound_by_user_) claim_.release();
  notify();
}

Ready StreamSocket::ready() const {
  if (channel_ != nullptr) {
    if (is_dead_ || pending_error_ != NetError::none) return Ready::both;
    Ready now = channel_->ready();
    if (receive_is_shut_) now = now | Ready::readable;
    if (send_is_shut_) now = now | Ready::writable;
    return now;
  }
  if (is<Connecting>()) return Ready::nothing;
  if (const auto* listening = std::get_if<Listening>(&stage_)) {
    return listening->established.empty() ? Ready::nothing : Ready::readable;
  }
  return Ready::both;  // fresh, failed, closed: no call would wait
}

bool StreamSocket::is_over() const {
  if (family_ == Family::path || channel_ == nullptr) return is_dead_;
  return is_dead_ || (send_is_shut_ && channel_->has_peer_finished());
}

// Options.

NetError StreamSocket::take_error() {
  if (is<Closed>()) return NetError::bad_descriptor;
  return std::exchange(pending_error_, NetError::none);
}

NetError StreamSocket::set_option(Option option, int value) {
  if (is<Closed>()) return NetError::bad_descriptor;
  if (option == Option::v6_only && local_.port != 0 && !is_over())
    return NetError::invalid_argument;
  const bool is_fast_open = option == Option::fast_open || option == Option::fast_open_connect;
  if (is_fast_open && !is<Fresh>() && !is<Failed>() &&
      !(is<Listening>() && option == Option::fast_open)) {
    return NetError::invalid_argument;  // too late
  }
  const NetError error = options_.set(option, value);
  if (error != NetError::none) return error;
  claim_.reuse_address = options_.is_on(Option::reuse_address);
  claim_.reuse_port = options_.is_on(Option::reuse_port);
  claim_.is_v6_only = options_.is_on(Option::v6_only);
  if (channel_ != nullptr) channel_->set_option(option, value);
  return NetError::none;
}

NetError StreamSocket::get_option(Option option, int& value) const {
  if (is<Closed>()) return NetError::bad_descriptor;
  return options_.get(option, value);
}

NetError StreamSocket::set_linger(Linger linger) {
  if (is<Closed>()) return NetError::bad_descriptor;
  if (linger.on) linger_.seconds = linger.seconds;  // switching it off keeps the span
  linger_.on = linger.on;
  return NetError::none;
}

bool StreamSocket::shut_door(const std::string& published) {
  auto* listening = std::get_if<Listening>(&stage_);
  if (listening == nullptr || !listening->door) return false;
  if (published.empty() || listening->door->published() != published) return false;
  listening->door.reset();
  core_->doors_changed();
  return true;
}

bool StreamSocket::describe_door(Door& door) const {
  if (!is<Listening>()) return false;
  const auto& outside = std::get<Listening>(stage_).door;
  door = {owner_, SocketType::stream, local_, outside ? outside->published() : ""};
  return true;
}

void StreamSocket::record(WireKind kind, std::span<const std::byte> bytes) const {
  if (core_->wire.is_recording()) core_->wire.add(kind, local_, peer_, bytes);
}

}  // namespace moonwire::net
