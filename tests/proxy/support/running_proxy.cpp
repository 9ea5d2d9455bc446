// Threads and sockets of the fixtures.
#include "running_proxy.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace moonwire::proxy::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t port_of(int descriptor, bool of_peer) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  of_peer ? ::getpeername(descriptor, plain, &size) : ::getsockname(descriptor, plain, &size);
  return ntohs(address.sin_port);
}

}  // namespace

Options test_options() {
  Options options;
  options.listen_port = 0;
  options.tokens = {"tok"};
  options.allow = std::get<std::vector<Rule>>(parse_rule("127.0.0.1:*"));
  options.limits.tick = std::chrono::milliseconds{10};
  return options;
}

RunningProxy::RunningProxy(const Options& options, Lookups lookups) {
  auto made = Server::make(io_.get_executor(), options, std::move(lookups));
  if (const auto* why = std::get_if<std::string>(&made)) throw std::runtime_error{*why};
  server_ = std::move(std::get<std::unique_ptr<Server>>(made));
  port_ = server_->port();
  server_->start();
  thread_ = std::thread{[this] {
    const auto work = asio::make_work_guard(io_);
    io_.run();
  }};
}

RunningProxy::~RunningProxy() {
  stop();
  io_.stop();
  thread_.join();
  io_.restart();
  io_.poll();  // what was cancelled lets go of the server's parts
}

void RunningProxy::stop(Server::Haste haste) {
  std::promise<void> stopped;
  asio::post(io_, [&] {
    server_->stop(haste, [&stopped, is_told = false]() mutable {
      if (!std::exchange(is_told, true)) stopped.set_value();
    });
  });
  stopped.get_future().wait();
}

bool RunningProxy::is_empty_at_last() {
  const auto give_up = Clock::now() + std::chrono::seconds{5};
  while (Clock::now() < give_up) {
    const bool is_empty = ask([](Server& server) {
      const Counters& counters = server.counters();
      return server.session_count() == 0 && counters.sessions_open == 0 &&
             counters.streams_open == 0 && counters.lingering_bytes == 0 &&
             server.borrowed_blocks() == 0;
    });
    if (is_empty) return true;
    std::this_thread::yield();
  }
  return false;
}

std::vector<std::byte> client_info(std::optional<std::uint32_t> window,
                                   const std::vector<std::byte>& password) {
  wisp::Info info;
  info.extensions.push_back({static_cast<std::uint8_t>(wisp::ExtensionId::udp), {}});
  if (!password.empty())
    info.extensions.push_back({static_cast<std::uint8_t>(wisp::ExtensionId::password), password});
  const auto offer = wisp::encode(wisp::SocketsOffer{.window = window.value_or(0), .streams = 100});
  if (window)
    info.extensions.push_back({static_cast<std::uint8_t>(wisp::ExtensionId::sockets), offer});
  return wisp::encode(0, info);
}

WispClient RunningProxy::v1(const std::string& path) {
  WispClient client{{.port = port_, .path = path}};
  client.expect<wisp::Continue>(0);
  return client;
}

WispClient RunningProxy::v2(std::optional<std::uint32_t> sockets) {
  WispClient client{{.port = port_, .subprotocol = "wisp-v2"}};
  client.expect<wisp::Info>(0);
  client.send_bytes(client_info(sockets));
  client.expect<wisp::Continue>(0);
  return client;
}

RawSocket RawSocket::connect(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "cannot connect to port " << port;
  }
  return RawSocket{descriptor};
}

RawSocket::~RawSocket() {
  close();
}

void RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::string RawSocket::read(std::size_t size) {
  std::string text;
  std::array<char, 65536> chunk;
  while (text.size() < size) {
    const ssize_t got =
        ::recv(descriptor_, chunk.data(), std::min(chunk.size(), size - text.size()), 0);
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string RawSocket::read_to_end() {
  return read(std::string{}.max_size());
}

int RawSocket::error_at_end() {
  std::array<char, 65536> chunk;
  for (;;) {
    const ssize_t got = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
    if (got == 0) return 0;
    if (got < 0) return errno;
  }
}

void RawSocket::finish_sending() {
  ::shutdown(descriptor_, SHUT_WR);
}

void RawSocket::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

void RawSocket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::uint16_t RawSocket::local_port() const {
  return port_of(descriptor_, false);
}
std::uint16_t RawSocket::peer_port() const {
  return port_of(descriptor_, true);
}

RawListener::RawListener() : descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  const sockaddr_in address = loopback(0);
  if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    ADD_FAILURE() << "bind";
  ::listen(descriptor_, 16);
  port_ = port_of(descriptor_, false);
}

RawListener::~RawListener() {
  ::close(descriptor_);
}

RawSocket RawListener::accept() {
  return RawSocket{::accept(descriptor_, nullptr, nullptr)};
}

std::uint16_t closed_port() {
  return RawListener{}.port();
}

std::string http(std::uint16_t port, const std::string& request) {
  RawSocket socket = RawSocket::connect(port);
  socket.send(request);
  return socket.read_to_end();
}

}  // namespace moonwire::proxy::test
