// What cannot be sent or taken at once is dropped and counted, as UDP does.
#include "proxy/udp_stream.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cerrno>

#include "proxy/socket_failure.h"
#include "proxy/socket_options.h"
#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

// Datagrams read in one turn, so that a flood leaves turns to others.
constexpr int datagrams_per_turn = 16;

}  // namespace

UdpStream::UdpStream(StreamHost& host, std::uint32_t id)
    : Stream{host, id}, socket_{host.context().executor}, credit_{host.terms().window} {
  ++context().counters.streams_open;
  ++context().counters.streams_total;
}

UdpStream::~UdpStream() {
  --context().counters.streams_open;
}

void UdpStream::dial(std::string asked_host, std::uint16_t port) {
  auto self = std::static_pointer_cast<UdpStream>(shared_from_this());
  is_dialling_ = true;
  asio::co_spawn(context().executor, run_dial(std::move(self), std::move(asked_host), port),
                 asio::detached);
}

Task<void> UdpStream::run_dial([[maybe_unused]] std::shared_ptr<UdpStream> self,
                               std::string asked_host, std::uint16_t port) {
  const Resolution found =
      co_await context().resolver.addresses(&host(), asked_host, wisp::Family::none);
  if (!has_host()) co_return;
  wisp::Failure failure = found.failure;
  std::string why = "name " + asked_host;
  for (const ip::address& address : found.addresses) {
    const Verdict verdict = context().policy.rules.may_dial(asked_host, address, port);
    if (!verdict.allowed) {
      if (failure != wisp::Failure::none) continue;
      failure = wisp::Failure::denied_by_rule;
      why = verdict.why;
      continue;
    }
    const error_code error = open({without_mapping(address), port});
    if (!error) {
      is_open_ = true;
      break;
    }
    failure = failure_of(error);
    why = address.to_string() + " port " + std::to_string(port) + ": " + error.message();
  }
  is_dialling_ = false;
  host().dial_over();
  if (!is_open_) {
    ++(failure == wisp::Failure::denied_by_rule ? context().counters.streams_denied
                                                : context().counters.streams_failed);
    end(failure, why);
    co_return;
  }
  if (host().terms().has_sockets) {
    error_code ignored;
    host().send(id(), wisp::Opened{.local = to_wire(socket_.local_endpoint(ignored)),
                                   .peer = to_wire(socket_.remote_endpoint(ignored))});
  }
  for (const auto& datagram : early_) send(datagram);
  std::vector<std::vector<std::byte>>{}.swap(early_);
  wait_readable();
}

error_code UdpStream::open(ip::udp::endpoint to) {
  error_code error;
  socket_.close(error);
  socket_.open(to.protocol(), error);
  if (!error) socket_.connect(to, error);
  if (!error) socket_.native_non_blocking(true, error);
  return error;
}

void UdpStream::receive(wisp::Bytes payload) {
  if (payload.size() > wisp::max_datagram_bytes) {
    ++context().counters.datagrams_dropped;
    report(wisp::Failure::message_too_long, "a datagram holds at most 65507 bytes");
    return;
  }
  if (is_open_) {
    send(payload);
  } else if (early_.size() < wisp::stream_buffer_packets) {
    early_.emplace_back(payload.begin(), payload.end());
  } else {
    ++context().counters.datagrams_dropped;
  }
}

void UdpStream::send(wisp::Bytes payload) {
  // An error that ICMP left behind is reported by the next call, which then did not send.
  if (!host().take_datagram(payload.size())) return;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (::send(socket_.native_handle(), payload.data(), payload.size(), MSG_NOSIGNAL) >= 0) {
      ++context().counters.datagrams_up;
      context().counters.bytes_up += payload.size();
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    const error_code error{errno, boost::system::system_category()};
    report(failure_of(error), error.message());
    if (errno != ECONNREFUSED) break;
  }
  ++context().counters.datagrams_dropped;
}

void UdpStream::wait_readable() {
  if (waits_readable_) return;
  waits_readable_ = true;
  socket_.async_wait(UdpSocket::wait_read, [this, self = shared_from_this()](error_code error) {
    waits_readable_ = false;
    if (!error && has_host()) host().want_turn(*this);
  });
}

void UdpStream::take_turn() {
  if (!has_host() || !is_open_ || waits_readable_) return;
  std::size_t brought = 0;
  brings_little = true;
  for (int i = 0; i < datagrams_per_turn; ++i) {
    const ssize_t size = ::recv(socket_.native_handle(), context().scratch.get(), scratch_bytes, 0);
    if (size < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait_readable();
        return;
      }
      const error_code error{errno, boost::system::system_category()};
      report(failure_of(error), error.message());
      continue;
    }
    const auto got = static_cast<std::uint32_t>(size);
    if (!host().take_datagram(got)) continue;
    if (host().terms().has_sockets && !credit_.spend(got + wisp::datagram_cost)) {
      ++context().counters.datagrams_dropped;
      continue;
    }
    ++context().counters.datagrams_down;
    brings_little = (brought += got) < little_bytes;
    context().counters.bytes_down += got;
    host().outbox().push_data(id(), {context().scratch.get(), got});
    host().outbox_filled();
  }
  host().want_turn(*this);
}

void UdpStream::set_option(const wisp::Option& option) {
  if (!is_open_) {
    report(wisp::Failure::invalid_argument, "the stream is not open yet");
    return;
  }
  error_code ignored;
  const bool is_v6 = socket_.local_endpoint(ignored).address().is_v6();
  const auto failure = set_socket_option(socket_.native_handle(), SocketKind::udp, is_v6, option);
  if (failure != wisp::Failure::none) report(failure, "option could not be set");
}

void UdpStream::close(Ending) {
  if (is_dialling_) host().dial_over();
  leave_host();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace moonwire::proxy
