// Names to addresses and back. Literals and localhost are answered at once; other names go through
// the tunnel.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/net_error.h"
#include "net/readiness.h"

namespace moonwire::net {

/// What gethostname says, and a name for 127.0.0.1.
inline constexpr std::string_view machine_name = "moonwire";
/// The proxy's own machine, as the proxy names it.
inline constexpr std::string_view proxy_name = "proxy.internal";

/// A question and, once it is ready (readable), its answer. Dropping it forgets the question.
class Lookup : public Pollable {
 public:
  virtual bool is_done() const = 0;
  virtual NetError error() const = 0;
  /// Forward: all addresses in resolver order, port 0. Reverse: the addresses of the canonical
  /// name, may be empty.
  virtual const std::vector<Address>& addresses() const = 0;
  /// The canonical name; for a reverse look-up the name found.
  virtual const std::string& name() const = 0;
  virtual const std::vector<std::string>& aliases() const = 0;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  /// `family` restricts what is asked; unspecified asks for both, and gives addresses as
  /// getaddrinfo would order them.
  virtual std::shared_ptr<Lookup> forward(std::string_view name, Family family) = 0;
  virtual std::shared_ptr<Lookup> reverse(const Address& address) = 0;
};

/// The port a service text means, as getaddrinfo reads it: "" is 0, " 80" is 80, "70000" wraps,
/// "http" by the usual table.
/// @return false for "-1", "1.5", "8080.0", "0x50" and names it does not know.
bool parse_service(std::string_view text, std::uint16_t& port);
/// "http" for 80, or the number as text.
std::string service_name(std::uint16_t port);

}  // namespace moonwire::net
