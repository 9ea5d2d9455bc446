// Finds the fault that an address has been given.
#include "net/faults.h"

#include <algorithm>
#include <utility>

namespace moonwire::net {

void Faults::set(const Address& target, const Fault& fault) {
  ++generation_;
  const Address key = unmapped(target);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.target == key; });
  if (fault == Fault{}) {
    if (found != entries_.end()) entries_.erase(found);
  } else if (found != entries_.end()) {
    found->fault = fault;
  } else {
    entries_.push_back({key, fault});
  }
}

void Faults::clear() {
  ++generation_;
  entries_.clear();
}

const Fault* Faults::find(const Address& target) const {
  if (entries_.empty()) return nullptr;
  Address key = unmapped(target);
  const Fault* of_host = nullptr;
  for (const Entry& entry : entries_) {
    if (entry.target == key) return &entry.fault;
    if (entry.target.port != 0) continue;
    const std::uint16_t port = std::exchange(key.port, std::uint16_t{0});
    if (entry.target == key) of_host = &entry.fault;
    key.port = port;
  }
  return of_host;
}

}  // namespace moonwire::net
