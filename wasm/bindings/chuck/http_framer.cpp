// What http-parser calls back.
#include "bindings/chuck/http_framer.h"

#include <algorithm>

#include "bindings/chuck/limits.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr const char* http_class = "chuck.http_packet";

constexpr int go_on = 0;
constexpr int give_up = 1;

// Statuses of what is refused.
constexpr int status_bad_request = 400;
constexpr int status_large_body = 413;
constexpr int status_long_target = 414;
constexpr int status_wrong_expectation = 417;
constexpr int status_large_head = 431;
constexpr int status_not_implemented = 501;
constexpr int status_wrong_version = 505;

/// What a header's value must not hold; http-parser looks at some of its bytes only.
bool is_control(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code < 0x20 && byte != '\t') || code == 0x7f;
}

/// Whatever the case of the ASCII letters; `wanted` is in lower case.
bool is_same_word(std::string_view given, std::string_view wanted) {
  return std::equal(given.begin(), given.end(), wanted.begin(), wanted.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? char(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

const http_parser_settings HttpFramer::settings = {
    .on_message_begin = on_begin,
    .on_url = on_url,
    .on_status = on_status,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_complete,
    .on_chunk_header = nullptr,
    .on_chunk_complete = nullptr,
};

HttpFramer::HttpFramer(lua_State* state, const Bounds& bounds)
    : bounds_(bounds), head_(state), body_(state) {
  const http_parser_type types[] = {HTTP_BOTH, HTTP_REQUEST, HTTP_RESPONSE};
  http_parser_init(&parser_, types[static_cast<std::size_t>(bounds.role)]);
  parser_.data = this;
}

void HttpFramer::forget_message() {
  head_.release();
  body_.release();
  target_ = phrase_ = {};
  lines_.clear();
  trailers_.clear();
  is_in_value_ = is_complete_ = false;
}

int HttpFramer::refuse(int status, FrameError error) {
  refusal_ = status;
  error_ = error;
  return give_up;
}

int HttpFramer::add(Part& part, const char* at, std::size_t size) {
  if (head_.size() + size > bounds_.head) {
    const bool is_target = &part == &target_;
    return refuse(is_target ? status_long_target : status_large_head, FrameError::too_large);
  }
  if (part.size == 0) part.first = head_.size();
  part.size += size;
  return head_.add({at, size}) ? go_on : give_up;
}

int HttpFramer::on_begin(http_parser* parser) {
  of(parser).forget_message();
  of(parser).stage_ = Stage::head;
  return go_on;
}

int HttpFramer::on_url(http_parser* parser, const char* at, std::size_t size) {
  return of(parser).add(of(parser).target_, at, size);
}

int HttpFramer::on_status(http_parser* parser, const char* at, std::size_t size) {
  return of(parser).add(of(parser).phrase_, at, size);
}

int HttpFramer::on_field(http_parser* parser, const char* at, std::size_t size) {
  HttpFramer& self = of(parser);
  std::vector<Line>& lines = self.stage_ == Stage::body ? self.trailers_ : self.lines_;
  if (self.is_in_value_ || lines.empty()) {
    if (lines.size() >= http_headers_max) {
      return self.refuse(status_large_head, FrameError::too_large);
    }
    lines.emplace_back();
    self.is_in_value_ = false;
  }
  return self.add(lines.back().field, at, size);
}

int HttpFramer::on_value(http_parser* parser, const char* at, std::size_t size) {
  HttpFramer& self = of(parser);
  std::vector<Line>& lines = self.stage_ == Stage::body ? self.trailers_ : self.lines_;
  if (lines.empty()) return give_up;
  if (std::any_of(at, at + size, is_control)) {
    return self.refuse(status_bad_request, FrameError::malformed_http);
  }
  self.is_in_value_ = true;
  return self.add(lines.back().value, at, size);
}

std::string_view HttpFramer::text(const Part& part) const {
  std::span<const char> bytes = head_.bytes().subspan(part.first, part.size);
  while (!bytes.empty() && (bytes.back() == ' ' || bytes.back() == '\t')) {
    bytes = bytes.first(bytes.size() - 1);
  }
  return {bytes.data(), bytes.size()};
}

/// What RFC 9112 wants of a server.
int HttpFramer::check_request() {
  constexpr FrameError malformed = FrameError::malformed_http;
  if (parser_.http_major != 1) return refuse(status_wrong_version, malformed);
  int hosts = 0;
  for (const Line& line : lines_) {
    const std::string_view field = text(line.field);
    const std::string_view value = text(line.value);
    if (is_same_word(field, "host")) ++hosts;
    if (is_same_word(field, "transfer-encoding") && !is_same_word(value, "chunked")) {
      return refuse(status_not_implemented, malformed);
    }
    if (parser_.http_minor == 0 || !is_same_word(field, "expect")) continue;
    if (!is_same_word(value, "100-continue")) return refuse(status_wrong_expectation, malformed);
    const bool has_body = (parser_.flags & F_CHUNKED) != 0 ||
                          ((parser_.flags & F_CONTENTLENGTH) != 0 && parser_.content_length > 0);
    is_head_only_ = has_body;
  }
  const bool is_good = parser_.http_minor == 0 ? hosts <= 1 : hosts == 1;
  return is_good ? go_on : refuse(status_bad_request, malformed);
}

int HttpFramer::on_head(http_parser* parser) {
  constexpr int without_body = 1;
  constexpr int failed = -1;
  HttpFramer& self = of(parser);
  if (parser->type == HTTP_RESPONSE && self.comes_without_body_ && parser->status_code >= 200) {
    return without_body;
  }
  if (self.bounds_.role == HttpRole::server && self.check_request() != go_on) return failed;
  if ((parser->flags & F_CONTENTLENGTH) != 0 && parser->content_length > self.bounds_.body) {
    self.refuse(status_large_body, FrameError::too_large);
    return failed;
  }
  self.stage_ = Stage::body;
  self.is_in_value_ = false;
  if (self.is_head_only_) http_parser_pause(parser, 1);
  return go_on;
}

int HttpFramer::on_body(http_parser* parser, const char* at, std::size_t size) {
  HttpFramer& self = of(parser);
  if (self.body_.size() + size > self.bounds_.body) {
    return self.refuse(status_large_body, FrameError::too_large);
  }
  return self.body_.add({at, size}) ? go_on : give_up;
}

/// Stops here: the bytes behind belong to the next message.
int HttpFramer::on_complete(http_parser* parser) {
  HttpFramer& self = of(parser);
  self.is_complete_ = true;
  self.stage_ = Stage::idle;
  self.keeps_alive_ = http_should_keep_alive(parser) != 0;
  if (parser->status_code >= 200) self.comes_without_body_ = false;
  http_parser_pause(parser, 1);
  return go_on;
}

/// What http-parser refused, as a status.
int HttpFramer::status_of_failure(char culprit) const {
  switch (HTTP_PARSER_ERRNO(&parser_)) {
    case HPE_HEADER_OVERFLOW: return lines_.empty() ? status_long_target : status_large_head;
    // A method's name, if not one that is known.
    case HPE_INVALID_METHOD:
      return culprit >= 'A' && culprit <= 'Z' ? status_not_implemented : status_bad_request;
    case HPE_INVALID_TRANSFER_ENCODING: return status_not_implemented;
    default: return status_bad_request;
  }
}

Step HttpFramer::run(const char* bytes, std::size_t size) {
  if (error_ != FrameError::none) return {Step::Kind::failed, 0, error_};
  const std::size_t consumed = http_parser_execute(&parser_, &settings, bytes, size);
  if (error_ == FrameError::none && HTTP_PARSER_ERRNO(&parser_) == HPE_PAUSED) {
    http_parser_pause(&parser_, 0);
    return {Step::Kind::message, consumed, FrameError::none};
  }
  if (HTTP_PARSER_ERRNO(&parser_) != HPE_OK) {
    if (error_ == FrameError::none) {
      const bool is_large = HTTP_PARSER_ERRNO(&parser_) == HPE_HEADER_OVERFLOW;
      error_ = is_large ? FrameError::too_large : FrameError::malformed_http;
      refusal_ = status_of_failure(consumed < size ? bytes[consumed] : '\0');
    }
    return {Step::Kind::failed, 0, error_};
  }
  return {Step::Kind::need_more, consumed, FrameError::none};
}

Step HttpFramer::look(std::span<const char> bytes) {
  if (bytes.empty()) return {};
  return run(bytes.data(), bytes.size());
}

Step HttpFramer::finish() {
  // In the middle of a message the end is an error, which the connection's own end tells as well.
  const Step step = run(nullptr, 0);
  if (step.kind == Step::Kind::failed) return {};
  return {step.kind, 0, FrameError::none};
}

void HttpFramer::push_lines(lua_State* state, const std::vector<Line>& lines) const {
  const auto push = [&](const Part& part) {
    const std::string_view bytes = text(part);
    lua_pushlstring(state, bytes.data(), bytes.size());
  };
  lua_createtable(state, int(lines.size()), 0);
  lua_Integer count = 0;
  for (const Line& line : lines) {
    lua_createtable(state, 2, 0);
    push(line.field);
    lua_rawseti(state, -2, 1);
    push(line.value);
    lua_rawseti(state, -2, 2);
    lua_rawseti(state, -2, ++count);
  }
}

void HttpFramer::push_message(lua_State* state) {
  const auto set = [state](const char* name, std::string_view bytes) {
    lua_pushlstring(state, bytes.data(), bytes.size());
    lua_setfield(state, -2, name);
  };
  lua_createtable(state, 0, 8);
  if (parser_.type == HTTP_REQUEST) {
    lua_pushstring(state, http_method_str(static_cast<http_method>(parser_.method)));
    lua_setfield(state, -2, "method");
    set("url", text(target_));
  } else {
    lua_pushinteger(state, parser_.status_code);
    lua_setfield(state, -2, "code");
    set("phrase", text(phrase_));
  }
  lua_pushfstring(state, "%d.%d", int(parser_.http_major), int(parser_.http_minor));
  lua_setfield(state, -2, "version");
  lua_pushboolean(state, keeps_alive_);
  lua_setfield(state, -2, "keeps_alive");
  if (is_head_only_ && !is_complete_) {
    lua_pushboolean(state, 1);
    lua_setfield(state, -2, "waits_for_100");
  }
  is_head_only_ = is_complete_ = false;
  if (!body_.is_empty()) set("body", {body_.bytes().data(), body_.size()});
  push_lines(state, lines_);
  lua_setfield(state, -2, "lines");
  if (!trailers_.empty()) {
    push_lines(state, trailers_);
    lua_setfield(state, -2, "trailers");
  }
  luaL_setmetatable(state, http_class);
}

void add_http(lua_State* state) {
  luaL_newmetatable(state, http_class);
  lua_setfield(state, -2, "http_packet");
}

}  // namespace moonwire::bindings::chuck
