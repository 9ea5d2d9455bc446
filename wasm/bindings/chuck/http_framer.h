// HTTP messages out of a stream, requests and responses, one at a time: http-parser reads, this
// keeps what it finds within the decoder's bounds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "bindings/chuck/byte_queue.h"
#include "bindings/chuck/framing.h"
#include "http_parser.h"
#include "lua.h"

namespace moonwire::bindings::chuck {

class HttpFramer final {
 public:
  HttpFramer(lua_State* state, std::size_t max_head, std::size_t max_body);

  Step look(std::span<const char> bytes);
  /// The peer has closed, which ends a response that told no length.
  Step finish();
  /// Pushes the message just found: a table whose methods the Lua side has.
  void push_message(lua_State* state);

 private:
  /// A part of head_.
  struct Part {
    std::size_t first = 0;
    std::size_t size = 0;
  };
  struct Line {
    Part field;
    Part value;
  };

  static HttpFramer& of(http_parser* parser) { return *static_cast<HttpFramer*>(parser->data); }
  static int on_begin(http_parser* parser);
  static int on_url(http_parser* parser, const char* at, std::size_t size);
  static int on_status(http_parser* parser, const char* at, std::size_t size);
  static int on_field(http_parser* parser, const char* at, std::size_t size);
  static int on_value(http_parser* parser, const char* at, std::size_t size);
  static int on_body(http_parser* parser, const char* at, std::size_t size);
  static int on_complete(http_parser* parser);
  static const http_parser_settings settings;

  void forget_message();
  int add(Part& part, const char* at, std::size_t size);
  Step run(const char* bytes, std::size_t size);
  void push_part(lua_State* state, const Part& part) const;

  http_parser parser_{};
  std::size_t max_head_;
  std::size_t max_body_;
  ByteQueue head_;  // target, phrase, fields and values, one behind the other
  ByteQueue body_;
  Part target_;
  Part phrase_;
  std::vector<Line> lines_;
  bool is_in_value_ = false;
  bool is_complete_ = false;
  bool keeps_alive_ = false;
  FrameError error_ = FrameError::none;
};

/// Adds the methods' table of HTTP packets, `http_packet`, to the table on top.
void add_http(lua_State* state);

}  // namespace moonwire::bindings::chuck
