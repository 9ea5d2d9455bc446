// The laboratory: host names that answer inside the machine, without a proxy, each at a loopback
// address of its own. Who answers is a Lua program, lua_lib/lab/main.lua.
#pragma once

#include <optional>
#include <string_view>

#include "net/address.h"

namespace moonwire::net {

/// In the order of their addresses, 127.76.66.1 and so on.
inline constexpr std::string_view laboratory_names[] = {
    "http.lab",   "echo.lab",   "discard.lab", "daytime.lab",
    "silent.lab", "refuse.lab", "reset.lab",   "trickle.lab",
};

inline std::optional<Address> laboratory_address(std::string_view name) {
  std::uint8_t number = 0;
  for (const std::string_view known : laboratory_names) {
    ++number;
    if (known == name) return Address::v4(127, 76, 66, number, 0);
  }
  return std::nullopt;
}

/// The name of one of its addresses, or "".
inline std::string_view laboratory_name(const Address& address) {
  for (const std::string_view name : laboratory_names) {
    if (laboratory_address(name) == address) return name;
  }
  return {};
}

}  // namespace moonwire::net
