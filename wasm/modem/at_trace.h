// The record of what crossed uart.ATC, for the panel's AT view. Bounded; the oldest goes first.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

#include "modem/state.h"

namespace moonwire::modem {

class AtTrace final {
 public:
  /// `text` is cut at trace_text_bytes; a line end at its end goes.
  void add(Micros at, AtRecord::Direction direction, std::string_view text);
  /// What came since the last take, oldest first.
  Trace take();

 private:
  std::deque<AtRecord> records_;
  std::uint64_t next_serial_ = 1;
  std::uint64_t lost_ = 0;
};

}  // namespace moonwire::modem
