// Addresses as text and back, by inet_pton's and inet_ntop's rules.
#include "net/address.h"

#include <cstdio>
#include <cstdlib>

namespace moonwire::net {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const Address& address) {
  if (address.family != Family::inet6) return false;
  for (std::size_t i = 0; i < mapped_prefix.size(); ++i) {
    if (address.bytes[i] != mapped_prefix[i]) return false;
  }
  return true;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// inet_pton(AF_INET): four decimal numbers of at most three digits, no leading zeros.
bool parse_quad(std::string_view text, std::uint8_t* out) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at >= text.size() || text[at] != '.') return false;
      ++at;
    }
    const std::size_t begin = at;
    unsigned value = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + unsigned(text[at] - '0');
      if (value > 255 || (at > begin && text[begin] == '0')) return false;
      ++at;
    }
    if (at == begin) return false;
    out[part] = std::uint8_t(value);
  }
  return at == text.size();
}

/// inet_pton(AF_INET6).
bool parse_inet6(std::string_view text, std::array<std::uint8_t, 16>& out) {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t filled = 0;
  std::optional<std::size_t> gap;
  std::size_t at = 0;
  if (text.starts_with(':')) {
    if (!text.starts_with("::")) return false;
    at = 1;  // the second colon is seen below as a gap
  }
  bool expects_group = !text.empty() && text[0] != ':';
  while (at < text.size()) {
    if (text[at] == ':') {
      ++at;
      if (expects_group) {
        return false;
      }
      if (at - 1 == 1 && text[0] == ':') {  // leading "::"
        gap = 0;
        if (at == text.size()) break;
        expects_group = true;
        continue;
      }
      if (at < text.size() && text[at] == ':') {
        if (gap) return false;
        gap = filled;
        ++at;
        if (at == text.size()) break;
        expects_group = true;
        continue;
      }
      expects_group = true;
      if (at == text.size()) return false;  // a single trailing colon
      continue;
    }
    const std::size_t begin = at;
    unsigned value = 0;
    int digit = 0;
    while (at < text.size() && (digit = hex_digit(text[at])) >= 0) {
      if (at - begin == 4) return false;
      value = value * 16 + unsigned(digit);
      ++at;
    }
    if (at < text.size() && text[at] == '.') {
      if (filled > 12 || !parse_quad(text.substr(begin), bytes.data() + filled)) return false;
      filled += 4;
      at = text.size();
      expects_group = false;
      break;
    }
    if (at == begin || filled == 16) return false;
    if (at < text.size() && text[at] != ':') return false;
    bytes[filled] = std::uint8_t(value >> 8);
    bytes[filled + 1] = std::uint8_t(value & 0xff);
    filled += 2;
    expects_group = false;
  }
  if (gap) {
    if (filled > 14) return false;
    const std::size_t tail = filled - *gap;
    for (std::size_t i = 0; i < tail; ++i) {
      out[15 - i] = bytes[filled - 1 - i];
    }
    for (std::size_t i = *gap; i < 16 - tail; ++i) out[i] = 0;
    for (std::size_t i = 0; i < *gap; ++i) out[i] = bytes[i];
    return true;
  }
  if (filled != 16 || expects_group) return false;
  out = bytes;
  return true;
}

/// inet_ntop(AF_INET6): the longest run of two or more zero groups becomes "::".
std::string print_inet6(const Address& address) {
  char buffer[8];
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = unsigned(address.bytes[2 * i] << 8 | address.bytes[2 * i + 1]);
  }
  std::size_t best = 8;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
    i += length + 1;
  }
  // ::ffff:1.2.3.4 and ::1.2.3.4 end in a dotted quad, as inet_ntop prints them.
  const bool is_dotted =
      best == 0 && (best_length == 6 || (best_length == 5 && groups[5] == 0xffff));
  const std::size_t hex_groups = is_dotted ? 6 : 8;
  std::string out;
  for (std::size_t i = 0; i < hex_groups; ++i) {
    if (best < 8 && i >= best && i < best + best_length) {
      if (i == best) out += ':';
      continue;
    }
    if (i > 0) out += ':';
    std::snprintf(buffer, sizeof buffer, "%x", groups[i]);
    out += buffer;
  }
  if (is_dotted) {
    out += ':';
    for (std::size_t i = 12; i < 16; ++i) {
      if (i > 12) out += '.';
      out += std::to_string(address.bytes[i]);
    }
  } else if (best < 8 && best + best_length == 8) {
    out += ':';
  }
  return out;
}

}  // namespace

Address Address::any(Family family, std::uint16_t port) {
  Address address;
  address.family = family;
  address.port = port;
  return address;
}

Address Address::loopback(Family family, std::uint16_t port) {
  if (family == Family::inet) return v4(127, 0, 0, 1, port);
  Address address = any(family, port);
  address.bytes[15] = 1;
  return address;
}

Address Address::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                    std::uint16_t port) {
  Address address = any(Family::inet, port);
  address.bytes[0] = a;
  address.bytes[1] = b;
  address.bytes[2] = c;
  address.bytes[3] = d;
  return address;
}

Address Address::unix_path(std::string path) {
  Address address;
  address.family = Family::path;
  address.path = std::move(path);
  return address;
}

bool Address::is_any() const {
  if (family != Family::inet && family != Family::inet6) return false;
  for (const std::uint8_t byte : bytes) {
    if (byte != 0) return false;
  }
  return true;
}

bool Address::is_loopback() const {
  if (family == Family::inet) return bytes[0] == 127;
  if (family != Family::inet6) return false;
  if (is_mapped(*this)) return bytes[12] == 127;
  for (std::size_t i = 0; i < 15; ++i) {
    if (bytes[i] != 0) return false;
  }
  return bytes[15] == 1;
}

bool Address::is_multicast() const {
  if (family == Family::inet) return bytes[0] >= 224 && bytes[0] <= 239;
  return family == Family::inet6 && bytes[0] == 0xff;
}

bool Address::is_broadcast() const {
  return family == Family::inet && bytes[0] == 255 && bytes[1] == 255 && bytes[2] == 255 &&
         bytes[3] == 255;
}

std::string Address::host() const {
  switch (family) {
    case Family::unspecified: return "";
    case Family::path: return path;
    case Family::inet6: return print_inet6(*this);
    case Family::inet: break;
  }
  std::string out;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) out += '.';
    out += std::to_string(bytes[i]);
  }
  return out;
}

std::string Address::text() const {
  switch (family) {
    case Family::inet: return host() + ":" + std::to_string(port);
    case Family::inet6: return "[" + host() + "]:" + std::to_string(port);
    default: return host();
  }
}

Address unmapped(const Address& address) {
  if (!is_mapped(address)) return address;
  return Address::v4(address.bytes[12], address.bytes[13], address.bytes[14], address.bytes[15],
                     address.port);
}

Address mapped(const Address& address) {
  if (address.family != Family::inet) return address;
  Address out = Address::any(Family::inet6, address.port);
  out.bytes[10] = out.bytes[11] = 0xff;
  for (std::size_t i = 0; i < 4; ++i) out.bytes[12 + i] = address.bytes[i];
  return out;
}

std::optional<Address> parse_literal(std::string_view text, Family family) {
  if (family == Family::unspecified || family == Family::inet) {
    Address address = Address::any(Family::inet);
    if (parse_quad(text, address.bytes.data())) return address;
  }
  if (family == Family::unspecified || family == Family::inet6) {
    Address address = Address::any(Family::inet6);
    // A zone ("fe80::1%eth0") is dropped: there is one interface.
    if (parse_inet6(text.substr(0, text.find('%')), address.bytes)) return address;
  }
  return std::nullopt;
}

std::optional<Address> parse_loose_inet(std::string_view text) {
  std::array<std::uint64_t, 4> parts{};
  std::size_t count = 0;
  std::size_t at = 0;
  while (true) {
    if (count == 4 || at >= text.size()) return std::nullopt;
    unsigned base = 10;
    bool has_digit = false;
    if (text[at] == '0') {
      base = 8;
      has_digit = true;
      ++at;
      if (at < text.size() && (text[at] == 'x' || text[at] == 'X')) {
        base = 16;
        has_digit = false;
        ++at;
      }
    }
    std::uint64_t value = 0;
    while (at < text.size()) {
      const int digit = hex_digit(text[at]);
      if (digit < 0 || unsigned(digit) >= base) break;
      value = value * base + unsigned(digit);
      if (value > 0xffffffffULL) return std::nullopt;
      has_digit = true;
      ++at;
    }
    if (!has_digit) return std::nullopt;
    parts[count++] = value;
    if (at == text.size()) break;
    if (text[at] != '.') return std::nullopt;
    ++at;
  }
  std::uint64_t whole = parts[count - 1];
  const unsigned last_bits = unsigned(8 * (5 - count));
  if (whole >> last_bits != 0) return std::nullopt;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (parts[i] > 255) return std::nullopt;
    whole |= parts[i] << (24 - 8 * i);
  }
  return Address::v4(std::uint8_t(whole >> 24), std::uint8_t(whole >> 16), std::uint8_t(whole >> 8),
                     std::uint8_t(whole));
}

}  // namespace moonwire::net
