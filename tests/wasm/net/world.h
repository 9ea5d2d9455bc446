// A network on a manual clock, with the moves that most tests begin with. It ends by asking what is
// left over.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/network.h"
#include "support/manual_deadlines.h"

namespace moonwire::tests {

using net::Address;
using net::Direction;
using net::Family;
using net::NetError;
using net::Ready;
using net::SocketType;
using net::Transfer;
using SocketPtr = std::shared_ptr<net::Socket>;

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Address at(std::uint16_t port) {
  return Address::v4(127, 0, 0, 1, port);
}

/// Limits with pipes of this size, also in the hostile build.
inline net::Limits pipes_of(std::size_t capacity) {
  net::Limits limits;
  limits.pipe_bytes = capacity;
  return limits;
}

class World {
 public:
  explicit World(net::Limits limits = pipes_of(64 * 1024), net::Uplink* uplink = nullptr)
      : network_({.deadlines = deadlines,
                  .uplink = uplink,
                  .entropy = [this] { return ++drawn_; },
                  .call_site =
                      [] {
                        return net::CallSite{1, "test.lua", 7};
                      },
                  .on_doors_changed = [this] { ++door_changes; },
                  .on_tunnel_changed = [this] { ++tunnel_changes; }},
                 limits) {}

  ~World() {
    const net::NetworkCensus census = network_.census();
    EXPECT_EQ(census.sockets, 0u);
    EXPECT_EQ(census.lookups, 0u);
    EXPECT_EQ(census.tunnel_streams, 0u);
    EXPECT_EQ(census.buffered_bytes, 0u);
    network_.set_tunnel("");
    EXPECT_EQ(deadlines.waiting(), 0u);
  }

  net::Network& operator*() { return network_; }
  net::Network* operator->() { return &network_; }

  SocketPtr stream(Family family = Family::inet) {
    NetError error{};
    SocketPtr socket = network_.make_socket(family, SocketType::stream, error);
    EXPECT_EQ(error, NetError::none);
    return socket;
  }

  SocketPtr datagram(Family family = Family::inet) {
    NetError error{};
    SocketPtr socket = network_.make_socket(family, SocketType::datagram, error);
    EXPECT_EQ(error, NetError::none);
    return socket;
  }

  SocketPtr listener(const Address& address, int backlog = 5) {
    SocketPtr socket = stream(address.family);
    EXPECT_EQ(socket->bind(address), NetError::none);
    EXPECT_EQ(socket->listen(backlog), NetError::none);
    return socket;
  }

  SocketPtr dial(const Address& address) {
    SocketPtr socket = stream(address.family);
    EXPECT_EQ(socket->connect(address), NetError::in_progress);
    return socket;
  }

  static SocketPtr accept(net::Socket& listener) {
    NetError error{};
    SocketPtr socket = listener.accept(error);
    EXPECT_EQ(error, NetError::none);
    return socket;
  }

  /// A connected client and server; nobody listens any more.
  struct Pair {
    SocketPtr client;
    SocketPtr server;
  };
  Pair pair(const Address& address = at(5000)) {
    const SocketPtr door = listener(address);
    Pair pair;
    pair.client = dial(address);
    EXPECT_EQ(pair.client->connect(address), NetError::none);
    pair.server = accept(*door);
    return pair;
  }

  ManualDeadlines deadlines;
  int door_changes = 0;
  int tunnel_changes = 0;

 private:
  std::uint64_t drawn_ = 0;
  net::Network network_;
};

/// Everything that can be read now; `end` is what came after it.
inline std::string read_all(net::Socket& socket, NetError& end, std::size_t step = 8192) {
  std::string out;
  std::vector<std::byte> buffer(step);
  while (true) {
    const Transfer moved = socket.receive(buffer);
    end = moved.error;
    if (moved.count == 0) return out;
    out += text_of(std::span(buffer).first(moved.count));
  }
}

inline Transfer send(net::Socket& socket, std::string_view text) {
  return socket.send(bytes_of(text));
}

/// Moves all of `text` through however small a pipe. @return what arrived.
inline std::string push_through(net::Socket& from, net::Socket& to, std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Transfer moved = send(from, text);
    text.remove_prefix(moved.count);
    NetError end{};
    const std::string arrived = read_all(to, end);
    if (moved.count == 0 && arrived.empty()) break;
    out += arrived;
  }
  return out;
}

}  // namespace moonwire::tests

namespace moonwire::net {

inline bool operator==(const Transfer& a, const Transfer& b) {
  return a.count == b.count && a.error == b.error;
}
inline std::ostream& operator<<(std::ostream& out, const Transfer& moved) {
  return out << "{" << moved.count << ", error " << int(moved.error) << "}";
}
inline std::ostream& operator<<(std::ostream& out, NetError error) {
  return out << "NetError " << int(error);
}
inline std::ostream& operator<<(std::ostream& out, Ready ready) {
  return out << "Ready " << int(ready);
}
inline std::ostream& operator<<(std::ostream& out, const Address& address) {
  return out << address.text();
}

}  // namespace moonwire::net
