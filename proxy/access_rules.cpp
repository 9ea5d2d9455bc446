// The ranges and the matching.
#include "proxy/access_rules.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace moonwire::proxy {
namespace {

namespace ip = boost::asio::ip;

struct Range4 {
  std::uint32_t base;
  unsigned prefix;
  Place place;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// The IANA registry of special-purpose addresses. The first match counts.
constexpr std::array closed_ranges4{
    Range4{v4(127, 0, 0, 0), 8, Place::loopback},
    Range4{v4(169, 254, 0, 0), 16, Place::link_local},  // cloud metadata among them
    Range4{v4(10, 0, 0, 0), 8, Place::private_network},
    Range4{v4(172, 16, 0, 0), 12, Place::private_network},
    Range4{v4(192, 168, 0, 0), 16, Place::private_network},
    Range4{v4(100, 64, 0, 0), 10, Place::private_network},  // behind a provider's NAT
    Range4{v4(224, 0, 0, 0), 4, Place::multicast},
    Range4{v4(0, 0, 0, 0), 8, Place::special},  // "this host": Linux connects it to loopback
    Range4{v4(192, 0, 0, 0), 24, Place::special},
    Range4{v4(192, 0, 2, 0), 24, Place::special},
    Range4{v4(192, 88, 99, 0), 24, Place::special},
    Range4{v4(198, 18, 0, 0), 15, Place::special},
    Range4{v4(198, 51, 100, 0), 24, Place::special},
    Range4{v4(203, 0, 113, 0), 24, Place::special},
    Range4{v4(240, 0, 0, 0), 4, Place::special},  // broadcast among them
};

bool starts_with(const ip::address_v6::bytes_type& bytes, std::initializer_list<unsigned> prefix) {
  std::size_t i = 0;
  for (const unsigned byte : prefix) {
    if (bytes[i++] != byte) return false;
  }
  return true;
}

ip::address_v4 last_four(const ip::address_v6::bytes_type& bytes) {
  return ip::address_v4{{bytes[12], bytes[13], bytes[14], bytes[15]}};
}

Place place_of4(const ip::address_v4& address) {
  const std::uint32_t value = address.to_uint();
  for (const Range4& range : closed_ranges4) {
    if ((value ^ range.base) >> (32 - range.prefix) == 0) return range.place;
  }
  return Place::open_internet;
}

Place place_of6(const ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  if (address.is_loopback()) return Place::loopback;
  if (starts_with(bytes, {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}))
    return place_of4(last_four(bytes));
  if (address.is_multicast()) return Place::multicast;
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) return Place::link_local;
  if ((bytes[0] & 0xfe) == 0xfc)
    return Place::private_network;  // fd00:ec2::254, metadata, among them
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0) return Place::private_network;  // site-local
  if ((bytes[0] & 0xe0) != 0x20) return Place::special;  // only 2000::/3 is in use
  if (starts_with(bytes, {0x20, 0x01, 0x0d, 0xb8})) return Place::special;  // documentation
  if (starts_with(bytes, {0x20, 0x01}) && bytes[2] < 2)
    return Place::special;                                      // Teredo and the protocols' own
  if (starts_with(bytes, {0x20, 0x02})) return Place::special;  // 6to4 hides an IPv4 address
  if (starts_with(bytes, {0x3f, 0xff}) && bytes[2] < 0x10) return Place::special;  // documentation
  return Place::open_internet;
}

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

std::optional<PortRange> parse_ports(std::string_view text) {
  if (text == "*") return PortRange{};
  const std::size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash), 65535);
  const auto last = dash == text.npos ? first : parse_number(text.substr(dash + 1), 65535);
  if (!first || !last || *first > *last) return std::nullopt;
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

/// "HOST" and "PORT" of a text; the host may stand in brackets.
struct HostAndPort {
  std::string_view host;
  std::string_view port;
};
std::optional<HostAndPort> split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  const bool has_bare_colon = host.find(':') != host.npos && host.front() != '[';
  if (has_bare_colon) return std::nullopt;
  return HostAndPort{host, text.substr(colon + 1)};
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

std::variant<Network, RuleError> parse_network(const std::string& host) {
  std::string text = host;
  std::optional<unsigned> prefix;
  if (const std::size_t slash = text.find('/'); slash != text.npos) {
    prefix = parse_number(std::string_view{text}.substr(slash + 1), 128);
    if (!prefix) return RuleError{"\"" + host + "\": the part behind / is not a number of bits"};
    text.resize(slash);
  }
  if (text.size() > 1 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  boost::system::error_code error;
  const ip::address parsed = ip::make_address(text, error);
  if (error) return RuleError{"\"" + host + "\" is not an address"};
  const ip::address base = without_mapping(parsed);
  if (parsed.is_v6() && base.is_v4() && prefix) prefix = *prefix >= 96 ? *prefix - 96 : 0;
  const unsigned widest = base.is_v4() ? 32 : 128;
  if (prefix.value_or(widest) > widest) return RuleError{"\"" + host + "\" has too many bits"};
  return Network{base, prefix.value_or(widest)};
}

bool looks_like_network(std::string_view host) {
  if (host.front() == '[' || host.find('/') != host.npos) return true;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool matches(const Rule& rule, std::string_view asked, const ip::address& address,
             std::uint16_t port, Place place) {
  if (!rule.ports.contains(port)) return false;
  if (std::holds_alternative<AnyPublic>(rule.host)) return place == Place::open_internet;
  if (const auto* network = std::get_if<Network>(&rule.host)) return network->contains(address);
  const bool may_be_named = place == Place::open_internet || place == Place::private_network;
  return may_be_named && std::get<Name>(rule.host).name == asked;
}

}  // namespace

ip::address without_mapping(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return last_four(address.to_v6().to_bytes());
  return address;
}

Place place_of(const ip::address& address) {
  const ip::address plain = without_mapping(address);
  return plain.is_v4() ? place_of4(plain.to_v4()) : place_of6(plain.to_v6());
}

std::string_view name_of(Place place) {
  switch (place) {
    case Place::open_internet: return "public";
    case Place::loopback: return "loopback";
    case Place::link_local: return "link-local";
    case Place::private_network: return "private";
    case Place::multicast: return "multicast";
    case Place::special: return "special-purpose";
  }
  return "special-purpose";
}

bool Network::contains(const ip::address& other) const {
  const ip::address address = without_mapping(other);
  if (address.is_v4() != base.is_v4()) return false;
  const auto same_bits = [bits = prefix](const auto& a, const auto& b) {
    unsigned left = bits;
    for (std::size_t i = 0; i < a.size() && left > 0; ++i) {
      const unsigned taken = std::min(left, 8U);
      const unsigned mask = 0xffU << (8 - taken) & 0xffU;
      if (((a[i] ^ b[i]) & mask) != 0) return false;
      left -= taken;
    }
    return true;
  };
  return base.is_v4() ? same_bits(base.to_v4().to_bytes(), address.to_v4().to_bytes())
                      : same_bits(base.to_v6().to_bytes(), address.to_v6().to_bytes());
}

std::string normal_host(std::string_view host) {
  if (host.size() > 1 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  std::string lower{host};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::variant<std::vector<Rule>, RuleError> parse_rule(std::string_view text) {
  const auto parts = split(text);
  const std::string quoted = "\"" + std::string{text} + "\"";
  if (!parts) return RuleError{quoted + " is not HOST:PORT (IPv6 in brackets: [fd00::1]:80)"};
  const auto ports = parse_ports(parts->port);
  if (!ports)
    return RuleError{quoted + ": the port is neither *, a number up to 65535, nor FIRST-LAST"};
  if (parts->host == "*") return std::vector{Rule{AnyPublic{}, *ports, std::string{text}}};
  const std::string name = normal_host(parts->host);
  if (name == "localhost" || name == "proxy.internal") {
    return std::vector{Rule{Network{ip::make_address("127.0.0.0"), 8}, *ports, std::string{text}},
                       Rule{Network{ip::make_address("::1"), 128}, *ports, std::string{text}}};
  }
  if (looks_like_network(parts->host)) {
    auto network = parse_network(std::string{parts->host});
    if (auto* error = std::get_if<RuleError>(&network)) return std::move(*error);
    return std::vector{Rule{std::get<Network>(network), *ports, std::string{text}}};
  }
  if (!is_name(name)) return RuleError{quoted + ": the host is neither *, an address nor a name"};
  return std::vector{Rule{Name{name}, *ports, std::string{text}}};
}

Verdict AccessRules::may_dial(std::string_view asked, const ip::address& address,
                              std::uint16_t port) const {
  const ip::address plain = without_mapping(address);
  const Place place = place_of(plain);
  const std::string name = normal_host(asked);
  const auto match = [&](const Rule& rule) { return matches(rule, name, plain, port, place); };
  const auto denies = [&](const Rule& rule) {  // a denied name is denied wherever it leads
    const auto* named = std::get_if<Name>(&rule.host);
    return named != nullptr ? named->name == name && rule.ports.contains(port) : match(rule);
  };
  const std::string where = plain.to_string() + " port " + std::to_string(port);
  if (const auto rule = std::find_if(deny_.begin(), deny_.end(), denies); rule != deny_.end()) {
    return {false, where + " is denied by the rule " + rule->text};
  }
  if (std::any_of(allow_.begin(), allow_.end(), match)) return {true, {}};
  if (place == Place::open_internet && otherwise_ == Default::open_internet) return {true, {}};
  return {false, where + " (" + std::string{name_of(place)} +
                     ") is not open: the proxy has no --allow for it"};
}

std::string AccessRules::summary() const {
  std::string text = otherwise_ == Default::open_internet ? "public addresses" : "";
  for (const Rule& rule : allow_) {
    if (text.ends_with(rule.text)) continue;  // localhost is two rules with one text
    text += (text.empty() ? "" : ", ") + rule.text;
  }
  if (text.empty()) text = "nothing";
  for (std::size_t i = 0; i < deny_.size(); ++i) {
    if (i > 0 && deny_[i].text == deny_[i - 1].text) continue;
    text += (i == 0 ? "; never " : ", ") + deny_[i].text;
  }
  return text;
}

std::variant<PublishRule, RuleError> parse_publish_rule(std::string_view text) {
  const auto parts = split(text);
  const std::string quoted = "\"" + std::string{text} + "\"";
  if (!parts) return RuleError{quoted + " is not ADDRESS:PORTS"};
  const auto ports = parse_ports(parts->port);
  if (!ports)
    return RuleError{quoted + ": the ports are neither *, a number up to 65535, nor FIRST-LAST"};
  boost::system::error_code error;
  const std::string host = normal_host(parts->host);
  const ip::address address = host == "*"           ? ip::address{ip::address_v4::any()}
                              : host == "localhost" ? ip::address{ip::address_v4::loopback()}
                                                    : ip::make_address(host, error);
  if (error) return RuleError{quoted + ": \"" + host + "\" is not an address"};
  return PublishRule{address, *ports};
}

}  // namespace moonwire::proxy
