// Joins the network's parts and counts what is open.
#include "net/network.h"

#include <utility>

#include "net/core.h"
#include "net/datagram_socket.h"
#include "net/network_resolver.h"
#include "net/stream_socket.h"
#include "net/tunnel.h"

namespace moonwire::net {

Core::Core(Network::Environment host, Limits bounds)
    : environment(std::move(host)),
      limits(bounds),
      wire(environment.deadlines, environment.call_site) {}

Core::~Core() = default;

NetError Core::take_path(const std::string& path, Socket& socket) {
  std::string full = full_path(path);
  if (paths.contains(full)) return NetError::address_in_use;
  if (paths.size() >= socket_files_max) return NetError::out_of_memory;
  if (environment.check_new_path) {
    if (const NetError why = environment.check_new_path(full); why != NetError::none) return why;
  }
  paths.emplace(std::move(full), &socket);
  return NetError::none;
}

Socket* Core::find_path(const std::string& path, NetError& why) const {
  const std::string full = full_path(path);
  const auto found = paths.find(full);
  Socket* const bound = found == paths.end() ? nullptr : found->second;
  why = NetError::none;
  if (bound == nullptr) {
    const bool is_there =
        found != paths.end() || (environment.check_new_path &&
                                 environment.check_new_path(full) == NetError::address_in_use);
    why = is_there ? NetError::connection_refused : NetError::no_such_path;
  }
  return bound;
}

void Core::leave_path(const std::string& path, const Socket& socket) {
  const auto found = paths.find(full_path(path));
  if (found != paths.end() && found->second == &socket) found->second = nullptr;
}

bool is_local(const Address& address) {
  return address.is_loopback() || unmapped(address).is_any();
}

Address destination_of(const Address& address) {
  const Address plain = unmapped(address);
  return plain.is_any() ? Address::loopback(plain.family, plain.port) : plain;
}

Address as_seen_by(Family family, const Address& address) {
  return family == Family::inet6 ? mapped(address) : address;
}

namespace {

/// The events of a host without uplink: there are none.
class NoEvents final : public UplinkEvents {
  void on_pipe_open(PipeId, std::string_view) override {}
  void on_pipe_message(PipeId, std::span<const std::byte>) override {}
  void on_pipe_drained(PipeId) override {}
  void on_pipe_closed(PipeId, std::uint16_t, std::string_view) override {}
};

}  // namespace

struct Network::Parts {
  std::shared_ptr<Core> core;
  NetworkResolver resolver;
  NoEvents no_events;

  Parts(Environment environment, Limits limits)
      : core(std::make_shared<Core>(std::move(environment), limits)), resolver(core) {
    if (core->environment.uplink != nullptr) {
      core->tunnel = std::make_unique<Tunnel>(*core, *core->environment.uplink);
    }
  }
};

Network::Network(Environment environment, Limits limits)
    : parts_(std::make_unique<Parts>(std::move(environment), limits)) {}

Network::~Network() {
  // Sockets may outlive the network; the host's ears need not.
  Core& core = *parts_->core;
  core.environment.on_doors_changed = nullptr;
  core.environment.on_tunnel_changed = nullptr;
  if (core.tunnel) core.tunnel->set_url("");
}

std::shared_ptr<Socket> Network::make_socket(Family family, SocketType type, NetError& error) {
  Core& core = *parts_->core;
  error = NetError::none;
  if (family == Family::unspecified) {
    error = NetError::family_not_supported;
    return nullptr;
  }
  if (core.open_sockets >= core.limits.sockets) {
    error = NetError::too_many_files_system;
    return nullptr;
  }
  if (type == SocketType::datagram) return std::make_shared<DatagramSocket>(parts_->core, family);
  return std::make_shared<StreamSocket>(parts_->core, family);
}

void Network::set_owner(std::uint32_t owner) {
  parts_->core->owner = owner;
}

Resolver& Network::resolver() {
  return parts_->resolver;
}

Wire& Network::wire() {
  return parts_->core->wire;
}

Faults& Network::faults() {
  return parts_->core->faults;
}

const Limits& Network::limits() const {
  return parts_->core->limits;
}

bool Network::shut_door(SocketType type, const std::string& published) {
  // Found first, shut then: shutting tells the host, which may look at all doors.
  Socket* found = nullptr;
  Door door;
  if (type == SocketType::stream) {
    parts_->core->stream_ports.for_each([&](const Claim& claim) {
      auto* socket = static_cast<StreamSocket*>(claim.socket);
      if (socket->describe_door(door) && door.published == published) found = socket;
    });
    return found != nullptr && static_cast<StreamSocket*>(found)->shut_door(published);
  }
  parts_->core->datagram_ports.for_each([&](const Claim& claim) {
    auto* socket = static_cast<DatagramSocket*>(claim.socket);
    if (socket->describe_door(door) && door.published == published) found = socket;
  });
  return found != nullptr && static_cast<DatagramSocket*>(found)->shut_door(published);
}

void Network::laboratory_is_open() {
  Core& core = *parts_->core;
  core.laboratory = Core::Laboratory::open;
  for (const auto& visitor : std::exchange(core.laboratory_visitors, {})) {
    if (const auto lookup = visitor.lock()) parts_->resolver.let_in(*lookup);
  }
}

void Network::laboratory_is_closed() {
  laboratory_is_open();
  parts_->core->laboratory = Core::Laboratory::closed;
}

std::vector<Door> Network::doors() const {
  std::vector<Door> doors;
  Door door;
  parts_->core->stream_ports.for_each([&](const Claim& claim) {
    if (static_cast<StreamSocket*>(claim.socket)->describe_door(door)) doors.push_back(door);
  });
  parts_->core->datagram_ports.for_each([&](const Claim& claim) {
    if (static_cast<DatagramSocket*>(claim.socket)->describe_door(door)) doors.push_back(door);
  });
  for (const auto& [path, socket] : parts_->core->paths) {
    if (socket != nullptr && socket->type() == SocketType::stream &&
        static_cast<StreamSocket*>(socket)->describe_door(door)) {
      doors.push_back(door);
    }
  }
  std::erase_if(doors, [](const Door& one) { return one.owner >= first_laboratory_owner; });
  return doors;
}

bool Network::remove_socket_file(std::string_view full_path) {
  const auto found = parts_->core->paths.find(full_path);
  if (found == parts_->core->paths.end()) return false;
  parts_->core->paths.erase(found);
  return true;
}

NetworkCensus Network::census() const {
  const Core& core = *parts_->core;
  return {core.open_sockets, core.open_lookups, core.tunnel ? core.tunnel->party_count() : 0,
          core.buffered_bytes};
}

void Network::set_tunnel(std::string url) {
  if (parts_->core->tunnel) parts_->core->tunnel->set_url(std::move(url));
}

TunnelStatus Network::tunnel_status() const {
  if (parts_->core->tunnel) return parts_->core->tunnel->status();
  TunnelStatus status;
  status.why = "this host has no way to the outside";
  return status;
}

UplinkEvents& Network::uplink_events() {
  if (parts_->core->tunnel) return *parts_->core->tunnel;
  return parts_->no_events;
}

}  // namespace moonwire::net
