// How a stream of bytes falls into messages: one Framer per connection looks at what has come and
// says how much of it is the next message. Pure: knows neither sockets nor Lua.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace moonwire::bindings::chuck {

/// What the peer did wrong; a framer that said so says it again for ever.
enum class FrameError : std::uint8_t {
  none,
  too_large,       // more than the decoder was made for
  invalid_size,    // later generations: a length of zero
  malformed_http,  // not HTTP
  malformed_websocket,
  invalid_text,  // of a WebSocket, not UTF-8
};

/// What one look at the bytes told.
struct Step {
  enum class Kind : std::uint8_t { need_more, message, failed };
  Kind kind = Kind::need_more;
  /// Bytes this look is done with; with need_more, too.
  std::size_t consumed = 0;
  FrameError error = FrameError::none;
};

/// Who sends what an HTTP decoder reads. A server is strict, and hears of heads that wait for its
/// 100; `any` takes both, as upstream's does.
enum class HttpRole : std::uint8_t { any, server, client };

/// Frames with a length in front, big-endian: of two bytes (first generation), four (later ones).
class LengthFramer final {
 public:
  enum class Header : std::uint8_t { two_bytes = 2, four_bytes = 4 };

  /// `max`: header and body together.
  LengthFramer(Header header, std::size_t max)
      : header_(static_cast<std::size_t>(header)), max_(max) {}

  Step look(std::span<const char> bytes) {
    if (bytes.size() < header_) return {};
    std::size_t body = 0;
    for (std::size_t i = 0; i < header_; ++i) {
      body = body << 8 | static_cast<unsigned char>(bytes[i]);
    }
    if (body == 0 && header_ == 4) return failed(FrameError::invalid_size);
    if (body > max_ || header_ + body > max_) return failed(FrameError::too_large);
    if (bytes.size() - header_ < body) return {};
    body_ = {bytes.data() + header_, body};
    return {Step::Kind::message, header_ + body, FrameError::none};
  }
  Header header() const { return static_cast<Header>(header_); }
  /// Of the message just found, inside the bytes looked at.
  std::string_view body() const { return body_; }

 private:
  static Step failed(FrameError error) { return {Step::Kind::failed, 0, error}; }

  std::size_t header_;
  std::size_t max_;
  std::string_view body_;
};

}  // namespace moonwire::bindings::chuck
