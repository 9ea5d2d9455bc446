// The plain kind.
#include "proxy/transport.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "proxy/limits.h"

namespace moonwire::proxy {
namespace {

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

class PlainTransport final : public Transport {
 public:
  PlainTransport(TcpSocket socket, std::shared_ptr<void> guard)
      : socket_{std::move(socket)}, guard_{std::move(guard)} {}

  IoResult handshake() override { return {IoResult::Kind::done}; }

  IoResult read(std::span<std::byte> into) override {
    const ssize_t size = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (size > 0) return {IoResult::Kind::done, static_cast<std::size_t>(size)};
    if (size == 0) return {IoResult::Kind::ended};
    return {would_block(errno) ? IoResult::Kind::wants_read : IoResult::Kind::broken};
  }
  IoResult write(std::span<const iovec> from) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(from.data());  // sendmsg does not change it
    message.msg_iovlen = from.size();
    const ssize_t size = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (size >= 0) return {IoResult::Kind::done, static_cast<std::size_t>(size)};
    return {would_block(errno) ? IoResult::Kind::wants_write : IoResult::Kind::broken};
  }
  bool has_buffered() const override { return false; }
  void shut() override {
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
  }
  TcpSocket& socket() override { return socket_; }

 private:
  TcpSocket socket_;
  std::shared_ptr<void> guard_;
};

}  // namespace

bool prepare_client_socket(TcpSocket& socket) {
  error_code error;
  socket.native_non_blocking(true, error);
  if (error) return false;
  socket.set_option(ip::tcp::no_delay{true}, error);
  if (error) return false;
  const int unsent = unsent_bytes;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  return true;
}

std::unique_ptr<Transport> make_plain_transport(TcpSocket socket, std::shared_ptr<void> guard) {
  if (!prepare_client_socket(socket)) return nullptr;
  return std::make_unique<PlainTransport>(std::move(socket), std::move(guard));
}

}  // namespace moonwire::proxy
