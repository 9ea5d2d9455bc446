// Sockets that never wait.
#include "load/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace moonwire::load {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int open_socket() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor >= 0) return descriptor;
  std::perror("socket");
  std::exit(1);
}

}  // namespace

Connection::Connection(Loop& loop, std::uint16_t port)
    : loop_{loop}, descriptor_{open_socket()}, is_connecting_{true}, wants_writable_{true} {
  send_at_once(descriptor_);
  const sockaddr_in to = loopback(port);
  ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  loop_.watch(descriptor_, *this);
  loop_.set_interest(descriptor_, *this, Interest::both);
}

Connection::~Connection() {
  loop_.forget(descriptor_, *this);
  ::close(descriptor_);
}

bool Connection::send(Bytes bytes) {
  out_.insert(out_.end(), bytes.begin(), bytes.end());
  if (!is_marked_ && !wants_writable_) {
    is_marked_ = true;
    loop_.mark(*this);
  }
  was_full_ = out_.size() - written_ > backlog;
  return !was_full_;
}

void Connection::on_readable() {
  static std::array<std::byte, read_bytes> room;  // one thread, and nobody keeps it
  const ssize_t size = ::recv(descriptor_, room.data(), room.size(), 0);
  if (size > 0) {
    if (on_bytes) on_bytes({room.data(), static_cast<std::size_t>(size)});
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    end();
  }
}

void Connection::on_writable() {
  is_connecting_ = false;
  flush();
}

void Connection::flush() {
  is_marked_ = false;
  if (is_connecting_ || has_ended_) return;
  while (written_ < out_.size()) {
    const ssize_t size =
        ::send(descriptor_, out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (size < 0) break;  // full, or broken: reading will tell
    written_ += static_cast<std::size_t>(size);
  }
  if (written_ == out_.size()) {
    out_.clear();
    written_ = 0;
  }
  const bool waits = written_ < out_.size();
  if (waits != wants_writable_) {
    wants_writable_ = waits;
    loop_.set_interest(descriptor_, *this, waits ? Interest::both : Interest::reading);
  }
  if (was_full_ && out_.size() - written_ < backlog / 2) {
    was_full_ = false;
    if (on_room) on_room();
  }
}

void Connection::end() {
  if (has_ended_) return;
  has_ended_ = true;
  loop_.forget(descriptor_, *this);
  if (on_end) on_end();
}

void send_at_once(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int listen_on(std::uint16_t& port) {
  const int descriptor = open_socket();
  sockaddr_in at = loopback(port);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof at;
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(descriptor, 4096) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    std::perror("listen");
    std::exit(1);
  }
  port = ntohs(at.sin_port);
  return descriptor;
}

}  // namespace moonwire::load
