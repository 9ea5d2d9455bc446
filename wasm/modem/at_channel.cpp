// The receive buffer of uart.ATC and the lines that wait for it.
#include "modem/at_channel.h"

#include <algorithm>
#include <utility>

#include "modem/limits.h"

namespace moonwire::modem {
namespace {

std::string with_line_end(std::string_view line) {
  std::string block;
  block.reserve(line.size() + 2);
  block.append(line).append("\r\n");
  return block;
}

}  // namespace

void AtChannel::end_command() {
  at_command_ = false;
  settle();
}

void AtChannel::reply(std::string_view line) {
  push(replies_, with_line_end(line));
}

void AtChannel::prompt() {
  push(replies_, "> ");
}

void AtChannel::notice(std::string_view line) {
  if (notices_.size() == at_lines_waiting_max) {
    notices_.pop_front();
    ++notices_lost_;
  }
  push(notices_, with_line_end(line));
}

void AtChannel::data(std::string_view header, std::string_view bytes) {
  deliver(with_line_end(header).append(bytes));
}

bool AtChannel::has_room_for(std::size_t bytes) const {
  return readable() + bytes <= at_receive_bytes;
}

std::string AtChannel::read(std::size_t most) {
  const std::size_t count = std::min(most, readable());
  std::string bytes = buffer_.substr(front_, count);
  front_ += count;
  if (front_ == buffer_.size()) {
    buffer_.clear();
    front_ = 0;
  } else if (front_ > at_receive_bytes) {
    buffer_.erase(0, std::exchange(front_, 0));
  }
  settle();
  return bytes;
}

std::string AtChannel::read_line() {
  const std::size_t end = buffer_.find('\n', front_);
  return read(end == std::string::npos ? readable() : end + 1 - front_);
}

void AtChannel::clear() {
  at_command_ = false;
  buffer_.clear();
  front_ = 0;
  replies_.clear();
  notices_.clear();
}

void AtChannel::push(std::deque<std::string>& queue, std::string block) {
  queue.push_back(std::move(block));
  settle();
}

void AtChannel::settle() {
  for (std::deque<std::string>* queue : {&replies_, &notices_}) {
    if (queue == &notices_ && at_command_) return;
    while (!queue->empty()) {
      if (!has_room_for(queue->front().size())) return;
      deliver(queue->front());
      queue->pop_front();
    }
  }
}

void AtChannel::deliver(std::string_view block) {
  const bool was_empty = readable() == 0;
  buffer_.append(block);
  trace_.add(board_.now(), AtRecord::Direction::from_modem, block);
  if (was_empty) board_.on_at_readable();
}

}  // namespace moonwire::modem
