#include "kernel/descriptors.h"

#include <algorithm>
#include <utility>

namespace moonwire::kernel {

namespace {
constexpr int first_descriptor = 3;
}

Descriptors::Descriptors(std::size_t limit) : limit_(limit) {}

Descriptors::~Descriptors() {
  close_all();
}

int Descriptors::reserve() {
  const auto free =
      std::find(taken_.begin() + std::min(lowest_free_, taken_.size()), taken_.end(), false);
  const auto slot = static_cast<std::size_t>(free - taken_.begin());
  if (slot == taken_.size()) {
    if (slot + first_descriptor >= limit_) return -1;
    taken_.push_back(true);
    slots_.emplace_back();
  } else {
    taken_[slot] = true;
  }
  lowest_free_ = slot + 1;
  ++open_;
  return static_cast<int>(slot) + first_descriptor;
}

int Descriptors::add(std::shared_ptr<net::Socket> socket) {
  const int descriptor = reserve();
  if (descriptor >= 0) slots_[descriptor - first_descriptor] = std::move(socket);
  return descriptor;
}

std::shared_ptr<net::Socket> Descriptors::socket(int descriptor) const {
  const auto slot = static_cast<std::size_t>(descriptor - first_descriptor);
  if (descriptor < first_descriptor || slot >= slots_.size()) return nullptr;
  return slots_[slot];
}

net::Pollable* Descriptors::pollable(int descriptor) const {
  if (descriptor == 0) return input_;
  const auto slot = static_cast<std::size_t>(descriptor - first_descriptor);
  if (descriptor < first_descriptor || slot >= slots_.size()) return nullptr;
  return slots_[slot].get();
}

void Descriptors::set_standard_input(net::Pollable* input) {
  input_ = input;
}

void Descriptors::close(int descriptor) {
  const auto slot = static_cast<std::size_t>(descriptor - first_descriptor);
  if (descriptor < first_descriptor || slot >= taken_.size() || !taken_[slot]) return;
  taken_[slot] = false;
  lowest_free_ = std::min(lowest_free_, slot);
  --open_;
  if (std::shared_ptr<net::Socket> socket = std::move(slots_[slot])) socket->close();
}

void Descriptors::close_all() {
  for (std::size_t slot = 0; slot < taken_.size(); ++slot) {
    close(static_cast<int>(slot) + first_descriptor);
  }
}

std::size_t Descriptors::open_count() const {
  return open_;
}

}  // namespace moonwire::kernel
