// The options of one socket: Linux's defaults, limits and stored values. What they change is left
// to the socket.
#pragma once

#include <array>
#include <cstdint>

#include "net/net_error.h"
#include "net/socket.h"

namespace moonwire::net {

class OptionSet final {
 public:
  OptionSet(Family family, SocketType type);

  /// Checks the range and keeps the value. @return option_not_supported or invalid_argument.
  NetError set(Option option, int value);
  NetError get(Option option, int& value) const;
  bool is_on(Option option) const { return values_[index(option)] != 0; }
  int value(Option option) const { return values_[index(option)]; }

 private:
  static constexpr std::size_t count = std::size_t(Option::unicast_hops) + 1;
  static constexpr std::size_t index(Option option) { return std::size_t(option); }
  bool applies(Option option) const;

  Family family_;
  SocketType type_;
  std::array<int, count> values_{};
};

}  // namespace moonwire::net
