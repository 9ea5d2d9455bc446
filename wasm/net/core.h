// What all parts of one network share: the host's environment, the limits, the tables and the
// counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "net/faults.h"
#include "net/limits.h"
#include "net/network.h"
#include "net/ports.h"
#include "net/ring.h"
#include "net/wire.h"

namespace moonwire::net {

class SettableLookup;
class Tunnel;

struct Core : std::enable_shared_from_this<Core> {
  Core(Network::Environment host, Limits bounds);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  Network::Environment environment;
  Limits limits;
  Wire wire;
  Faults faults;
  BufferPool buffers;
  PortTable stream_ports{PortTable::Rules::stream};
  PortTable datagram_ports{PortTable::Rules::datagram};
  // Socket files by full path, and who is bound there: null when that one was closed, for its file
  // stays until it is removed.
  std::map<std::string, Socket*, std::less<>> paths;
  std::unique_ptr<Tunnel> tunnel;  // null: there is no outside

  enum class Laboratory : std::uint8_t { closed, opening, open };
  Laboratory laboratory = Laboratory::closed;
  std::vector<std::weak_ptr<SettableLookup>> laboratory_visitors;  // while it is opening

  std::uint32_t owner = 0;
  std::size_t open_sockets = 0;
  std::size_t open_lookups = 0;
  std::size_t buffered_bytes = 0;

  /// A new socket file for a unix socket.
  NetError take_path(const std::string& path, Socket& socket);
  /// Who is bound to a path: null and why when nobody is (no_such_path, connection_refused).
  Socket* find_path(const std::string& path, NetError& why) const;
  /// The socket is gone, its file stays.
  void leave_path(const std::string& path, const Socket& socket);
  std::string full_path(const std::string& path) const {
    return environment.full_path ? environment.full_path(path) : path;
  }

  Micros now() const { return environment.deadlines.now(); }
  std::uint64_t random() const { return environment.entropy ? environment.entropy() : 0; }
  void doors_changed() const {
    if (environment.on_doors_changed) environment.on_doors_changed();
  }
};

/// Whether the machine itself answers for this address: loopback and the wildcards.
bool is_local(const Address& address);
/// Where a connect to `address` really goes: the wildcards mean loopback, mapped addresses IPv4.
Address destination_of(const Address& address);
/// The address as a socket of this family names it: IPv4 is mapped for an inet6 socket.
Address as_seen_by(Family family, const Address& address);

}  // namespace moonwire::net
