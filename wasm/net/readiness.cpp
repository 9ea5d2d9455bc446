// The lists between pollables and those who wait for them.
#include "net/readiness.h"

namespace moonwire::net {

void Watch::start(Pollable& pollable, Ready interest, Watcher& watcher) {
  stop();
  pollable_ = &pollable;
  watcher_ = &watcher;
  interest_ = interest;
  previous_ = pollable.last_;
  (previous_ != nullptr ? previous_->next_ : pollable.first_) = this;
  pollable.last_ = this;
}

void Watch::stop() {
  if (pollable_ == nullptr) return;
  if (pollable_->notifying_ == this) pollable_->notifying_ = next_;
  (previous_ != nullptr ? previous_->next_ : pollable_->first_) = next_;
  (next_ != nullptr ? next_->previous_ : pollable_->last_) = previous_;
  pollable_ = nullptr;
  previous_ = next_ = nullptr;
}

Pollable::~Pollable() {
  while (first_ != nullptr) first_->stop();
}

void Pollable::notify_watches() {
  const Ready now = ready();
  if (!any(now)) return;
  notifying_ = first_;
  while (notifying_ != nullptr) {
    Watch& watch = *notifying_;
    notifying_ = watch.next_;
    if (const Ready met = now & watch.interest_; any(met)) watch.watcher_->on_ready(*this, met);
  }
}

}  // namespace moonwire::net
