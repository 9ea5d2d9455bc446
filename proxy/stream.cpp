// What all kinds of streams share.
#include "proxy/stream.h"

namespace moonwire::proxy {

void Stream::receive_to(const wisp::Address&, wisp::Bytes) {
  ++context_.counters.packets_ignored;
}

void Stream::report(wisp::Failure failure, std::string_view text) {
  if (host_ != nullptr && host_->terms().has_sockets) {
    host_->send(id_, wisp::FailureReport{.failure = failure, .text = text});
  }
}

void Stream::end(wisp::Failure failure, std::string_view text) {
  end(failure, text, wisp::close_reason_for(failure));
}

void Stream::end(wisp::Failure failure, std::string_view text, wisp::CloseReason reason) {
  if (host_ == nullptr) return;
  StreamHost& host = *host_;
  host_ = nullptr;
  host.end(*this, failure, text, reason);
}

}  // namespace moonwire::proxy
