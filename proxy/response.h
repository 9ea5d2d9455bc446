// An HTTP response before it is written.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moonwire::proxy {

struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// A plain text that names the thing.
Response text_response(unsigned status, std::string text);

/// Status line, our headers for every response, the response's own, Content-Length, Connection.
std::string head_of(const Response& response, bool keeps_alive);

}  // namespace moonwire::proxy
