// HTTP messages out of a stream, requests and responses, one at a time: http-parser reads, this
// keeps what it finds within the decoder's bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bindings/chuck/byte_queue.h"
#include "bindings/chuck/framing.h"
#include "http_parser.h"
#include "lua.h"

namespace moonwire::bindings::chuck {

class HttpFramer final {
 public:
  struct Bounds {
    std::size_t head;  // bytes
    std::size_t body;
    HttpRole role;
  };
  /// How far the message under way has come.
  enum class Stage : std::uint8_t { idle, head, body };

  HttpFramer(lua_State* state, const Bounds& bounds);

  Step look(std::span<const char> bytes);
  /// The peer has closed, which ends a response that told no length.
  Step finish();
  /// Pushes the message just found: a table whose methods the Lua side has.
  void push_message(lua_State* state);
  /// The next response answers a HEAD: its body's length is told, but no body comes.
  void expect_no_body() { comes_without_body_ = true; }
  Stage stage() const { return stage_; }
  /// Of the body under way.
  std::size_t body_size() const { return body_.size(); }
  /// The status that answers what was refused; 0: nothing was.
  int refusal() const { return refusal_; }

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
  static int on_head(http_parser* parser);
  static int on_body(http_parser* parser, const char* at, std::size_t size);
  static int on_complete(http_parser* parser);
  static const http_parser_settings settings;

  void forget_message();
  int add(Part& part, const char* at, std::size_t size);
  int refuse(int status, FrameError error);
  int check_request();
  int status_of_failure(char culprit) const;
  std::string_view text(const Part& part) const;
  void push_lines(lua_State* state, const std::vector<Line>& lines) const;
  Step run(const char* bytes, std::size_t size);

  http_parser parser_{};
  Bounds bounds_;
  ByteQueue head_;  // target, phrase, fields and values, one behind the other
  ByteQueue body_;
  Part target_;
  Part phrase_;
  std::vector<Line> lines_;
  std::vector<Line> trailers_;  // lines behind a body in chunks
  Stage stage_ = Stage::idle;
  int refusal_ = 0;
  bool is_in_value_ = false;
  bool is_complete_ = false;
  bool is_head_only_ = false;  // what was found is a head whose sender waits for a 100
  bool comes_without_body_ = false;
  bool keeps_alive_ = false;
  FrameError error_ = FrameError::none;
};

/// Adds the methods' table of HTTP packets, `http_packet`, to the table on top.
void add_http(lua_State* state);

}  // namespace moonwire::bindings::chuck
