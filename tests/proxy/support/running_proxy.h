// A real proxy in the test's own process, on a port of its own; and raw sockets to talk to it and
// to be its peer.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "proxy/server.h"
#include "wisp_client.h"

namespace moonwire::proxy::test {

/// Token "tok", loopback open, times short enough to be waited for only where a test is about them.
Options test_options();

class RunningProxy {
 public:
  explicit RunningProxy(const Options& options = test_options(),
                        Lookups lookups = system_lookups());
  ~RunningProxy();

  std::uint16_t port() const { return port_; }
  /// Runs on the proxy's thread.
  template <typename F>
  auto ask(F question) {
    std::promise<decltype(question(*server_))> promise;
    asio::post(io_, [&] { promise.set_value(question(*server_)); });
    return promise.get_future().get();
  }
  /// Waits until nothing is left: no session, stream, block, lingering byte. False: something
  /// stayed.
  bool is_empty_at_last();
  void stop(Server::Haste haste = Server::Haste::at_once);

  WispClient v1(const std::string& path = "/wisp/tok/");
  /// After INFO, INFO, CONTINUE. With `sockets`, our extension is agreed on, with this window.
  WispClient v2(std::optional<std::uint32_t> sockets = std::nullopt);

 private:
  asio::io_context io_{1};
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// The client's INFO: UDP, and sockets if a window is given.
std::vector<std::byte> client_info(std::optional<std::uint32_t> window,
                                   const std::vector<std::byte>& password = {});

/// A blocking TCP socket.
class RawSocket {
 public:
  static RawSocket connect(std::uint16_t port);
  explicit RawSocket(int descriptor) : descriptor_{descriptor} {}
  RawSocket(RawSocket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  ~RawSocket();

  void send(std::string_view bytes);
  /// Up to `size` bytes, fewer only at the end.
  std::string read(std::size_t size);
  std::string read_to_end();
  /// 0 at the end, ECONNRESET after a reset.
  int error_at_end();
  void finish_sending();
  void reset();
  void close();
  std::uint16_t local_port() const;
  std::uint16_t peer_port() const;

 private:
  int descriptor_;
};

/// A listening TCP socket on 127.0.0.1.
class RawListener {
 public:
  RawListener();
  ~RawListener();
  std::uint16_t port() const { return port_; }
  RawSocket accept();

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

/// A TCP port of 127.0.0.1 where nobody listens.
std::uint16_t closed_port();

/// One HTTP request on its own connection; everything that came back.
std::string http(std::uint16_t port, const std::string& request);

}  // namespace moonwire::proxy::test
