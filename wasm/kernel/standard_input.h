// Standard input of a process: bytes as typed, in order; readable when a byte or the end is there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "net/readiness.h"

namespace moonwire::kernel {

class StandardInput final : public net::Pollable {
 public:
  net::Ready ready() const override;
  void append(std::string_view bytes);
  void end();
  bool is_at_end() const { return ended_ && taken_ == bytes_.size(); }
  bool has_ended() const { return ended_; }
  std::string_view unread() const { return std::string_view(bytes_).substr(taken_); }
  void take(std::size_t count);

 private:
  std::string bytes_;
  std::size_t taken_ = 0;
  bool ended_ = false;
};

}  // namespace moonwire::kernel
