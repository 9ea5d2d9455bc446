// The wire: a bounded record of everything that crossed the network. Off unless somebody looks;
// off, it costs one test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/deadlines.h"

namespace moonwire::net {

enum class WireKind : std::uint8_t { connect, accept, data, fin, rst, datagram, resolve };

/// Who acts: filled in by the kernel, which knows processes and Lua's call stack.
struct CallSite {
  std::uint32_t pid = 0;
  std::string file;
  int line = 0;
};

struct WireRecord {
  std::uint64_t serial = 0;
  Micros time = 0;
  WireKind kind = WireKind::data;
  CallSite site;
  Address from;
  Address to;
  std::size_t size = 0;           // bytes that crossed
  std::vector<std::byte> sample;  // the first of them, at most wire_sample_bytes
};

class Wire final {
 public:
  Wire(const Deadlines& time, std::function<CallSite()> site);

  void set_recording(bool on);
  bool is_recording() const { return recording_; }
  void add(WireKind kind, const Address& from, const Address& to,
           std::span<const std::byte> bytes = {});
  /// Takes all records out; `lost` counts those dropped since the last call because nobody took
  /// them.
  std::vector<WireRecord> take(std::uint64_t& lost);

 private:
  const Deadlines& time_;
  std::function<CallSite()> site_;
  std::deque<WireRecord> records_;
  std::uint64_t next_serial_ = 1;
  std::uint64_t lost_ = 0;
  bool recording_ = false;
};

}  // namespace moonwire::net
