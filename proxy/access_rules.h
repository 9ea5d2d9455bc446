// Who may be dialled, and which ports may be published. Pure: text and addresses in, a verdict out.
// The rules look at resolved addresses, so that a name cannot smuggle one.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace moonwire::proxy {

/// What kind of place an address is. Everything but `open_internet` is closed unless a rule names
/// it.
enum class Place { open_internet, loopback, link_local, private_network, multicast, special };

/// IPv4-mapped and NAT64 addresses count as the IPv4 address they lead to.
Place place_of(const boost::asio::ip::address& address);
std::string_view name_of(Place place);

/// IPv4-mapped IPv6 becomes IPv4; anything else stays.
boost::asio::ip::address without_mapping(const boost::asio::ip::address& address);

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;
  bool contains(std::uint16_t port) const { return first <= port && port <= last; }
};

/// Every address of the open internet, but nothing private: the host `*`.
struct AnyPublic {};
/// An address or a range of them.
struct Network {
  boost::asio::ip::address base;
  unsigned prefix = 0;
  bool contains(const boost::asio::ip::address& address) const;
};
/// A name, as the client asked for it. Opens what it resolves to, private addresses too, but never
/// the proxy's own loopback, link-local or metadata addresses.
struct Name {
  std::string name;
};

/// One `HOST:PORT` of --allow or --deny.
struct Rule {
  std::variant<AnyPublic, Network, Name> host;
  PortRange ports;
  std::string text;
};

struct RuleError {
  std::string why;
};

/// HOST: `*`, a name, an address, `ADDRESS/BITS`; IPv6 in brackets. PORT: `*`, a number,
/// `FIRST-LAST`. `localhost` and `proxy.internal` stand for the loopback addresses (two rules).
std::variant<std::vector<Rule>, RuleError> parse_rule(std::string_view text);

struct Verdict {
  bool allowed = false;
  std::string why;  ///< for the log and for FAILURE's text
};

class AccessRules {
 public:
  /// What is open when no rule matches.
  enum class Default { open_internet, nothing };

  AccessRules() = default;
  AccessRules(Default otherwise, std::vector<Rule> allow, std::vector<Rule> deny)
      : otherwise_{otherwise}, allow_{std::move(allow)}, deny_{std::move(deny)} {}

  /// `asked` is the host as the client wrote it, `address` what it resolved to. A matching --deny
  /// wins.
  Verdict may_dial(std::string_view asked, const boost::asio::ip::address& address,
                   std::uint16_t port) const;

  /// One line for people and for /moonwire.json.
  std::string summary() const;

 private:
  Default otherwise_ = Default::nothing;
  std::vector<Rule> allow_;
  std::vector<Rule> deny_;
};

/// Lower case, without the root's dot and IPv6 brackets.
std::string normal_host(std::string_view host);

/// `--publish ADDRESS:PORTS`: on which address of the proxy's machine, and which ports a tab may
/// listen there.
struct PublishRule {
  boost::asio::ip::address address;
  PortRange ports;
};
std::variant<PublishRule, RuleError> parse_publish_rule(std::string_view text);

}  // namespace moonwire::proxy
