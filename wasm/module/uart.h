// One physical UART: what came in and was not read, what the script wrote and the page has not
// fetched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "module/limits.h"
#include "net/deadlines.h"

namespace moonwire::module {

/// As uart.setup said.
struct UartSettings {
  int baud = 0;
  bool notifies = true;     // MSG_UART_RXDATA
  bool tells_sent = false;  // MSG_UART_TX_DONE
};

class Uart final {
 public:
  bool is_open() const { return is_open_; }
  const UartSettings& settings() const { return settings_; }
  void open(const UartSettings& settings) {
    settings_ = settings;
    is_open_ = true;
  }
  void close() {
    is_open_ = false;
    received_.clear();
  }

  /// Bytes on the line. @return whether the script is to be notified: the buffer was empty.
  bool arrive(std::string_view bytes) {
    if (!is_open_) return false;
    const bool was_empty = received_.empty();
    received_.append(bytes.substr(0, uart_receive_bytes - received_.size()));
    return was_empty && !received_.empty() && settings_.notifies;
  }
  std::size_t readable() const { return received_.size(); }
  std::string read(std::size_t most) {
    std::string taken = received_.substr(0, most);
    received_.erase(0, taken.size());
    return taken;
  }
  /// Up to and with the next newline, or all there is.
  std::string read_line() {
    const auto end = received_.find('\n');
    return read(end == std::string::npos ? received_.size() : end + 1);
  }

  void write(std::string_view bytes) {
    sent_ += bytes;
    if (sent_.size() <= uart_sent_bytes) return;
    lost_ += sent_.size() - uart_sent_bytes;
    sent_.erase(0, sent_.size() - uart_sent_bytes);
  }
  /// What was written since the last time; `lost` counts bytes that were dropped in between.
  std::string take_sent(std::size_t& lost) {
    lost = lost_;
    lost_ = 0;
    std::string taken;
    taken.swap(sent_);
    return taken;
  }

 private:
  bool is_open_ = false;
  UartSettings settings_;
  std::string received_;
  std::string sent_;
  std::size_t lost_ = 0;
};

}  // namespace moonwire::module
