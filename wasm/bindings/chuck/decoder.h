// How a connection's bytes become packets: a decoder as scripts hold it, and what each connection
// makes of it for itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

#include "bindings/chuck/engine.h"
#include "bindings/chuck/framing.h"
#include "bindings/chuck/object.h"

namespace moonwire::bindings::chuck {

/// A way to cut a stream, and its bounds in bytes. A value: one decoder may serve many connections.
struct Decoder {
  static constexpr Kind kind = Kind::decoder;
  static constexpr const char* class_name = "decoder";
  enum class Way : std::uint8_t { raw, first, later, http, websocket_server, websocket_client };

  Way way = Way::raw;
  std::size_t max = 0;       // of a message; of an HTTP message's head
  std::size_t max_body = 0;  // of an HTTP message's body
  HttpRole role = HttpRole::any;
};

class HttpFramer;
class WebsocketFramer;

/// One connection's place in its stream.
class Framer final {
 public:
  Framer(lua_State* state, const Decoder& decoder, Style style);
  ~Framer();
  Framer(const Framer&) = delete;
  Framer& operator=(const Framer&) = delete;

  /// Looks at what is there; after a message push_message() makes it a Lua value, while the bytes
  /// are still where they were.
  Step look(std::span<const char> bytes);
  void push_message(lua_State* state);
  /// The peer has closed: whether that ends a message (an HTTP response without a length).
  Step finish();
  /// Null unless it reads HTTP.
  HttpFramer* http();

 private:
  struct Raw {
    std::span<const char> bytes;
  };
  Style style_;
  std::variant<Raw, LengthFramer, std::unique_ptr<HttpFramer>, std::unique_ptr<WebsocketFramer>>
      way_;
};

/// Adds `decoder` (chuck.decoder) and the later packet.Decoder to the table on top.
void add_decoders(lua_State* state);

}  // namespace moonwire::bindings::chuck
