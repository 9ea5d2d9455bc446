// Answers names here, or hands them to the tunnel.
#include "net/network_resolver.h"

#include <algorithm>
#include <utility>

#include "net/laboratory.h"
#include "net/tunnel.h"

namespace moonwire::net {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  if (out.size() > 1 && out.ends_with('.')) out.pop_back();
  return out;
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > name_bytes_max) return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; });
}

SettableLookup::Answer answer_with(std::vector<Address> addresses, std::string_view name) {
  return {NetError::none, std::move(addresses), std::string(name), {}};
}

/// The answer to what needs nobody's help, or nothing.
std::optional<SettableLookup::Answer> answer_here(std::string_view text, Family family) {
  std::optional<Address> literal = parse_literal(text);
  if (!literal) literal = parse_loose_inet(text);
  if (literal) {
    if (family != Family::unspecified && family != literal->family) {
      return SettableLookup::Answer{NetError::name_wrong_family, {}, "", {}};
    }
    return answer_with({*literal}, text);
  }
  if (!is_name(text)) return SettableLookup::Answer{NetError::name_unknown, {}, "", {}};
  const std::string name = lower(text);
  if (name == "localhost" || name.ends_with(".localhost") || name == machine_name) {
    // Both families are never given together: a listener on "localhost" would be on one of them
    // only.
    return answer_with({Address::loopback(family == Family::inet6 ? family : Family::inet)}, name);
  }
  return std::nullopt;
}

}  // namespace

SettableLookup::SettableLookup(std::shared_ptr<Core> core) : core_(std::move(core)) {
  ++core_->open_lookups;
}

SettableLookup::~SettableLookup() {
  if (!is_done_) --core_->open_lookups;
}

void SettableLookup::answer(Answer answer) {
  if (std::exchange(is_done_, true)) return;
  --core_->open_lookups;
  answer_ = std::move(answer);
  notify();
}

std::shared_ptr<Lookup> NetworkResolver::forward(std::string_view name, Family family) {
  auto lookup = std::make_shared<SettableLookup>(core_);
  // The record's bytes are the name; a literal is no question to anybody.
  if (core_->wire.is_recording() && !parse_literal(name)) {
    core_->wire.add(WireKind::resolve, {}, {}, std::as_bytes(std::span(name.data(), name.size())));
  }
  if (auto answer = answer_here(name, family)) {
    lookup->answer(std::move(*answer));
    return lookup;
  }
  if (const auto place = laboratory_address(lower(name));
      place && core_->environment.start_laboratory) {
    lookup->held = family == Family::inet6
                       ? SettableLookup::Answer{NetError::name_no_address, {}, "", {}}
                       : answer_with({*place}, lower(name));
    visit_laboratory(lookup);
  } else if (core_->tunnel) {
    core_->tunnel->look_up(lookup, lower(name), family);
  } else {
    lookup->answer({NetError::network_unreachable, {}, "", {}});
  }
  return lookup;
}

std::shared_ptr<Lookup> NetworkResolver::reverse(const Address& address) {
  auto lookup = std::make_shared<SettableLookup>(core_);
  Address host = unmapped(address);
  host.port = 0;
  if (host == Address::loopback(Family::inet) || host == Address::loopback(Family::inet6)) {
    lookup->answer(answer_with({host}, "localhost"));
    return lookup;
  }
  if (const std::string_view name = laboratory_name(host); !name.empty()) {
    lookup->answer(answer_with({host}, name));
    return lookup;
  }
  if (core_->tunnel && !is_local(host)) {
    core_->tunnel->look_up_name_of(lookup, host);
  } else {
    lookup->answer({NetError::name_unknown, {}, "", {}});
  }
  return lookup;
}

void NetworkResolver::visit_laboratory(const std::shared_ptr<SettableLookup>& lookup) {
  using enum Core::Laboratory;
  if (core_->laboratory == open || core_->owner >= first_laboratory_owner) return let_in(*lookup);
  core_->laboratory_visitors.push_back(lookup);
  if (core_->laboratory == opening) return;
  core_->laboratory = opening;
  core_->environment.start_laboratory();
}

void NetworkResolver::let_in(SettableLookup& lookup) {
  lookup.answer(std::move(lookup.held));
}

}  // namespace moonwire::net
