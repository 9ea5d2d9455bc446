// Why a stream ended: Wisp's one-byte reason, our extension's exact failure, and the way from one
// to the other. The words a script sees are made elsewhere.
#pragma once

#include <cstdint>
#include <string_view>

namespace moonwire::wisp {

/// Wisp's reasons (version 2, draft 6). A peer may send any byte; unnamed ones are treated as
/// `unknown`.
enum class CloseReason : std::uint8_t {
  unknown = 0x01,
  voluntary = 0x02,
  network_error = 0x03,
  incompatible = 0x04,
  invalid = 0x41,
  unreachable = 0x42,
  no_response = 0x43,
  refused = 0x44,
  transfer_timed_out = 0x47,
  blocked = 0x48,
  throttled = 0x49,
  client_error = 0x81,
  bad_password = 0xc0,
  bad_signature = 0xc1,
  missing_credentials = 0xc2,
};

/// The extension's exact failures: FAILURE's and RESOLVED's code. The numbers are the wire's.
enum class Failure : std::uint8_t {
  none = 0,
  other = 1,
  refused = 2,
  reset = 3,
  timed_out = 4,
  network_unreachable = 5,
  host_unreachable = 6,
  address_in_use = 7,
  address_not_available = 8,
  permission_denied = 9,
  denied_by_rule = 10,
  name_not_found = 11,
  name_try_again = 12,
  name_no_data = 13,
  name_failed = 14,
  limit_reached = 15,
  out_of_resources = 16,
  family_not_supported = 17,
  invalid_argument = 18,
  message_too_long = 19,
  not_supported = 20,
  aborted = 21,
  stopping = 22,
};

/// The reason that CLOSE carries beside this failure. Time-outs of an open connection are
/// `transfer_timed_out`, which only the caller can know; this gives `no_response` for them.
CloseReason close_reason_for(Failure failure);

/// The best guess at the failure behind a plain CLOSE; `none` for a voluntary one.
Failure failure_for(CloseReason reason);

/// A code from the wire; what this version does not know is `other`.
Failure failure_from_wire(std::uint8_t code);

/// The protocol's own name of a failure or reason, for logs: "name_not_found".
std::string_view name_of(Failure failure);
std::string_view name_of(CloseReason reason);

}  // namespace moonwire::wisp
