// Rules from any text: parsed or refused; what no rule names stays closed; what a rule denies stays
// denied.
#include <cstdlib>
#include <string>

#include "proxy/access_rules.h"
#include "proxy/resolver.h"

using namespace moonwire::proxy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  const std::size_t middle = text.find('\n');
  const std::string rule = text.substr(0, middle);
  const std::string host = middle == text.npos ? rule : text.substr(middle + 1);
  auto parsed = parse_rule(rule);
  auto published = parse_publish_rule(rule);
  const auto address = literal(host);
  if (!address) return 0;
  const std::uint16_t port = static_cast<std::uint16_t>(size * 7919);
  const AccessRules closed{AccessRules::Default::open_internet, {}, {}};
  const bool is_public = place_of(*address) == Place::open_internet;
  if (closed.may_dial(host, *address, port).allowed != is_public) std::abort();
  if (place_of(without_mapping(*address)) != place_of(*address)) std::abort();
  if (const auto* rules = std::get_if<std::vector<Rule>>(&parsed)) {
    const AccessRules allowing{AccessRules::Default::nothing, *rules, {}};
    const AccessRules denying{AccessRules::Default::open_internet, *rules, *rules};
    if (allowing.may_dial(host, *address, port).allowed &&
        denying.may_dial(host, *address, port).allowed)
      std::abort();
    if (allowing.summary().empty()) std::abort();
  }
  return 0;
}
