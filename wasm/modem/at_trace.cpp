// The AT record: a bounded queue.
#include "modem/at_trace.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modem/limits.h"

namespace moonwire::modem {

void AtTrace::add(Micros at, AtRecord::Direction direction, std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return;
  if (records_.size() == trace_records) {
    records_.pop_front();
    ++lost_;
  }
  records_.push_back({next_serial_++, at, direction,
                      std::string(text.substr(0, std::min(text.size(), trace_text_bytes)))});
}

Trace AtTrace::take() {
  Trace trace{{std::make_move_iterator(records_.begin()), std::make_move_iterator(records_.end())},
              std::exchange(lost_, 0)};
  records_.clear();
  return trace;
}

}  // namespace moonwire::modem
