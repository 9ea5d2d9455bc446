// The three checks.
#include "proxy/gate.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <stdexcept>

namespace moonwire::proxy {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

struct HostParts {
  std::string name;
  std::string port;  ///< empty: none given
};

HostParts split_host(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != host.npos && (bracket == host.npos || colon > bracket);
  HostParts parts{lower(host.substr(0, has_port ? colon : host.npos)), {}};
  if (has_port) parts.port = host.substr(colon + 1);
  return parts;
}

bool is_literal(std::string name) {
  if (name.size() > 1 && name.front() == '[' && name.back() == ']')
    name = name.substr(1, name.size() - 2);
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

/// What a browser leaves out.
std::string_view default_port(bool is_tls) {
  return is_tls ? "443" : "80";
}

std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 200)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return "\"" + out + "\"";
}

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // Digests first: their length does not depend on the secret's.
  std::array<unsigned char, 32> digest_a{};
  std::array<unsigned char, 32> digest_b{};
  EVP_Digest(a.data(), a.size(), digest_a.data(), nullptr, EVP_sha256(), nullptr);
  EVP_Digest(b.data(), b.size(), digest_b.data(), nullptr, EVP_sha256(), nullptr);
  return CRYPTO_memcmp(digest_a.data(), digest_b.data(), digest_a.size()) == 0;
}

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error{"the system gives no random bytes for a token"};
  }
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::optional<Refusal> Gate::check_host(std::string_view host) const {
  if (host.empty()) return Refusal{400, "the request has no Host header"};
  const HostParts asked = split_host(host);
  const std::string asked_port =
      asked.port.empty() ? std::string{default_port(settings_.is_tls)} : asked.port;
  const bool is_known =
      std::any_of(settings_.hosts.begin(), settings_.hosts.end(), [&](const std::string& one) {
        const HostParts known = split_host(one);
        return known.name == asked.name && (known.port.empty() || known.port == asked_port);
      });
  if (is_known) return std::nullopt;
  if (settings_.any_literal && asked_port == settings_.port && is_literal(asked.name))
    return std::nullopt;
  return Refusal{421, "Host " + shown(host) +
                          " is not a name of this proxy (DNS rebinding?); --host NAME adds one"};
}

std::optional<Refusal> Gate::check_origin(std::optional<std::string_view> origin,
                                          std::string_view host) const {
  if (!origin) return std::nullopt;
  const std::string given = lower(*origin);
  const std::string scheme = settings_.is_tls ? "https://" : "http://";
  if (given.starts_with(scheme)) {
    const HostParts from = split_host(std::string_view{given}.substr(scheme.size()));
    const HostParts to = split_host(host);
    const std::string fallback{default_port(settings_.is_tls)};
    const bool same_port =
        (from.port.empty() ? fallback : from.port) == (to.port.empty() ? fallback : to.port);
    if (from.name == to.name && same_port) return std::nullopt;
  }
  const bool is_listed = std::any_of(settings_.origins.begin(), settings_.origins.end(),
                                     [&](const std::string& one) { return lower(one) == given; });
  if (is_listed) return std::nullopt;
  return Refusal{403, "Origin " + shown(*origin) +
                          " is not this proxy's own page; --origin ORIGIN lets one in"};
}

std::optional<Refusal> Gate::check_token(std::string_view given) const {
  if (settings_.tokens.empty()) return std::nullopt;
  if (given.empty()) return Refusal{401, "the token is missing: the tunnel is at /wisp/TOKEN/"};
  bool is_right = false;
  for (const std::string& token : settings_.tokens)
    is_right |= equal_in_constant_time(token, given);
  if (is_right) return std::nullopt;
  return Refusal{403, "the token in the path is not this proxy's (was it restarted?)"};
}

std::string Gate::wisp_path() const {
  return settings_.tokens.empty() ? "/wisp/" : "/wisp/" + settings_.tokens.front() + "/";
}

}  // namespace moonwire::proxy
