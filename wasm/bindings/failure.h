// Turns what went wrong in the network into a dialect's words: the one place that does. The texts
// are LuaSocket's own where it has one, else glibc's: a script that compares them must not meet
// another C library's.
#pragma once

#include "net/net_error.h"

namespace moonwire::bindings {

/// glibc's strerror / gai_strerror for the condition; null for `none`.
const char* system_words(net::NetError error);

/// What LuaSocket's methods give as second result; null for `none`. An ending of the peer's
/// (reset, abort) is "closed".
const char* luasocket_words(net::NetError error);
/// The same for a stream's send, to which a broken pipe is "closed" too.
const char* luasocket_send_words(net::NetError error);

/// The older resolver interface behind dns.toip and dns.tohostname (herror's texts); null for
/// `none`.
const char* luasocket_host_words(net::NetError error);

/// Datagram sends: a socket that is no more is "refused".
inline constexpr const char* closed_words = "closed";
inline constexpr const char* timeout_words = "timeout";
inline constexpr const char* refused_words = "refused";

}  // namespace moonwire::bindings
