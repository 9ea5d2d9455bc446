// Deliberate faults per address, for teaching and for tests: delay, loss, small reads, reset, no
// route.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/address.h"
#include "net/deadlines.h"

namespace moonwire::net {

/// What happens on the way to an address. The defaults do nothing.
struct Fault {
  Micros delay = 0;                             // each way, connection set-up and data alike
  double datagram_loss = 0;                     // 0..1, drawn from the machine's own generator
  std::size_t largest_read = 0;                 // 0: no bound; 1: a byte at a time
  std::optional<std::size_t> reset_after = {};  // bytes delivered before RST
  bool no_route = false;                        // connects fail with host_unreachable
  bool black_hole = false;                      // connects are never answered

  bool operator==(const Fault&) const = default;
};

class Faults final {
 public:
  /// Port 0 means every port of the host; the most exact entry wins.
  /// A fault that does nothing takes the entry away.
  void set(const Address& target, const Fault& fault);
  void clear();
  const Fault* find(const Address& target) const;  // null: none
  bool is_empty() const { return entries_.empty(); }
  /// Changes with every set and clear: who remembers a fault looks again when it differs.
  std::uint64_t generation() const { return generation_; }

 private:
  struct Entry {
    Address target;
    Fault fault;
  };
  std::vector<Entry> entries_;
  std::uint64_t generation_ = 0;
};

}  // namespace moonwire::net
