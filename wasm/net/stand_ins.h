// Stand-in addresses for names that the machine does not resolve itself: 198.18.0.0/15, which no
// host on the internet has (RFC 2544). Dialling one sends the name.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>

#include "net/address.h"

namespace moonwire::net {

class StandIns final {
 public:
  /// The name's address; a new one if it has none. The name that was not used for the longest time
  /// is forgotten when there are too many (stand_ins_max).
  Address address_for(std::string_view name);
  /// The name behind an address, or empty. Counts as use.
  std::string name_for(const Address& address);
  static bool is_stand_in(const Address& address);

 private:
  struct Entry {
    std::string name;
    std::uint32_t number;
  };
  std::list<Entry> entries_;  // the latest used first
  std::uint32_t next_number_ = 1;
};

}  // namespace moonwire::net
