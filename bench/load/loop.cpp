// epoll, level-triggered.
#include "load/loop.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace moonwire::load {
namespace {

epoll_event event_of(Watcher& watcher, Interest interest) {
  epoll_event event{};
  if (interest != Interest::writing) event.events |= EPOLLIN;
  if (interest != Interest::reading) event.events |= EPOLLOUT;
  event.data.ptr = &watcher;
  return event;
}

}  // namespace

Loop::Loop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
  if (epoll_ >= 0) return;
  std::perror("epoll_create1");
  std::exit(1);
}

Loop::~Loop() {
  ::close(epoll_);
}

void Loop::watch(int descriptor, Watcher& watcher) {
  epoll_event event = event_of(watcher, Interest::reading);
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void Loop::set_interest(int descriptor, Watcher& watcher, Interest interest) {
  epoll_event event = event_of(watcher, interest);
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void Loop::forget(int descriptor, Watcher& watcher) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  std::erase(marked_, &watcher);
  for (std::size_t i = next_ > 0 ? next_ - 1 : 0; i < count_; ++i) {
    if (events_[i].data.ptr == &watcher) events_[i].data.ptr = nullptr;
  }
}

void Loop::turn(int timeout_ms) {
  for (std::vector<Watcher*> due = std::exchange(marked_, {}); Watcher * one : due) one->flush();
  const int got =
      ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
  count_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  for (next_ = 0; next_ < count_;) {
    const epoll_event event = events_[next_++];
    auto* const watcher = static_cast<Watcher*>(event.data.ptr);
    if (watcher == nullptr) continue;
    if ((event.events & EPOLLOUT) != 0) watcher->on_writable();
    const bool is_there = events_[next_ - 1].data.ptr != nullptr;  // on_writable may end it
    if (is_there && (event.events & ~static_cast<unsigned>(EPOLLOUT)) != 0) watcher->on_readable();
  }
  count_ = 0;
}

}  // namespace moonwire::load
