// What other processes of the machine sent to one: whole messages as bytes, in the order they came.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "kernel/host.h"
#include "kernel/limits.h"
#include "net/readiness.h"

namespace moonwire::kernel {

struct Mail {
  Pid sender = 0;
  std::string bytes;
};

/// Readable when there is mail, writable when there is room for more.
class Mailbox final : public net::Pollable {
 public:
  explicit Mailbox(const Limits& limits) : limits_(limits) {}

  net::Ready ready() const override {
    return (mails_.empty() ? net::Ready::nothing : net::Ready::readable) |
           (has_room() ? net::Ready::writable : net::Ready::nothing);
  }
  bool has_room() const { return mails_.size() < limits_.mails && bytes_ < limits_.mailbox_bytes; }
  void put(Mail mail) {
    bytes_ += mail.bytes.size();
    mails_.push_back(std::move(mail));
    notify();
  }
  /// @return false when there is none.
  bool take(Mail& mail) {
    if (mails_.empty()) return false;
    mail = std::move(mails_.front());
    mails_.pop_front();
    bytes_ -= mail.bytes.size();
    notify();
    return true;
  }

 private:
  const Limits& limits_;
  std::deque<Mail> mails_;
  std::size_t bytes_ = 0;
};

}  // namespace moonwire::kernel
