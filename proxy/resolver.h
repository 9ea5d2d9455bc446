// Names to addresses and back, by the system's resolver on a few threads of its own: a name server
// that hangs holds up nothing else. Literals and the proxy's own names are answered at once.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <string>
#include <vector>

#include "proxy/asio.h"
#include "proxy/counters.h"
#include "proxy/limits.h"
#include "wisp/packet.h"

namespace moonwire::proxy {

struct Resolution {
  wisp::Failure failure = wisp::Failure::none;
  std::string name;                  ///< the canonical one
  std::vector<std::string> aliases;  ///< what was asked, if it is another
  std::vector<ip::address> addresses;
};

class Resolver {
 public:
  Resolver(Executor executor, const Limits& limits, Counters& counters);
  ~Resolver();

  /// All addresses of a host (a name, a literal, `localhost`, `proxy.internal`), in the system's
  /// order.
  Task<Resolution> addresses(std::string host, wisp::Family family);
  /// The name of an address.
  Task<Resolution> names(std::string literal);

 private:
  using Work = std::function<Resolution()>;
  Task<Resolution> ask(Work work);

  Executor executor_;
  const Limits& limits_;
  Counters& counters_;
  std::size_t waiting_ = 0;
  asio::thread_pool threads_{resolver_threads};
};

/// The host as a literal: an address as inet_pton reads it, brackets allowed. Odd spellings are
/// left to the resolver.
std::optional<ip::address> literal(std::string_view host);

}  // namespace moonwire::proxy
