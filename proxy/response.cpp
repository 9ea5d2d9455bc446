// The headers that every response carries.
#include "proxy/response.h"

#include <boost/beast/http/status.hpp>
#include <ostream>  // Boost's own string_view needs it

namespace moonwire::proxy {

Response text_response(unsigned status, std::string text) {
  text += '\n';
  return {status,
          {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
          std::move(text)};
}

std::string head_of(const Response& response, bool keeps_alive) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string head =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string{reason} + "\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Server", "moonwire-proxy");
  // Only our own code runs in the page, and no third host is asked for anything; frames of others
  // may hold it.
  add("Content-Security-Policy",
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
      "img-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; base-uri "
      "'none'; object-src 'none'");
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  for (const auto& [name, value] : response.headers) add(name, value);
  if (response.status != 304 && response.status != 101)
    add("Content-Length", std::to_string(response.body.size()));
  if (response.status != 101) add("Connection", keeps_alive ? "keep-alive" : "close");
  return head + "\r\n";
}

}  // namespace moonwire::proxy
