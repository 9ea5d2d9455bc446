// The service names of Debian's /etc/services that scripts use, and port texts as getaddrinfo reads
// them.
#include <algorithm>
#include <array>
#include <cstdint>

#include "net/resolver.h"

namespace moonwire::net {
namespace {

struct Service {
  std::string_view name;
  std::uint16_t port;
};

// Of several names for a port the first is what service_name gives.
constexpr std::array services{
    Service{"echo", 7},          Service{"discard", 9},      Service{"sink", 9},
    Service{"daytime", 13},      Service{"qotd", 17},        Service{"chargen", 19},
    Service{"ftp-data", 20},     Service{"ftp", 21},         Service{"ssh", 22},
    Service{"telnet", 23},       Service{"smtp", 25},        Service{"mail", 25},
    Service{"time", 37},         Service{"whois", 43},       Service{"domain", 53},
    Service{"tftp", 69},         Service{"gopher", 70},      Service{"finger", 79},
    Service{"http", 80},         Service{"www", 80},         Service{"pop3", 110},
    Service{"nntp", 119},        Service{"ntp", 123},        Service{"imap2", 143},
    Service{"imap", 143},        Service{"snmp", 161},       Service{"snmp-trap", 162},
    Service{"irc", 194},         Service{"ldap", 389},       Service{"https", 443},
    Service{"submissions", 465}, Service{"smtps", 465},      Service{"syslog", 514},
    Service{"rtsp", 554},        Service{"submission", 587}, Service{"ldaps", 636},
    Service{"ftps", 990},        Service{"imaps", 993},      Service{"pop3s", 995},
    Service{"mysql", 3306},      Service{"sip", 5060},       Service{"xmpp-client", 5222},
    Service{"postgresql", 5432}, Service{"redis", 6379},     Service{"http-alt", 8080},
    Service{"webcache", 8080},
};

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

bool parse_service(std::string_view text, std::uint16_t& port) {
  std::size_t at = 0;
  while (at < text.size() && is_space(text[at])) ++at;
  if (at < text.size() && text[at] == '+') ++at;
  const std::size_t begin = at;
  std::uint64_t value = 0;
  bool is_too_large = false;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    const unsigned digit = unsigned(text[at] - '0');
    if (value > (UINT64_MAX - digit) / 10) is_too_large = true;
    value = value * 10 + digit;
    ++at;
  }
  if (text.empty() || (at == text.size() && at > begin)) {
    // glibc keeps the number in an int, and the port in 16 bits of that.
    if (is_too_large || (value & 0x80000000U) != 0) return false;
    port = std::uint16_t(value);
    return true;
  }
  const auto found = std::find_if(services.begin(), services.end(),
                                  [&](const Service& service) { return service.name == text; });
  if (found == services.end()) return false;
  port = found->port;
  return true;
}

std::string service_name(std::uint16_t port) {
  const auto found = std::find_if(services.begin(), services.end(),
                                  [&](const Service& service) { return service.port == port; });
  return found != services.end() ? std::string(found->name) : std::to_string(port);
}

}  // namespace moonwire::net
