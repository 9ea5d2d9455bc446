// Accepting on readiness, as far as the client's credit goes.
#include "proxy/published_listener.h"

#include <algorithm>

#include "proxy/publishing.h"
#include "proxy/socket_failure.h"
#include "wisp/limits.h"

namespace moonwire::proxy {

PublishedListener::PublishedListener(StreamHost& host, std::uint32_t id)
    : Stream{host, id}, acceptor_{host.context().executor} {
  ++context().counters.streams_open;
  ++context().counters.streams_total;
}

PublishedListener::~PublishedListener() {
  --context().counters.streams_open;
}

void PublishedListener::bind(const wisp::Bind& wanted) {
  const std::uint16_t backlog = std::clamp<std::uint16_t>(wanted.backlog, 1, wisp::max_backlog);
  const auto failed = bind_by_rules(
      context().policy.publish, wanted, [&](const ip::address& address, std::uint16_t port) {
        const ip::tcp::endpoint to{address, port};
        error_code error;
        acceptor_.close(error);
        acceptor_.open(to.protocol(), error);
        // A server started again must not wait for its old connections; Linux still refuses a port
        // that listens.
        if (!error) acceptor_.set_option(TcpAcceptor::reuse_address{true}, error);
        if (!error) acceptor_.bind(to, error);
        if (!error) acceptor_.listen(backlog, error);
        return error;
      });
  error_code error;
  if (!failed) acceptor_.non_blocking(true, error);
  if (failed || error) {
    auto self = shared_from_this();
    acceptor_.close(error);
    if (failed && failed->failure == wisp::Failure::denied_by_rule)
      ++context().counters.streams_denied;
    end(failed ? failed->failure : failure_of(error), failed ? failed->why : error.message());
    return;
  }
  credit_.grant(backlog);
  const auto local = acceptor_.local_endpoint(error);
  host().send(id(), wisp::Bound{.local = to_wire(local),
                                .published = published_addresses(local.address(), local.port())});
  wait_acceptable();
}

void PublishedListener::wait_acceptable() {
  if (waits_ || credit_.available() == 0) return;
  waits_ = true;
  acceptor_.async_wait(TcpAcceptor::wait_read, [this, self = shared_from_this()](error_code error) {
    waits_ = false;
    if (!error && has_host()) accept_more();
  });
}

void PublishedListener::accept_more() {
  while (has_host() && credit_.available() > 0) {
    error_code error;
    TcpSocket socket{context().executor};
    acceptor_.accept(socket, error);
    if (error == asio::error::would_block || error == asio::error::try_again) break;
    if (error == asio::error::connection_aborted || error == asio::error::interrupted) continue;
    if (error) {  // no descriptors: trying at once would only spin
      waits_ = true;
      pause_ = std::make_unique<Timer>(context().executor);
      pause_->expires_after(limits().accept_pause);
      pause_->async_wait([this, self = shared_from_this()](error_code) {
        waits_ = false;
        if (has_host()) wait_acceptable();
      });
      return;
    }
    if (!host().adopt(id(), std::move(socket))) continue;
    credit_.spend(1);
  }
  if (has_host()) wait_acceptable();
}

void PublishedListener::receive(wisp::Bytes) {
  ++context().counters.packets_ignored;
}

void PublishedListener::grant(std::uint32_t connections) {
  credit_.grant(connections);
  wait_acceptable();
}

void PublishedListener::set_option(const wisp::Option&) {
  report(wisp::Failure::not_supported, "a listener has no options; its streams do");
}

void PublishedListener::close(Ending) {
  leave_host();
  error_code ignored;
  if (pause_) pause_->cancel();
  acceptor_.close(ignored);
}

}  // namespace moonwire::proxy
