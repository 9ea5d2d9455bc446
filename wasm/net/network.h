// The way in: makes sockets, routes them (loopback or tunnel), and can say what is open.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/deadlines.h"
#include "net/faults.h"
#include "net/limits.h"
#include "net/resolver.h"
#include "net/socket.h"
#include "net/uplink.h"
#include "net/wire.h"

namespace moonwire::net {

enum class TunnelPhase : std::uint8_t { off, connecting, open, waiting, blocked };

/// Where the tunnel stands, for people. `why` and `retry_at` belong to waiting and blocked.
struct TunnelStatus {
  TunnelPhase phase = TunnelPhase::off;
  std::string url;
  int version = 0;           // 1 or 2 when open
  bool has_sockets = false;  // the "sockets" extension was agreed on
  std::string why;
  Micros retry_at = 0;
};

/// Owners from here on are the laboratory's: hosts inside the machine that are there to be dialled
/// (laboratory.h). Their doors are not told, and their addresses are in nobody's way.
inline constexpr std::uint32_t first_laboratory_owner = 0x8000'0000;

/// A socket that others can reach: a listener, or a bound datagram socket.
struct Door {
  std::uint32_t owner = 0;  // what set_owner said when the socket was made: the pid
  SocketType type = SocketType::stream;
  Address address;
  std::string published;  // "host:port" at the proxy, or empty
};

struct NetworkCensus {
  std::size_t sockets = 0;
  std::size_t lookups = 0;
  std::size_t tunnel_streams = 0;
  std::size_t buffered_bytes = 0;
};

class Network final {
 public:
  struct Environment {
    Deadlines& deadlines;
    Uplink* uplink = nullptr;                 // null: there is no outside
    std::function<std::uint64_t()> entropy;   // 64 random bits from the host
    std::function<CallSite()> call_site;      // for the wire
    std::function<void()> on_doors_changed;   // may be empty
    std::function<void()> on_tunnel_changed;  // may be empty
    // For unix sockets' paths: the full one, and whether a file could be made there (address_in_use
    // when one is there already). Without them every path is as it is given, and free.
    std::function<std::string(std::string_view)> full_path = nullptr;
    std::function<NetError(const std::string& full_path)> check_new_path = nullptr;
    // Starts the laboratory, when one of its names is asked for; the answer waits for
    // Network::laboratory_is_open. Empty: there is none.
    std::function<void()> start_laboratory = nullptr;
  };

  Network(Environment environment, Limits limits);
  ~Network();

  /// @return the socket, or null and too_many_files_system / family_not_supported.
  std::shared_ptr<Socket> make_socket(Family family, SocketType type, NetError& error);
  /// Owner of the sockets made from now on (the running process), and of what they accept.
  void set_owner(std::uint32_t owner);

  Resolver& resolver();
  Wire& wire();
  Faults& faults();
  const Limits& limits() const;

  /// Opens the tunnel: ws:// and wss:// speak Wisp, websockify:// and
  /// websockifys:// (over TLS) one WebSocket per connection. ""
  /// closes it. Keeps trying with backoff.
  void set_tunnel(std::string url);
  TunnelStatus tunnel_status() const;
  UplinkEvents& uplink_events();

  /// The laboratory listens (or never will): whoever asked for its names is answered.
  void laboratory_is_open();
  /// It has gone; the next question for one of its names starts it again.
  void laboratory_is_closed();

  std::vector<Door> doors() const;
  /// Takes back what is published at this address of the proxy. It stays open inside the machine,
  /// and connections that came through go on. @return false when nothing is published there.
  bool shut_door(SocketType type, const std::string& published);
  /// As unlink does: the path is free, whoever is bound there goes on. @return whether it was a
  /// socket's.
  bool remove_socket_file(std::string_view full_path);
  NetworkCensus census() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace moonwire::net
