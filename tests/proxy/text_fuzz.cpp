// Texts of strangers that end up in a path or in the log: a path leads to one of three ways with
// whole parts or nowhere, a log line stays one object on one line.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "proxy/log.h"
#include "proxy/tunnel_path.h"

using namespace moonwire::proxy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  if (const auto way = parse_tunnel_path(text); way && way->kind == TunnelPath::Kind::wsproxy) {
    if (way->host.empty() || way->port == 0) std::abort();
  }
  if (const auto to = parse_host_port(text); to && (to->host.empty() || to->port == 0))
    std::abort();
  const std::string line = json_line("T", "info", text);
  if (line.find('\n') != line.npos) std::abort();
  const auto read = nlohmann::json::parse(line, nullptr, false);
  if (!read.is_object() || read["time"] != "T" || read["level"] != "info") std::abort();
  return 0;
}
