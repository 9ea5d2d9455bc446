// OPTION's options as the system's: checked, then set.
#pragma once

#include "wisp/close_reason.h"
#include "wisp/packet.h"

namespace moonwire::proxy {

enum class SocketKind { tcp, udp };

/// Sets one option of a socket. `none`, or why not.
wisp::Failure set_socket_option(int descriptor, SocketKind kind, bool is_v6,
                                const wisp::Option& option);

}  // namespace moonwire::proxy
