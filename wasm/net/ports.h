// Who holds which address and port: bind's conflict rules as Linux has them, and who is reached by
// a connect or a datagram. One table for streams, one for datagrams.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "net/address.h"

namespace moonwire::net {

class PortTable;

/// A socket's hold on an address and port; lives inside the socket and lets go when it dies.
class Claim final {
 public:
  Claim() = default;
  ~Claim() { release(); }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  bool is_held() const { return table_ != nullptr; }
  const Address& address() const { return address_; }
  void release();

  bool reuse_address = false;
  bool reuse_port = false;
  bool is_v6_only = false;
  bool is_apart = false;   // the laboratory's: it and the others are not in each other's way
  void* socket = nullptr;  // the claim's owner, of the one type that the table's user puts in

 private:
  friend class PortTable;  // the list's other end
  PortTable* table_ = nullptr;
  Claim* previous_ = nullptr;
  Claim* next_ = nullptr;
  Address address_;
  bool is_listening_ = false;
};

class PortTable final {
 public:
  /// Streams: reuse_address helps only where nobody listens. Datagrams: it always helps.
  enum class Rules : std::uint8_t { stream, datagram };
  explicit PortTable(Rules rules) : rules_(rules) {}

  /// Takes the address with its port. @return false when another claim is in the way.
  bool take(Claim& claim, const Address& address);
  /// Takes without asking: accepted sockets share their listener's port.
  void share(Claim& claim, const Address& address);
  /// A port nobody uses, walking on from `hint`; 0 when there is none.
  std::uint16_t free_port(std::uint64_t hint);
  /// @return false when somebody listens there already.
  bool listen(Claim& claim);
  /// Who listens for connections to `to` (IPv4 or IPv6, never mapped); `spread` chooses between
  /// claims that share by reuse_port.
  Claim* find_listener(const Address& to, std::uint64_t spread) const;

  /// Calls `visit(Claim&)` for each claim of the port; it may not change the table.
  template <typename Visit>
  void for_each(std::uint16_t port, Visit visit) const {
    const auto found = heads_.find(port);
    if (found == heads_.end()) return;
    for (Claim* claim = found->second; claim != nullptr; claim = claim->next_) visit(*claim);
  }
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& entry : heads_) for_each(entry.first, visit);
  }

 private:
  friend class Claim;
  void link(Claim& claim, const Address& address);
  void unlink(Claim& claim);
  bool conflicts(const Claim& held, const Claim& claim, const Address& address) const;

  Rules rules_;
  std::uint16_t next_port_ = 0;
  // By port; listening claims come first in each list. Invariant: no empty list.
  std::unordered_map<std::uint16_t, Claim*> heads_;
};

/// How well a claim's address meets a destination: 0 not at all, 1 dual-stack wildcard, 2 wildcard,
/// 3 exactly.
int match_quality(const Claim& claim, const Address& to);

}  // namespace moonwire::net
