// Why a network operation did not succeed: the one list for sockets, names and the tunnel.
// bindings/failure.cpp turns these into each dialect's words.
#pragma once

#include <cstdint>

namespace moonwire::net {

/// The conditions a POSIX socket layer reports, by meaning. `none` is success.
enum class NetError : std::uint8_t {
  none,
  would_block,            // EAGAIN: try again when the socket is ready
  in_progress,            // EINPROGRESS: connect has begun
  already_in_progress,    // EALREADY
  already_connected,      // EISCONN
  not_connected,          // ENOTCONN
  connection_refused,     // ECONNREFUSED
  connection_reset,       // ECONNRESET
  connection_aborted,     // ECONNABORTED
  broken_pipe,            // EPIPE
  timed_out,              // ETIMEDOUT
  address_in_use,         // EADDRINUSE
  address_not_available,  // EADDRNOTAVAIL
  network_unreachable,    // ENETUNREACH: also "there is no proxy"
  host_unreachable,       // EHOSTUNREACH
  bad_descriptor,         // EBADF
  invalid_argument,       // EINVAL
  permission_denied,      // EACCES: also "denied by the proxy's rules"
  message_too_long,       // EMSGSIZE
  too_many_files,         // EMFILE: this process has no descriptor left
  too_many_files_system,  // ENFILE: the machine has no socket left
  family_not_supported,   // EAFNOSUPPORT
  not_supported,          // EOPNOTSUPP
  destination_required,   // EDESTADDRREQ
  option_not_supported,   // ENOPROTOOPT
  no_such_path,           // ENOENT (unix sockets)
  not_permitted,          // EPERM: a unix datagram socket hears only the peer it is connected to
  not_a_folder,           // ENOTDIR (unix sockets)
  wrong_socket_type,      // EPROTOTYPE: a stream's path for a datagram, or the other way round
  path_too_long,          // a unix socket path over 107 bytes
  out_of_memory,          // ENOBUFS, ENOMEM
  // Name resolution (the resolver's EAI_ codes).
  name_unknown,       // EAI_NONAME
  name_try_again,     // EAI_AGAIN
  name_failure,       // EAI_FAIL
  name_no_address,    // EAI_NODATA
  name_wrong_family,  // EAI_ADDRFAMILY
  service_unknown,    // EAI_SERVICE
};

}  // namespace moonwire::net
