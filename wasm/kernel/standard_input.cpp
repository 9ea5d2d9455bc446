#include "kernel/standard_input.h"

#include <algorithm>

namespace moonwire::kernel {

net::Ready StandardInput::ready() const {
  return ended_ || taken_ < bytes_.size() ? net::Ready::readable : net::Ready::nothing;
}

void StandardInput::append(std::string_view bytes) {
  if (ended_ || bytes.empty()) return;
  if (taken_ > bytes_.size() / 2) {  // each byte is moved at most once for each one taken
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
  bytes_ += bytes;
  notify();
}

void StandardInput::end() {
  if (ended_) return;
  ended_ = true;
  notify();
}

void StandardInput::take(std::size_t count) {
  taken_ = std::min(taken_ + count, bytes_.size());
  if (taken_ == bytes_.size()) {
    bytes_.clear();
    taken_ = 0;
  }
}

}  // namespace moonwire::kernel
