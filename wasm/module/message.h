// What waits for rtos.receive: the firmware's events, and the queue of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "module/limits.h"
#include "net/readiness.h"

namespace moonwire::module {

/// The numbers are those of the RDA8910's firmware; scripts only compare them.
enum class MessageKind : std::uint8_t {
  wait_timeout = 4,
  timer = 5,
  uart_received = 6,
  uart_sent = 7,
  keypad = 8,
  interrupt = 9,
  battery = 10,
  alarm = 15,
  sim_inserted = 27,
  bearer_lost = 30,
  socket_received = 31,
  socket_sent = 32,
  socket_close_confirmed = 33,
  socket_connected = 34,
  socket_closed = 36,
};

/// One event. What the numbers mean depends on the kind: timer: id. uart_*: port. keypad:
/// pressed, row, column. interrupt: edge, pin. battery: present, millivolts, level. sim_inserted:
/// truth. bearer_lost: result. socket_*: index, result, length.
struct Message {
  MessageKind kind = MessageKind::wait_timeout;
  std::int32_t first = 0;
  std::int32_t second = 0;
  std::int32_t third = 0;
};

class MessageQueue final : public net::Pollable {
 public:
  net::Ready ready() const override {
    return waiting_.empty() ? net::Ready::nothing : net::Ready::readable;
  }
  void post(const Message& message) {
    if (waiting_.size() >= messages_max && message.kind != MessageKind::timer) {
      ++lost_;
      return;
    }
    waiting_.push_back(message);
    notify();
  }
  bool is_empty() const { return waiting_.empty(); }
  /// Only of a queue that is not empty.
  Message take() {
    const Message message = waiting_.front();
    waiting_.pop_front();
    return message;
  }
  void clear() { waiting_.clear(); }
  std::uint64_t lost() const { return lost_; }

 private:
  std::deque<Message> waiting_;
  std::uint64_t lost_ = 0;
};

}  // namespace moonwire::module
