// The bounded record of what crossed the network.
#include "net/wire.h"

#include <algorithm>
#include <utility>

#include "net/limits.h"

namespace moonwire::net {

Wire::Wire(const Deadlines& time, std::function<CallSite()> site)
    : time_(time), site_(std::move(site)) {}

void Wire::set_recording(bool on) {
  recording_ = on;
  if (!on) records_.clear();
}

void Wire::add(WireKind kind, const Address& from, const Address& to,
               std::span<const std::byte> bytes) {
  if (!recording_) return;
  if (records_.size() == wire_records_max) {
    records_.pop_front();
    ++lost_;
  }
  WireRecord& record = records_.emplace_back();
  record.serial = next_serial_++;
  record.time = time_.now();
  record.kind = kind;
  if (site_) record.site = site_();
  record.from = from;
  record.to = to;
  record.size = bytes.size();
  const auto sample = bytes.first(std::min(bytes.size(), wire_sample_bytes));
  record.sample.assign(sample.begin(), sample.end());
}

std::vector<WireRecord> Wire::take(std::uint64_t& lost) {
  std::vector<WireRecord> taken(std::make_move_iterator(records_.begin()),
                                std::make_move_iterator(records_.end()));
  records_.clear();
  lost = std::exchange(lost_, 0);
  return taken;
}

}  // namespace moonwire::net
