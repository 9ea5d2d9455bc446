// Bind conflicts, port choice and the search for who is reached.
#include "net/ports.h"

#include <cassert>

#include "net/limits.h"

namespace moonwire::net {
namespace {

bool overlap(const Address& a, bool a_v6_only, const Address& b, bool b_v6_only) {
  const Address left = unmapped(a);
  const Address right = unmapped(b);
  if (left.family == right.family) {
    return left.is_any() || right.is_any() || left.bytes == right.bytes;
  }
  // Across families only the dual-stack wildcard meets the other side.
  if (left.family == Family::inet6) return left.is_any() && !a_v6_only;
  return right.is_any() && !b_v6_only;
}

}  // namespace

void Claim::release() {
  if (table_ != nullptr) table_->unlink(*this);
}

bool PortTable::conflicts(const Claim& held, const Claim& claim, const Address& address) const {
  if (&held == &claim || held.is_apart != claim.is_apart ||
      !overlap(held.address_, held.is_v6_only, address, claim.is_v6_only)) {
    return false;
  }
  if (held.reuse_port && claim.reuse_port) return false;
  const bool may_share = rules_ == Rules::datagram || !held.is_listening_;
  return !(held.reuse_address && claim.reuse_address && may_share);
}

bool PortTable::take(Claim& claim, const Address& address) {
  bool is_free = true;
  for_each(address.port, [&](const Claim& held) {
    if (conflicts(held, claim, address)) is_free = false;
  });
  if (is_free) link(claim, address);
  return is_free;
}

void PortTable::share(Claim& claim, const Address& address) {
  link(claim, address);
}

std::uint16_t PortTable::free_port(std::uint64_t hint) {
  constexpr unsigned span = last_ephemeral_port - first_ephemeral_port + 1u;
  if (next_port_ == 0) next_port_ = std::uint16_t(first_ephemeral_port + hint % span);
  for (unsigned tried = 0; tried < span; ++tried) {
    const std::uint16_t port = next_port_;
    next_port_ = port == last_ephemeral_port ? first_ephemeral_port : std::uint16_t(port + 1);
    if (!heads_.contains(port)) return port;
  }
  return 0;
}

bool PortTable::listen(Claim& claim) {
  assert(claim.table_ == this);
  bool is_free = true;
  for_each(claim.address_.port, [&](const Claim& held) {
    if (&held != &claim && held.is_listening_ && held.is_apart == claim.is_apart &&
        overlap(held.address_, held.is_v6_only, claim.address_, claim.is_v6_only) &&
        !(held.reuse_port && claim.reuse_port)) {
      is_free = false;
    }
  });
  if (!is_free) return false;
  const Address address = claim.address_;
  unlink(claim);
  claim.is_listening_ = true;
  link(claim, address);
  return true;
}

Claim* PortTable::find_listener(const Address& to, std::uint64_t spread) const {
  const auto found = heads_.find(to.port);
  if (found == heads_.end()) return nullptr;
  int best = 0;
  std::uint64_t ties = 0;
  for (Claim* claim = found->second; claim != nullptr && claim->is_listening_;
       claim = claim->next_) {
    const int quality = match_quality(*claim, to);
    if (quality > best) {
      best = quality;
      ties = 0;
    }
    if (quality == best && best > 0) ++ties;
  }
  if (ties == 0) return nullptr;
  std::uint64_t chosen = spread % ties;
  for (Claim* claim = found->second; claim != nullptr; claim = claim->next_) {
    if (match_quality(*claim, to) == best && chosen-- == 0) return claim;
  }
  return nullptr;
}

void PortTable::link(Claim& claim, const Address& address) {
  claim.release();
  claim.table_ = this;
  claim.address_ = address;
  Claim*& head = heads_[address.port];
  if (claim.is_listening_ || head == nullptr || !head->is_listening_) {
    claim.next_ = head;
    claim.previous_ = nullptr;
    if (head != nullptr) head->previous_ = &claim;
    head = &claim;
    return;
  }
  Claim* last_listening = head;
  while (last_listening->next_ != nullptr && last_listening->next_->is_listening_) {
    last_listening = last_listening->next_;
  }
  claim.previous_ = last_listening;
  claim.next_ = last_listening->next_;
  if (claim.next_ != nullptr) claim.next_->previous_ = &claim;
  last_listening->next_ = &claim;
}

void PortTable::unlink(Claim& claim) {
  if (claim.next_ != nullptr) claim.next_->previous_ = claim.previous_;
  if (claim.previous_ != nullptr) {
    claim.previous_->next_ = claim.next_;
  } else if (claim.next_ != nullptr) {
    heads_[claim.address_.port] = claim.next_;
  } else {
    heads_.erase(claim.address_.port);
  }
  claim.table_ = nullptr;
  claim.previous_ = claim.next_ = nullptr;
  claim.is_listening_ = false;
}

int match_quality(const Claim& claim, const Address& to) {
  const Address here = unmapped(claim.address());
  if (here.family == to.family) {
    if (here.bytes == to.bytes) return 3;
    return here.is_any() ? 2 : 0;
  }
  const bool is_dual = here.family == Family::inet6 && here.is_any() && !claim.is_v6_only;
  return is_dual && to.family == Family::inet ? 1 : 0;
}

}  // namespace moonwire::net
