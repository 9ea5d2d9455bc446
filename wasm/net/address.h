// Socket addresses as values: IPv4, IPv6 and unix paths, with parsing and printing as
// inet_pton/inet_ntop do it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moonwire::net {

enum class Family : std::uint8_t { unspecified, inet, inet6, path };

/// Where a socket is or wants to go. Bytes are in network order; an IPv4 address uses the first
/// four.
struct Address {
  Family family = Family::unspecified;
  std::array<std::uint8_t, 16> bytes{};
  std::uint16_t port = 0;
  std::string path;  // Family::path only

  static Address any(Family family, std::uint16_t port = 0);       // 0.0.0.0 or ::
  static Address loopback(Family family, std::uint16_t port = 0);  // 127.0.0.1 or ::1
  static Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                    std::uint16_t port = 0);
  static Address unix_path(std::string path);

  bool is_any() const;
  bool is_loopback() const;  // 127.0.0.0/8, ::1, and ::ffff:127.0.0.0/104
  bool is_multicast() const;
  bool is_broadcast() const;  // 255.255.255.255

  /// The host part as inet_ntop prints it; the path for unix addresses.
  std::string host() const;
  /// "127.0.0.1:80", "[::1]:80" or the path.
  std::string text() const;

  bool operator==(const Address&) const = default;
};

/// ::ffff:a.b.c.d becomes a.b.c.d; anything else stays as it is.
Address unmapped(const Address& address);
/// a.b.c.d becomes ::ffff:a.b.c.d; anything else stays as it is.
Address mapped(const Address& address);

/// A strict dotted quad ("127.0.0.1"), or an IPv6 literal; nothing else. No port.
std::optional<Address> parse_literal(std::string_view text, Family family = Family::unspecified);
/// What getaddrinfo takes for an IPv4 number too: "127.1", "0x7f000001", "5" (inet_aton's forms).
std::optional<Address> parse_loose_inet(std::string_view text);

}  // namespace moonwire::net
