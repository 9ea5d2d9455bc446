// What http-parser calls back.
#include "bindings/chuck/http_framer.h"

#include "bindings/chuck/limits.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr const char* http_class = "chuck.http_packet";

constexpr int go_on = 0;
constexpr int give_up = 1;

}  // namespace

const http_parser_settings HttpFramer::settings = {
    .on_message_begin = on_begin,
    .on_url = on_url,
    .on_status = on_status,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = nullptr,
    .on_body = on_body,
    .on_message_complete = on_complete,
    .on_chunk_header = nullptr,
    .on_chunk_complete = nullptr,
};

HttpFramer::HttpFramer(lua_State* state, std::size_t max_head, std::size_t max_body)
    : max_head_(max_head), max_body_(max_body), head_(state), body_(state) {
  http_parser_init(&parser_, HTTP_BOTH);
  parser_.data = this;
}

void HttpFramer::forget_message() {
  head_.release();
  body_.release();
  target_ = phrase_ = {};
  lines_.clear();
  is_in_value_ = is_complete_ = false;
}

int HttpFramer::add(Part& part, const char* at, std::size_t size) {
  if (head_.size() + size > max_head_) {
    error_ = FrameError::too_large;
    return give_up;
  }
  if (part.size == 0) part.first = head_.size();
  part.size += size;
  return head_.add({at, size}) ? go_on : give_up;
}

int HttpFramer::on_begin(http_parser* parser) {
  of(parser).forget_message();
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
  if (self.is_in_value_ || self.lines_.empty()) {
    if (self.lines_.size() >= http_headers_max) {
      self.error_ = FrameError::too_large;
      return give_up;
    }
    self.lines_.emplace_back();
    self.is_in_value_ = false;
  }
  return self.add(self.lines_.back().field, at, size);
}

int HttpFramer::on_value(http_parser* parser, const char* at, std::size_t size) {
  HttpFramer& self = of(parser);
  if (self.lines_.empty()) return give_up;
  self.is_in_value_ = true;
  return self.add(self.lines_.back().value, at, size);
}

int HttpFramer::on_body(http_parser* parser, const char* at, std::size_t size) {
  HttpFramer& self = of(parser);
  if (self.body_.size() + size > self.max_body_) {
    self.error_ = FrameError::too_large;
    return give_up;
  }
  return self.body_.add({at, size}) ? go_on : give_up;
}

/// Stops here: the bytes behind belong to the next message.
int HttpFramer::on_complete(http_parser* parser) {
  of(parser).is_complete_ = true;
  of(parser).keeps_alive_ = http_should_keep_alive(parser) != 0;
  http_parser_pause(parser, 1);
  return go_on;
}

Step HttpFramer::run(const char* bytes, std::size_t size) {
  if (error_ != FrameError::none) return {Step::Kind::failed, 0, error_};
  const std::size_t consumed = http_parser_execute(&parser_, &settings, bytes, size);
  if (is_complete_) {
    is_complete_ = false;
    http_parser_pause(&parser_, 0);
    return {Step::Kind::message, consumed, FrameError::none};
  }
  if (HTTP_PARSER_ERRNO(&parser_) != HPE_OK) {
    const bool is_large = HTTP_PARSER_ERRNO(&parser_) == HPE_HEADER_OVERFLOW;
    if (error_ == FrameError::none) {
      error_ = is_large ? FrameError::too_large : FrameError::malformed_http;
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

void HttpFramer::push_part(lua_State* state, const Part& part) const {
  std::span<const char> bytes = head_.bytes().subspan(part.first, part.size);
  while (!bytes.empty() && (bytes.back() == ' ' || bytes.back() == '\t')) {
    bytes = bytes.first(bytes.size() - 1);
  }
  lua_pushlstring(state, bytes.data(), bytes.size());
}

void HttpFramer::push_message(lua_State* state) {
  lua_createtable(state, 0, 8);
  if (parser_.type == HTTP_REQUEST) {
    lua_pushstring(state, http_method_str(static_cast<http_method>(parser_.method)));
    lua_setfield(state, -2, "method");
    push_part(state, target_);
    lua_setfield(state, -2, "url");
  } else {
    lua_pushinteger(state, parser_.status_code);
    lua_setfield(state, -2, "code");
    push_part(state, phrase_);
    lua_setfield(state, -2, "phrase");
  }
  lua_pushfstring(state, "%d.%d", int(parser_.http_major), int(parser_.http_minor));
  lua_setfield(state, -2, "version");
  lua_pushboolean(state, keeps_alive_);
  lua_setfield(state, -2, "keeps_alive");
  if (!body_.is_empty()) {
    lua_pushlstring(state, body_.bytes().data(), body_.size());
    lua_setfield(state, -2, "body");
  }
  lua_createtable(state, int(lines_.size()), 0);
  lua_Integer count = 0;
  for (const Line& line : lines_) {
    lua_createtable(state, 2, 0);
    push_part(state, line.field);
    lua_rawseti(state, -2, 1);
    push_part(state, line.value);
    lua_rawseti(state, -2, 2);
    lua_rawseti(state, -2, ++count);
  }
  lua_setfield(state, -2, "lines");
  luaL_setmetatable(state, http_class);
}

void add_http(lua_State* state) {
  luaL_newmetatable(state, http_class);
  lua_setfield(state, -2, "http_packet");
}

}  // namespace moonwire::bindings::chuck
