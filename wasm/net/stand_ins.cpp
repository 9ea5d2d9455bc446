// The bounded table of names and their stand-in addresses.
#include "net/stand_ins.h"

#include <algorithm>

#include "net/limits.h"

namespace moonwire::net {
namespace {

constexpr std::uint32_t first_address = 198u << 24 | 18u << 16;
constexpr std::uint32_t address_count = 1u << 17;

std::uint32_t number_of(const Address& address) {
  return (std::uint32_t(address.bytes[0]) << 24 | std::uint32_t(address.bytes[1]) << 16 |
          std::uint32_t(address.bytes[2]) << 8 | address.bytes[3]) -
         first_address;
}

}  // namespace

bool StandIns::is_stand_in(const Address& address) {
  return address.family == Family::inet && number_of(address) < address_count;
}

Address StandIns::address_for(std::string_view name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    // The oldest goes long before its number comes round again.
    if (entries_.size() == stand_ins_max) entries_.pop_back();
    entries_.push_front({std::string(name), next_number_});
    next_number_ = next_number_ + 1 < address_count - 1 ? next_number_ + 1 : 1;
  }
  const std::uint32_t whole = first_address + entries_.front().number;
  return Address::v4(std::uint8_t(whole >> 24), std::uint8_t(whole >> 16), std::uint8_t(whole >> 8),
                     std::uint8_t(whole));
}

std::string StandIns::name_for(const Address& address) {
  if (!is_stand_in(address)) return "";
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.number == number_of(address);
  });
  if (found == entries_.end()) return "";
  entries_.splice(entries_.begin(), entries_, found);
  return entries_.front().name;
}

}  // namespace moonwire::net
