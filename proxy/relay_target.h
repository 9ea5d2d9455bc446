// Where a raw relay leads, and whether the rules are asked.
#pragma once

#include <cstdint>
#include <string>

namespace moonwire::proxy {

/// Whether the rules are asked where a dial leads.
enum class Trust {
  by_rules,
  configured,  ///< the operator named the target himself
};

struct RelayTarget {
  std::string host;
  std::uint16_t port = 0;
  Trust trust = Trust::by_rules;
};

}  // namespace moonwire::proxy
