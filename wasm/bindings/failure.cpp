// Turns what went wrong in the network into a dialect's words.
#include "bindings/failure.h"

namespace moonwire::bindings {

using net::NetError;

const char* system_words(NetError error) {
  switch (error) {
    using enum NetError;
    case none: return nullptr;
    case would_block: return "Resource temporarily unavailable";
    case in_progress: return "Operation now in progress";
    case already_in_progress: return "Operation already in progress";
    case already_connected: return "Transport endpoint is already connected";
    case not_connected: return "Transport endpoint is not connected";
    case connection_refused: return "Connection refused";
    case connection_reset: return "Connection reset by peer";
    case connection_aborted: return "Software caused connection abort";
    case broken_pipe: return "Broken pipe";
    case timed_out: return "Connection timed out";
    case address_in_use: return "Address already in use";
    case address_not_available: return "Cannot assign requested address";
    case network_unreachable: return "Network is unreachable";
    case host_unreachable: return "No route to host";
    case bad_descriptor: return "Bad file descriptor";
    case invalid_argument: return "Invalid argument";
    case permission_denied: return "Permission denied";
    case message_too_long: return "Message too long";
    case too_many_files: return "Too many open files";
    case too_many_files_system: return "Too many open files in system";
    case family_not_supported: return "Address family not supported by protocol";
    case not_supported: return "Operation not supported";
    case destination_required: return "Destination address required";
    case option_not_supported: return "Protocol not available";
    case no_such_path: return "No such file or directory";
    case not_permitted: return "Operation not permitted";
    case not_a_folder: return "Not a directory";
    case wrong_socket_type: return "Protocol wrong type for socket";
    case path_too_long: return "path too long";
    case out_of_memory: return "Cannot allocate memory";
    case name_unknown: return "Name or service not known";
    case name_try_again: return "Temporary failure in name resolution";
    case name_failure: return "Non-recoverable failure in name resolution";
    case name_no_address: return "No address associated with hostname";
    case name_wrong_family: return "Address family for hostname not supported";
    case service_unknown: return "Servname not supported for ai_socktype";
  }
  return "unknown error";
}

const char* luasocket_words(NetError error) {
  switch (error) {
    using enum NetError;
    case address_in_use: return "address already in use";
    case already_connected: return "already connected";
    case permission_denied: return "permission denied";
    case connection_refused: return "connection refused";
    case connection_aborted:
    case connection_reset: return closed_words;
    case timed_out: return timeout_words;
    case name_unknown: return "host or service not provided, or not known";
    case name_try_again: return "temporary failure in name resolution";
    case name_failure: return "non-recoverable failure in name resolution";
    case service_unknown: return "service not supported for socket type";
    default: return system_words(error);
  }
}

const char* luasocket_send_words(NetError error) {
  return error == NetError::broken_pipe ? closed_words : luasocket_words(error);
}

const char* luasocket_host_words(NetError error) {
  switch (error) {
    using enum NetError;
    case name_unknown:
    case name_wrong_family: return "host not found";
    case name_try_again: return "Host name lookup failure";
    case name_failure: return "Unknown server error";
    case name_no_address: return "No address associated with name";
    default: return luasocket_words(error);
  }
}

}  // namespace moonwire::bindings
