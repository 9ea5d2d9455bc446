// What a TCP socket has not taken yet: packets in order, the first perhaps in part. Takes no memory
// while empty.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <vector>

namespace moonwire::proxy {

class UploadQueue {
 public:
  bool is_empty() const { return first_ == packets_.size(); }
  std::size_t bytes() const { return bytes_; }

  void push(std::span<const std::byte> packet) {
    packets_.emplace_back(packet.begin(), packet.end());
    bytes_ += packet.size();
  }
  std::size_t gather(std::span<iovec> out) {
    std::size_t count = 0;
    for (std::size_t i = first_; i < packets_.size() && count < out.size(); ++i) {
      const std::size_t skipped = i == first_ ? written_ : 0;
      out[count++] = {packets_[i].data() + skipped, packets_[i].size() - skipped};
    }
    return count;
  }
  /// The first `size` bytes have gone. The result is how many packets that completed.
  std::size_t consume(std::size_t size) {
    bytes_ -= size;
    std::size_t completed = 0;
    while (first_ < packets_.size() && size >= packets_[first_].size() - written_) {
      size -= packets_[first_].size() - written_;
      written_ = 0;
      std::vector<std::byte>{}.swap(packets_[first_++]);
      ++completed;
    }
    written_ += size;
    if (is_empty()) {
      std::vector<std::vector<std::byte>>{}.swap(packets_);
      first_ = 0;
    }
    return completed;
  }
  void clear() { *this = UploadQueue{}; }

 private:
  std::vector<std::vector<std::byte>> packets_;
  std::size_t first_ = 0;
  std::size_t written_ = 0;  // of the first packet
  std::size_t bytes_ = 0;
};

}  // namespace moonwire::proxy
