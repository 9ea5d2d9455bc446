// Translates addresses and failures between the network and the wire.
#include "net/tunnel_words.h"

#include <algorithm>

namespace moonwire::net {

wisp::Address to_wisp(const Address& address) {
  wisp::Address out;
  if (address.family == Family::inet) out.family = wisp::Family::ipv4;
  if (address.family == Family::inet6) out.family = wisp::Family::ipv6;
  if (out.family == wisp::Family::none) return out;
  out.port = address.port;
  out.bytes = address.bytes;
  return out;
}

Address from_wisp(const wisp::Address& address) {
  Address out;
  switch (address.family) {
    case wisp::Family::ipv4: out.family = Family::inet; break;
    case wisp::Family::ipv6: out.family = Family::inet6; break;
    case wisp::Family::none: return out;
  }
  out.port = address.port;
  out.bytes = address.bytes;
  if (out.family == Family::inet)
    std::fill(out.bytes.begin() + 4, out.bytes.end(), std::uint8_t{0});
  return out;
}

NetError error_for(wisp::Failure failure) {
  switch (failure) {
    using enum wisp::Failure;
    case none: return NetError::none;
    case other: return NetError::connection_aborted;
    case refused: return NetError::connection_refused;
    case reset: return NetError::connection_reset;
    case timed_out: return NetError::timed_out;
    case network_unreachable: return NetError::network_unreachable;
    case host_unreachable: return NetError::host_unreachable;
    case address_in_use: return NetError::address_in_use;
    case address_not_available: return NetError::address_not_available;
    case permission_denied:
    case denied_by_rule: return NetError::permission_denied;
    case name_not_found: return NetError::name_unknown;
    case name_try_again: return NetError::name_try_again;
    case name_no_data: return NetError::name_no_address;
    case name_failed: return NetError::name_failure;
    case limit_reached: return NetError::too_many_files_system;
    case out_of_resources: return NetError::out_of_memory;
    case family_not_supported: return NetError::family_not_supported;
    case invalid_argument: return NetError::invalid_argument;
    case message_too_long: return NetError::message_too_long;
    case not_supported: return NetError::not_supported;
    case aborted: return NetError::connection_aborted;
    case stopping: return NetError::network_unreachable;
  }
  return NetError::connection_aborted;
}

NetError connect_error_for(wisp::CloseReason reason) {
  switch (reason) {
    using enum wisp::CloseReason;
    case unreachable: return NetError::host_unreachable;
    case no_response:
    case transfer_timed_out: return NetError::timed_out;
    case blocked: return NetError::permission_denied;
    case throttled: return NetError::too_many_files_system;
    case invalid: return NetError::invalid_argument;
    default: return NetError::connection_refused;
  }
}

NetError ending_for(wisp::CloseReason reason) {
  switch (reason) {
    using enum wisp::CloseReason;
    case unknown:
    case voluntary: return NetError::none;
    case transfer_timed_out:
    case no_response: return NetError::timed_out;
    default: return NetError::connection_reset;
  }
}

}  // namespace moonwire::net
