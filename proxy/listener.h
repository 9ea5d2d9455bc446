// Accepts clients on one address. An accept that fails is logged and the next one armed.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "proxy/asio.h"
#include "proxy/limits.h"

namespace moonwire::proxy {

class Listener {
 public:
  using OnAccept = std::function<void(TcpSocket, const ip::tcp::endpoint& peer)>;

  /// A listening one, or why not; the text names the address.
  static std::variant<Listener, std::string> open(Executor executor, const std::string& host,
                                                  std::uint16_t port);

  Task<void> run(const Limits& limits, OnAccept on_accept);
  void close();
  ip::tcp::endpoint address() const { return address_; }

 private:
  Listener(TcpAcceptor acceptor, ip::tcp::endpoint address)
      : acceptor_{std::move(acceptor)}, address_{address} {}
  TcpAcceptor acceptor_;
  ip::tcp::endpoint address_;
};

}  // namespace moonwire::proxy
