// An uplink whose other end is the test: it sees every packet and says what the server says.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "net/uplink.h"
#include "wisp/packet.h"

namespace moonwire::tests {

class ScriptedUplink final : public net::Uplink {
 public:
  struct Pipe {
    std::string url;
    std::string protocols;
    std::deque<std::vector<std::byte>> sent;
    std::size_t backlog = 0;
    bool is_closed = false;
  };

  void open(net::PipeId pipe, std::string_view url, std::string_view protocols) override {
    EXPECT_FALSE(pipes.contains(pipe)) << "a pipe's number is never used twice";
    pipes[pipe].url = url;
    pipes[pipe].protocols = protocols;
    last = pipe;
  }
  void send(net::PipeId pipe, std::span<const std::byte> message) override {
    EXPECT_FALSE(pipes.at(pipe).is_closed);
    pipes[pipe].sent.emplace_back(message.begin(), message.end());
  }
  bool has_room(net::PipeId pipe, std::size_t limit) override {
    return pipes.at(pipe).backlog < limit;
  }
  void close(net::PipeId pipe) override { pipes.at(pipe).is_closed = true; }

  // The server's side.

  void accept(std::string_view protocol = "wisp-v2") { events->on_pipe_open(last, protocol); }
  void say(std::uint32_t stream, const wisp::Body& body) {
    events->on_pipe_message(last, wisp::encode(stream, body));
  }
  void hang_up(std::uint16_t code = 1006, std::string_view reason = "") {
    events->on_pipe_closed(last, code, reason);
  }
  void drain() {
    pipes[last].backlog = 0;
    events->on_pipe_drained(last);
  }

  void open_version_1(std::uint32_t packets = 32) {
    accept("");
    say(0, wisp::Continue{packets});
  }
  void open_version_2(std::uint32_t packets = 32) {
    accept();
    say(0, wisp::Info{2, 0, {{std::uint8_t(wisp::ExtensionId::udp), {}}}});
    expect<wisp::Info>();
    say(0, wisp::Continue{packets});
  }
  void open_with_sockets(std::uint32_t packets = 32) {
    accept();
    wisp::SocketsOffer offer;
    offer.flags = 7;
    const auto metadata = wisp::encode(offer);
    say(0, wisp::Info{2,
                      0,
                      {{std::uint8_t(wisp::ExtensionId::udp), {}},
                       {std::uint8_t(wisp::ExtensionId::sockets), metadata}}});
    expect<wisp::Info>();
    say(0, wisp::Continue{packets});
  }

  /// The next packet that the tunnel sent, which must be of this type. Texts in it borrow from
  /// `frame`.
  template <typename T>
  T expect(std::uint32_t* stream = nullptr) {
    auto& sent = pipes[last].sent;
    if (sent.empty()) {
      ADD_FAILURE() << "nothing was sent";
      return {};
    }
    frame = std::move(sent.front());
    sent.pop_front();
    auto decoded = wisp::decode(frame);
    auto* packet = std::get_if<wisp::Packet>(&decoded);
    if (packet == nullptr || !std::holds_alternative<T>(packet->body)) {
      ADD_FAILURE() << "another packet was sent, of type "
                    << (packet == nullptr ? -1 : int(frame[0]));
      return {};
    }
    if (stream != nullptr) *stream = packet->stream;
    return std::get<T>(packet->body);
  }
  bool is_silent() { return pipes[last].sent.empty(); }

  net::UplinkEvents* events = nullptr;
  std::map<net::PipeId, Pipe> pipes;
  net::PipeId last = 0;
  std::vector<std::byte> frame;
};

}  // namespace moonwire::tests
