// Dialling as a coroutine; moving bytes as callbacks on readiness, so that an idle stream holds no
// buffer.
#include "proxy/tcp_stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>

#include "proxy/socket_failure.h"
#include "proxy/socket_options.h"

namespace moonwire::proxy {
namespace {

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

TcpStream::TcpStream(StreamHost& host, std::uint32_t id)
    : Stream{host, id}, socket_{host.context().executor}, credit_{host.terms().window} {
  ++context().counters.streams_open;
  ++context().counters.streams_total;
}

TcpStream::~TcpStream() {
  forget_queue();
  --context().counters.streams_open;
}

void TcpStream::dial(std::string asked_host, std::uint16_t port, Trust trust) {
  auto self = std::static_pointer_cast<TcpStream>(shared_from_this());
  is_dialling_ = true;
  asio::co_spawn(context().executor, run_dial(std::move(self), std::move(asked_host), port, trust),
                 asio::detached);
}

void TcpStream::adopt(TcpSocket socket) {
  socket_ = std::move(socket);
  if (const auto error = prepare()) {
    on_broken(*error);
    return;
  }
  open(false);
}

Task<void> TcpStream::run_dial([[maybe_unused]] std::shared_ptr<TcpStream> self,
                               std::string asked_host, std::uint16_t port, Trust trust) {
  const Resolution found =
      co_await context().resolver.addresses(&host(), asked_host, wisp::Family::none);
  wisp::Failure failure = found.failure;
  std::string why = failure == wisp::Failure::none ? "" : "name " + asked_host;
  bool is_connected = false;
  for (const ip::address& address : found.addresses) {
    if (!has_host()) break;
    const Verdict verdict = context().policy.rules.may_dial(asked_host, address, port);
    if (!verdict.allowed && trust == Trust::by_rules) {
      if (failure != wisp::Failure::none) continue;  // an address that was tried tells more
      failure = wisp::Failure::denied_by_rule;
      why = verdict.why;
      continue;
    }
    const error_code error = co_await connect({without_mapping(address), port});
    if (!error) {
      is_connected = true;
      break;
    }
    failure = failure_of(error);
    why = address.to_string() + " port " + std::to_string(port) + ": " + error.message();
  }
  deadline_.reset();
  if (!has_host()) {  // the client has gone on
    drop_socket(Ending::reset);
    co_return;
  }
  is_dialling_ = false;
  host().dial_over();
  if (is_connected) {
    open(true);
    co_return;
  }
  ++(failure == wisp::Failure::denied_by_rule ? context().counters.streams_denied
                                              : context().counters.streams_failed);
  forget_queue();
  end(failure, why);
}

Task<error_code> TcpStream::connect(ip::tcp::endpoint to) {
  error_code error;
  socket_.close(error);
  socket_.open(to.protocol(), error);
  if (error) co_return error;
  if (!deadline_) deadline_ = std::make_unique<Timer>(context().executor);
  const std::uint32_t attempt = ++attempt_;
  deadline_->expires_after(limits().connect_time);
  deadline_->async_wait([this, self = shared_from_this(), attempt](error_code cancelled) {
    if (cancelled || attempt != attempt_) return;
    late_attempt_ = attempt;
    error_code ignored;
    socket_.cancel(ignored);
  });
  co_await socket_.async_connect(to, asio::redirect_error(use_task, error));
  ++attempt_;  // a time-out that was on its way finds another attempt
  deadline_->cancel();
  if (late_attempt_ == attempt) co_return error_code{ETIMEDOUT, boost::system::system_category()};
  if (!error) {
    if (const auto failed = prepare()) co_return *failed;
  }
  co_return error;
}

std::optional<error_code> TcpStream::prepare() {
  error_code error;
  socket_.native_non_blocking(true, error);
  if (error) return error;
  socket_.set_option(ip::tcp::no_delay{true}, error);  // the machine decides what goes together
  return error ? std::optional{error} : std::nullopt;
}

void TcpStream::open(bool was_dialled) {
  is_open_ = true;
  if (was_dialled && host().terms().has_sockets) {
    error_code error;
    const auto local = socket_.local_endpoint(error);
    const auto peer = socket_.remote_endpoint(error);
    if (error) {
      on_broken(error);
      return;
    }
    host().send(id(), wisp::Opened{.local = to_wire(local), .peer = to_wire(peer)});
  }
  if (was_dialled && host().terms().confirms_open)
    host().send(id(), wisp::Continue{buffer_.grant()});
  if (!queue_.is_empty()) flush();
  if (!has_host()) return;
  shut_when_drained();
  if (has_host()) wait_readable();
}

// Towards the tab.

void TcpStream::wait_readable() {
  if (waits_readable_ || peer_finished_) return;
  waits_readable_ = true;
  socket_.async_wait(TcpSocket::wait_read, [this, self = shared_from_this()](error_code error) {
    waits_readable_ = false;
    if (error || !has_host()) return;
    host().want_turn(*this);
  });
}

void TcpStream::take_turn() {
  if (!has_host() || !is_open_ || peer_finished_ || waits_readable_) return;
  std::size_t most = host().turn_bytes();
  if (host().terms().has_sockets) most = std::min<std::size_t>(most, credit_.available());
  if (most == 0) {
    is_starved_ = true;
    return;
  }
  Outbox& outbox = host().outbox();
  const std::span<std::byte> room = outbox.open_room(std::min(most, little_bytes), most);
  const ssize_t size = ::recv(socket_.native_handle(), room.data(), room.size(), 0);
  if (size > 0) {
    const auto got = static_cast<std::size_t>(size);
    host().commit_data(id(), got);
    if (host().terms().has_sockets) credit_.spend(static_cast<std::uint32_t>(got));
    context().counters.bytes_down += got;
    brings_little = got < little_bytes;
    host().outbox_filled();
    if (got == room.size()) {
      host().want_turn(*this);  // there is probably more
    } else {
      wait_readable();
    }
    return;
  }
  const int error = errno;
  outbox.close_as_data(id(), 0);
  if (size == 0) {
    on_peer_finished();
  } else if (would_block(error)) {
    wait_readable();
  } else {
    on_broken({error, boost::system::system_category()});
  }
}

void TcpStream::grant(std::uint32_t amount) {
  credit_.grant(amount);
  if (is_starved_ && credit_.available() > 0) {
    is_starved_ = false;
    host().want_turn(*this);
  }
}

void TcpStream::on_peer_finished() {
  peer_finished_ = true;
  if (is_broken_) {
    drop_socket(Ending::reset);
    end(wisp::Failure::reset, "connection reset by the peer");
    return;
  }
  if (host().terms().has_sockets) {
    host().send(id(), wisp::Finish{});
    end_if_finished();
    return;
  }
  // Plain Wisp cannot say "half": the stream ends, and what the client had sent still goes out.
  auto self = shared_from_this();
  end(wisp::Failure::none, {});
  linger();
}

void TcpStream::on_broken(const error_code& error) {
  const wisp::Failure failure = failure_of(error);
  const bool is_late = failure == wisp::Failure::timed_out;
  auto self = shared_from_this();
  forget_queue();
  drop_socket(Ending::reset);
  end(failure, error.message(),
      is_late ? wisp::CloseReason::transfer_timed_out : wisp::close_reason_for(failure));
}

// Towards the peer.

void TcpStream::receive(wisp::Bytes payload) {
  if (client_finished_) {
    auto self = shared_from_this();
    drop_socket(Ending::reset);
    end(wisp::Failure::invalid_argument, "DATA after FINISH");
    return;
  }
  if (payload.empty()) return;
  if (host().terms().counts_packets && !buffer_.receive()) {
    auto self = shared_from_this();
    ++context().counters.streams_limited;
    drop_socket(Ending::reset);
    end(wisp::Failure::limit_reached, "more DATA than CONTINUE allowed");
    return;
  }
  context().counters.bytes_up += payload.size();
  if (is_broken_) return;
  if (!is_open_ || !queue_.is_empty()) {
    enqueue(payload);
    return;
  }
  const ssize_t size =
      ::send(socket_.native_handle(), payload.data(), payload.size(), MSG_NOSIGNAL);
  if (size == static_cast<ssize_t>(payload.size())) {
    passed_on(1);
    return;
  }
  if (size < 0 && !would_block(errno)) {
    is_broken_ = true;  // the peer's last words may still be readable: the reader ends the stream
    if (!waits_readable_) host().want_turn(*this);
    return;
  }
  enqueue(payload.subspan(size > 0 ? static_cast<std::size_t>(size) : 0));
  wait_writable();
}

void TcpStream::enqueue(wisp::Bytes payload) {
  queue_.push(payload);
  host().upload_changed(static_cast<std::ptrdiff_t>(payload.size()));
}

void TcpStream::forget_queue() {
  const std::size_t bytes = queue_.bytes();
  queue_.clear();
  if (bytes == 0) return;
  if (is_lingering_) {
    context().counters.lingering_bytes -= bytes;
  } else if (has_host()) {
    host().upload_changed(-static_cast<std::ptrdiff_t>(bytes));
  }
}

void TcpStream::wait_writable() {
  if (waits_writable_) return;
  waits_writable_ = true;
  socket_.async_wait(TcpSocket::wait_write, [this, self = shared_from_this()](error_code error) {
    waits_writable_ = false;
    if (error || (!has_host() && !is_lingering_)) return;
    flush();
  });
}

void TcpStream::flush() {
  std::array<iovec, 16> pieces{};
  while (!queue_.is_empty()) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = queue_.gather(pieces);
    const ssize_t size = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (size < 0 && would_block(errno)) {
      wait_writable();
      return;
    }
    if (size < 0) {
      forget_queue();
      is_broken_ = true;
      if (is_lingering_) {
        drop_socket(Ending::reset);
      } else if (!waits_readable_) {
        host().want_turn(*this);
      }
      return;
    }
    const std::size_t packets = queue_.consume(static_cast<std::size_t>(size));
    if (is_lingering_) {
      context().counters.lingering_bytes -= static_cast<std::uint64_t>(size);
    } else {
      host().upload_changed(-size);
      passed_on(packets);
    }
  }
  if (is_lingering_) {
    drop_socket(Ending::orderly);
  } else {
    shut_when_drained();
  }
}

void TcpStream::passed_on(std::size_t packets) {
  if (!host().terms().counts_packets) return;
  bool is_due = false;
  for (std::size_t i = 0; i < packets; ++i) is_due = buffer_.release();
  if (is_due) host().send(id(), wisp::Continue{buffer_.grant()});
}

void TcpStream::finish() {
  if (client_finished_) return;
  client_finished_ = true;
  shut_when_drained();
}

void TcpStream::shut_when_drained() {
  if (!client_finished_ || is_shut_ || !is_open_ || !queue_.is_empty()) return;
  is_shut_ = true;
  error_code ignored;  // the peer may have reset it: the reader will see
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
  end_if_finished();
}

void TcpStream::end_if_finished() {
  if (!is_shut_ || !peer_finished_) return;
  auto self = shared_from_this();
  drop_socket(Ending::orderly);
  end(wisp::Failure::none, {});
}

void TcpStream::set_option(const wisp::Option& option) {
  if (!is_open_) {
    report(wisp::Failure::invalid_argument, "the stream is not open yet");
    return;
  }
  const bool is_v6 = socket_.local_endpoint().address().is_v6();
  const auto failure = set_socket_option(socket_.native_handle(), SocketKind::tcp, is_v6, option);
  if (failure != wisp::Failure::none) report(failure, "option could not be set");
}

// The end.

void TcpStream::close(Ending ending) {
  if (is_dialling_) host().dial_over();
  is_dialling_ = false;
  if (ending == Ending::reset || !is_open_ || is_broken_) {
    forget_queue();
    leave_host();
    drop_socket(is_open_ ? Ending::reset : Ending::orderly);
    if (deadline_) deadline_->cancel();
    return;
  }
  if (queue_.bytes() > 0) host().upload_changed(-static_cast<std::ptrdiff_t>(queue_.bytes()));
  leave_host();
  linger();
}

// The host is gone; what waits goes out within a time and a bound over all such streams.
void TcpStream::linger() {
  if (queue_.is_empty()) {
    drop_socket(Ending::orderly);
    return;
  }
  if (context().counters.lingering_bytes + queue_.bytes() > limits().lingering_bytes) {
    queue_.clear();
    drop_socket(Ending::reset);
    return;
  }
  is_lingering_ = true;
  context().counters.lingering_bytes += queue_.bytes();
  deadline_ = std::make_unique<Timer>(context().executor);
  deadline_->expires_after(limits().linger_time);
  deadline_->async_wait([this, self = shared_from_this()](error_code cancelled) {
    if (!cancelled) drop_socket(Ending::reset);
  });
  wait_writable();
}

void TcpStream::drop_socket(Ending ending) {
  if (is_lingering_) {
    forget_queue();
    is_lingering_ = false;
    deadline_->cancel();
  }
  error_code ignored;
  if (ending == Ending::reset && socket_.is_open()) {
    socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  }
  socket_.close(ignored);
}

}  // namespace moonwire::proxy
