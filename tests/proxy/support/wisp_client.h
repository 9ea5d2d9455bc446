// A Wisp client for tests: Beast's WebSocket, blocking, so that a test reads like the conversation
// it checks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wisp/packet.h"

namespace moonwire::proxy::test {

/// What came: a packet (its bytes are kept here), or the WebSocket's end.
struct Received {
  std::vector<std::byte> bytes;
  std::optional<unsigned> close_code;  // 1006: closed without a close frame
  std::string close_reason;

  /// The packet's body if it is a T on this stream; otherwise the test fails and T is empty.
  template <typename T>
  T as(std::uint32_t stream) const;
  std::string describe() const;
};

class WispClient {
 public:
  struct Target {
    std::uint16_t port = 0;
    std::string path = "/wisp/tok/";
    std::string host = {};         // default: 127.0.0.1:port
    std::string origin = {};       // default: none
    std::string subprotocol = {};  // "wisp-v2" asks for version 2
  };
  struct Refused {
    unsigned status = 0;
    std::string body;
  };

  explicit WispClient(const Target& target);
  ~WispClient();
  WispClient(WispClient&&) noexcept;

  /// Set when the upgrade was refused.
  const std::optional<Refused>& refused() const { return refused_; }
  std::string chosen_subprotocol() const;

  void send(std::uint32_t stream, const wisp::Body& body);
  void send_bytes(const std::vector<std::byte>& message);
  void send_text(const std::string& text);
  void send_data(std::uint32_t stream, const std::string& text);
  Received receive();
  /// receive(), which must be a T on this stream.
  template <typename T>
  Received expect(std::uint32_t stream);
  /// DATA of one stream until `size` bytes are there.
  std::string read(std::uint32_t stream, std::size_t size);
  void close();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
  std::optional<Refused> refused_;
};

/// FAILURE's facts or a text, without borrowed bytes.
std::string text_of(wisp::Bytes bytes);

}  // namespace moonwire::proxy::test

#include <gtest/gtest.h>

namespace moonwire::proxy::test {

template <typename T>
T Received::as(std::uint32_t stream) const {
  auto decoded = wisp::decode(bytes);
  if (const auto* packet = std::get_if<wisp::Packet>(&decoded)) {
    if (const T* body = std::get_if<T>(&packet->body); body != nullptr && packet->stream == stream)
      return *body;
  }
  ADD_FAILURE() << "another answer than expected: " << describe();
  return {};
}

template <typename T>
Received WispClient::expect(std::uint32_t stream) {
  Received received = receive();
  received.as<T>(stream);
  return received;
}

}  // namespace moonwire::proxy::test
