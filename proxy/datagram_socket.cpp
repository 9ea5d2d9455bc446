// What cannot be sent or taken at once is dropped and counted, as UDP does.
#include "proxy/datagram_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "proxy/publishing.h"
#include "proxy/socket_failure.h"
#include "proxy/socket_options.h"
#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

constexpr int datagrams_per_turn = 16;

}  // namespace

DatagramSocket::DatagramSocket(StreamHost& host, std::uint32_t id)
    : Stream{host, id}, socket_{host.context().executor}, credit_{host.terms().window} {
  ++context().counters.streams_open;
  ++context().counters.streams_total;
}

DatagramSocket::~DatagramSocket() {
  --context().counters.streams_open;
}

error_code DatagramSocket::open(const ip::udp::endpoint& at, bool reuses) {
  error_code error;
  socket_.close(error);
  socket_.open(at.protocol(), error);
  if (!error && reuses) socket_.set_option(UdpSocket::reuse_address{true}, error);
  if (!error) socket_.bind(at, error);
  if (!error) socket_.native_non_blocking(true, error);
  return error;
}

void DatagramSocket::bind(const wisp::Bind& wanted) {
  is_v6_ = wanted.address.family == wisp::Family::ipv6;
  const bool reuses = (wanted.flags & wisp::Bind::reuse_address) != 0;
  std::optional<BindFailure> failed;
  is_published_ = wanted.address.port != 0;
  if (!is_published_) {
    const ip::address any =
        is_v6_ ? ip::address{ip::address_v6::any()} : ip::address{ip::address_v4::any()};
    // Not a door: take_turn() lets in only what comes from where the rules let this socket send.
    const error_code error = open({any, 0}, false);
    if (error) failed = BindFailure{failure_of(error), error.message()};
  } else {
    failed = bind_by_rules(context().policy.publish, wanted,
                           [&](const ip::address& address, std::uint16_t port) {
                             return open({address, port}, reuses);
                           });
  }
  error_code error;
  if (failed) {
    auto self = shared_from_this();
    socket_.close(error);
    if (failed->failure == wisp::Failure::denied_by_rule) ++context().counters.streams_denied;
    end(failed->failure, failed->why);
    return;
  }
  const auto local = socket_.local_endpoint(error);
  is_v6_ = local.address().is_v6();
  wisp::Bound bound{.local = to_wire(local), .published = {}};
  if (wanted.address.port != 0)
    bound.published = published_addresses(local.address(), local.port());
  host().send(id(), bound);
  wait_readable();
}

void DatagramSocket::receive(wisp::Bytes) {
  ++context().counters.packets_ignored;
}

void DatagramSocket::receive_to(const wisp::Address& to, wisp::Bytes payload) {
  const auto address = from_wire(to);
  if (!address || to.port == 0) {
    report(wisp::Failure::invalid_argument, "a datagram needs an address and a port");
    return;
  }
  if (payload.size() > wisp::max_datagram_bytes) {
    ++context().counters.datagrams_dropped;
    report(wisp::Failure::message_too_long, "a datagram holds at most 65507 bytes");
    return;
  }
  const ip::address plain = without_mapping(*address);
  if (plain.is_v6() != is_v6_) {
    report(wisp::Failure::family_not_supported, "the socket is of the other family");
    return;
  }
  const Verdict verdict = context().policy.rules.may_dial(plain.to_string(), plain, to.port);
  if (!verdict.allowed) {
    ++context().counters.datagrams_dropped;
    report(wisp::Failure::denied_by_rule, verdict.why);
    return;
  }
  if (!host().take_datagram(payload.size())) return;
  const ip::udp::endpoint endpoint{plain, to.port};
  if (::sendto(socket_.native_handle(), payload.data(), payload.size(), MSG_NOSIGNAL,
               endpoint.data(), static_cast<socklen_t>(endpoint.size())) >= 0) {
    ++context().counters.datagrams_up;
    context().counters.bytes_up += payload.size();
    return;
  }
  ++context().counters.datagrams_dropped;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return;
  const error_code error{errno, boost::system::system_category()};
  report(failure_of(error), error.message());
}

void DatagramSocket::wait_readable() {
  if (waits_readable_) return;
  waits_readable_ = true;
  socket_.async_wait(UdpSocket::wait_read, [this, self = shared_from_this()](error_code error) {
    waits_readable_ = false;
    if (!error && has_host()) host().want_turn(*this);
  });
}

void DatagramSocket::take_turn() {
  if (!has_host() || waits_readable_) return;
  std::size_t brought = 0;
  brings_little = true;
  for (int i = 0; i < datagrams_per_turn; ++i) {
    ip::udp::endpoint from;
    auto length = static_cast<socklen_t>(from.capacity());
    const ssize_t size = ::recvfrom(socket_.native_handle(), context().scratch.get(), scratch_bytes,
                                    0, from.data(), &length);
    if (size < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait_readable();
        return;
      }
      continue;  // what ICMP left behind: an unconnected socket does not hear of it
    }
    if (!host().take_datagram(static_cast<std::size_t>(size))) continue;
    from.resize(length);
    const ip::address sender = without_mapping(from.address());
    const bool is_welcome =
        is_published_ ||
        context().policy.rules.may_dial(sender.to_string(), sender, from.port()).allowed;
    if (!is_welcome || !credit_.spend(static_cast<std::uint32_t>(size) + wisp::datagram_cost)) {
      ++context().counters.datagrams_dropped;
      continue;
    }
    ++context().counters.datagrams_down;
    brings_little = (brought += static_cast<std::size_t>(size)) < little_bytes;
    context().counters.bytes_down += static_cast<std::uint64_t>(size);
    const wisp::Bytes payload{context().scratch.get(), static_cast<std::size_t>(size)};
    host().send(id(), wisp::Datagram{.address = to_wire(sender, from.port()), .payload = payload});
  }
  host().want_turn(*this);
}

void DatagramSocket::set_option(const wisp::Option& option) {
  const auto failure = set_socket_option(socket_.native_handle(), SocketKind::udp, is_v6_, option);
  if (failure != wisp::Failure::none) report(failure, "option could not be set");
}

void DatagramSocket::close(Ending) {
  leave_host();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace moonwire::proxy
