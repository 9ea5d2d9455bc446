// Names to addresses and back, by the system's resolver on a few threads of its own: a name server
// that hangs holds up nothing else, and the names of one session hold up no other session: each has
// its own queue, and the queues take turns at the threads. Literals and the proxy's own names are
// answered at once.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
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

/// What a thread asks. They may take as long as they like.
struct Lookups {
  std::function<Resolution(const std::string& host, wisp::Family family)> addresses;
  std::function<Resolution(const ip::address& address)> names;
};
/// getaddrinfo and getnameinfo.
Lookups system_lookups();

class Resolver {
 public:
  /// Whose queue a question stands in; only ever compared.
  using Asker = const void*;
  Resolver(Executor executor, const Limits& limits, Counters& counters, Lookups lookups);
  ~Resolver();

  /// All addresses of a host (a name, a literal, `localhost`, `proxy.internal`), in the system's
  /// order.
  Task<Resolution> addresses(Asker asker, std::string host, wisp::Family family);
  /// The name of an address.
  Task<Resolution> names(Asker asker, std::string literal);

 private:
  using Work = std::function<Resolution()>;
  struct Question;
  struct Queues;
  Task<Resolution> ask(Asker asker, Work work);

  Executor executor_;
  const Limits& limits_;
  Counters& counters_;
  const Lookups lookups_;
  std::shared_ptr<Queues> queues_;  // threads on their way back look at it
  asio::thread_pool threads_{resolver_threads};
};

/// The host as a literal: an address as inet_pton reads it, brackets allowed. Odd spellings are
/// left to the resolver.
std::optional<ip::address> literal(std::string_view host);

}  // namespace moonwire::proxy
