// Between the network's words and the wire's: addresses, failures.
#pragma once

#include "net/address.h"
#include "net/net_error.h"
#include "wisp/close_reason.h"
#include "wisp/packet.h"

namespace moonwire::net {

wisp::Address to_wisp(const Address& address);
Address from_wisp(const wisp::Address& address);

/// What a connect, a look-up or a bind that failed this way reports.
NetError error_for(wisp::Failure failure);
/// What plain Wisp's CLOSE means for a connect. Servers tell most failures as "network error".
NetError connect_error_for(wisp::CloseReason reason);
/// What CLOSE means for a connection that stood; none is an orderly end.
NetError ending_for(wisp::CloseReason reason);

}  // namespace moonwire::net
