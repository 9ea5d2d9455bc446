// The way to the proxy. For now it only knows that there is none.
#pragma once

#include <memory>

#include "net/channel.h"
#include "net/network.h"

namespace moonwire::net {

class Tunnel final {
 public:
  /// Begins a connection to the outside. @return null and why it is known to be impossible.
  std::unique_ptr<Channel> dial(ChannelUser&, const Address&, NetError& error) {
    error = NetError::network_unreachable;
    return nullptr;
  }
};

}  // namespace moonwire::net
