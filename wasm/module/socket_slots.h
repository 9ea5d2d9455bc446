// The firmware's own sockets (socketcore): ten numbered slots whose events are messages for
// rtos.receive.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/connection.h"
#include "module/limits.h"
#include "module/message.h"

namespace moonwire::module {

/// socketcore's numbers for a socket's kind.
enum class SlotKind : std::uint8_t { tcp = 0, udp = 1, ssl = 2, raw = 4 };

/// The error numbers of socketcore, as far as they can happen here.
enum class SlotError : std::int8_t {
  ok = 0,
  no_memory = 1,
  not_connected = 11,
  closed = 15,
  bad_argument = 16
};

/// A slot as the panel sees it.
struct SlotState {
  int index = 0;
  SlotKind kind = SlotKind::tcp;
  std::string peer;
  bool is_connecting = false;
  bool is_open = false;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::size_t unread = 0;
};

class SocketSlots final {
 public:
  struct Surroundings {
    net::Network& network;
    net::Deadlines& deadlines;
    const std::function<net::Micros()>& wall_clock;
    std::function<void(const Message&)> post;
    std::function<void()> on_changed;
    std::function<net::Micros()> latency;  // one way through the radio
    std::function<bool()> has_bearer;
    std::function<bool()> has_service;  // bytes get through: a bearer, and registered
  };

  explicit SocketSlots(Surroundings surroundings);
  ~SocketSlots();

  /// @return the index; MSG_SOCK_CONN_CNF follows. Nothing: no slot is free.
  std::optional<int> open(SlotKind kind, std::string_view host, std::uint16_t port);
  /// Accepts all or nothing. MSG_SOCK_SEND_CNF follows on acceptance.
  SlotError send(int index, std::string_view bytes);
  /// What is there, at most `most` bytes; a datagram is never joined with the next one.
  std::string receive(int index, std::size_t most);
  /// MSG_SOCK_CLOSE_CNF follows in any case.
  void close(int index);
  /// Frees the slot. @return whether it was closed.
  bool destroy(int index);
  net::NetError set_option(int index, net::Option option, int value);
  bool is_taken(int index) const;

  /// The bearer is gone: whatever is connected is dead, without a word.
  void drop_all();
  /// Bytes get through again: what waited goes on.
  void go_on();
  /// The script is gone: so is everything.
  void reset();
  std::vector<SlotState> states() const;

 private:
  class Slot;
  Slot* find(int index) const;

  Surroundings surroundings_;
  std::array<std::unique_ptr<Slot>, socket_slots> slots_;
  int next_ = 0;  // indices go round, so that one freed is not given at once
};

}  // namespace moonwire::module
