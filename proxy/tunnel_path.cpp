// Paths taken apart.
#include "proxy/tunnel_path.h"

#include <charconv>

#include "proxy/access_rules.h"
#include "proxy/page_files.h"

namespace moonwire::proxy {
namespace {

/// The value of `token` in "a=b&token=c".
std::string token_in_query(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view one = query.substr(0, end);
    query = end == query.npos ? std::string_view{} : query.substr(end + 1);
    if (one.starts_with("token=")) return percent_decoded(one.substr(6)).value_or("");
  }
  return {};
}

std::optional<TunnelPath> parse_websockify(std::string_view path, std::string_view query) {
  TunnelPath found{TunnelPath::Kind::websockify, token_in_query(query), {}, 0};
  if (path == "/websockify" || path == "/websockify/") return found;
  if (!path.starts_with("/websockify/")) return std::nullopt;
  path.remove_prefix(12);
  if (path.ends_with('/')) path.remove_suffix(1);
  found.token = percent_decoded(path).value_or("");
  return found;
}

}  // namespace

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  if (host.front() != '[' && host.find(':') != host.npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
    return std::nullopt;
  return HostPort{normal_host(host), port};
}

std::optional<TunnelPath> parse_tunnel_path(std::string_view target) {
  const std::size_t mark = target.find_first_of("?#");
  std::string_view path = target.substr(0, mark);
  const std::string_view query = mark == target.npos ? std::string_view{} : target.substr(mark + 1);
  if (auto found = parse_websockify(path, query)) return found;
  if (path == "/wisp" || path == "/wisp/") return TunnelPath{};
  const bool is_under_wisp = path.starts_with("/wisp/");
  path.remove_prefix(is_under_wisp ? 6 : path.starts_with('/') ? 1 : 0);
  const std::size_t slash = path.rfind('/');
  if (const auto to = parse_host_port(path.substr(slash == path.npos ? 0 : slash + 1))) {
    const std::string_view token = slash == path.npos ? std::string_view{} : path.substr(0, slash);
    if (is_under_wisp || token.empty()) {
      return TunnelPath{TunnelPath::Kind::wsproxy, std::string{token}, to->host, to->port};
    }
  }
  if (!is_under_wisp) return std::nullopt;
  if (path.ends_with('/')) path.remove_suffix(1);
  return TunnelPath{TunnelPath::Kind::wisp, std::string{path}, {}, 0};
}

}  // namespace moonwire::proxy
