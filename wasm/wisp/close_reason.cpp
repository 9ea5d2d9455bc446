// The tables between Wisp's reasons, the extension's failures and their names.
#include "wisp/close_reason.h"

namespace moonwire::wisp {

CloseReason close_reason_for(Failure failure) {
  switch (failure) {
    case Failure::none: return CloseReason::voluntary;
    case Failure::other: return CloseReason::unknown;
    case Failure::refused: return CloseReason::refused;
    case Failure::timed_out: return CloseReason::no_response;
    case Failure::reset:
    case Failure::aborted:
    case Failure::stopping: return CloseReason::network_error;
    case Failure::network_unreachable:
    case Failure::host_unreachable:
    case Failure::name_not_found:
    case Failure::name_try_again:
    case Failure::name_no_data:
    case Failure::name_failed: return CloseReason::unreachable;
    case Failure::permission_denied:
    case Failure::denied_by_rule: return CloseReason::blocked;
    case Failure::limit_reached:
    case Failure::out_of_resources: return CloseReason::throttled;
    case Failure::address_in_use:
    case Failure::address_not_available:
    case Failure::family_not_supported:
    case Failure::invalid_argument:
    case Failure::message_too_long:
    case Failure::not_supported: return CloseReason::invalid;
  }
  return CloseReason::unknown;
}

Failure failure_for(CloseReason reason) {
  switch (reason) {
    case CloseReason::voluntary: return Failure::none;
    case CloseReason::network_error: return Failure::reset;
    case CloseReason::invalid: return Failure::invalid_argument;
    case CloseReason::unreachable: return Failure::host_unreachable;
    case CloseReason::no_response:
    case CloseReason::transfer_timed_out: return Failure::timed_out;
    case CloseReason::refused: return Failure::refused;
    case CloseReason::blocked: return Failure::denied_by_rule;
    case CloseReason::throttled: return Failure::limit_reached;
    case CloseReason::bad_password:
    case CloseReason::bad_signature:
    case CloseReason::missing_credentials: return Failure::permission_denied;
    case CloseReason::unknown:
    case CloseReason::incompatible:
    case CloseReason::client_error: return Failure::other;
  }
  return Failure::other;
}

Failure failure_from_wire(std::uint8_t code) {
  return code <= static_cast<std::uint8_t>(Failure::stopping) ? static_cast<Failure>(code)
                                                              : Failure::other;
}

std::string_view name_of(Failure failure) {
  switch (failure) {
    case Failure::none: return "none";
    case Failure::other: return "other";
    case Failure::refused: return "refused";
    case Failure::reset: return "reset";
    case Failure::timed_out: return "timed_out";
    case Failure::network_unreachable: return "network_unreachable";
    case Failure::host_unreachable: return "host_unreachable";
    case Failure::address_in_use: return "address_in_use";
    case Failure::address_not_available: return "address_not_available";
    case Failure::permission_denied: return "permission_denied";
    case Failure::denied_by_rule: return "denied_by_rule";
    case Failure::name_not_found: return "name_not_found";
    case Failure::name_try_again: return "name_try_again";
    case Failure::name_no_data: return "name_no_data";
    case Failure::name_failed: return "name_failed";
    case Failure::limit_reached: return "limit_reached";
    case Failure::out_of_resources: return "out_of_resources";
    case Failure::family_not_supported: return "family_not_supported";
    case Failure::invalid_argument: return "invalid_argument";
    case Failure::message_too_long: return "message_too_long";
    case Failure::not_supported: return "not_supported";
    case Failure::aborted: return "aborted";
    case Failure::stopping: return "stopping";
  }
  return "other";
}

std::string_view name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::unknown: return "unknown";
    case CloseReason::voluntary: return "voluntary";
    case CloseReason::network_error: return "network error";
    case CloseReason::incompatible: return "incompatible extensions";
    case CloseReason::invalid: return "invalid";
    case CloseReason::unreachable: return "unreachable";
    case CloseReason::no_response: return "no response";
    case CloseReason::refused: return "refused";
    case CloseReason::transfer_timed_out: return "transfer timed out";
    case CloseReason::blocked: return "blocked";
    case CloseReason::throttled: return "throttled";
    case CloseReason::client_error: return "client error";
    case CloseReason::bad_password: return "bad password";
    case CloseReason::bad_signature: return "bad signature";
    case CloseReason::missing_credentials: return "missing credentials";
  }
  return "unknown";
}

}  // namespace moonwire::wisp
