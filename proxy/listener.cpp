// Binding and the accept loop.
#include "proxy/listener.h"

#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>

namespace moonwire::proxy {
namespace {

std::string shown(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != host.npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

std::variant<Listener, std::string> Listener::open(Executor executor, const std::string& host,
                                                   std::uint16_t port) {
  error_code error;
  ip::address address =
      host == "*" ? ip::address{ip::address_v4::any()} : ip::make_address(host, error);
  if (error) {
    error_code why;
    asio::ip::basic_resolver<ip::tcp, Executor> resolver{executor};
    const auto found = resolver.resolve(host, std::to_string(port), why);
    if (why || found.empty()) return "cannot listen on " + shown(host, port) + ": " + why.message();
    address = found.begin()->endpoint().address();
  }
  TcpAcceptor acceptor{executor};
  const ip::tcp::endpoint endpoint{address, port};
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(TcpAcceptor::reuse_address{true}, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(TcpAcceptor::max_listen_connections, error);
  if (error) {
    const bool is_taken = error == asio::error::address_in_use;
    return "cannot listen on " + shown(host, port) + ": " +
           (is_taken ? "port " + std::to_string(port) + " is taken by another program"
                     : error.message());
  }
  const auto bound = acceptor.local_endpoint(error);
  if (error) return "cannot listen on " + shown(host, port) + ": " + error.message();
  return Listener{std::move(acceptor), bound};
}

Task<void> Listener::run(const Limits& limits, OnAccept on_accept) {
  Timer pause{acceptor_.get_executor()};
  while (acceptor_.is_open()) {
    error_code error;
    ip::tcp::endpoint peer;
    TcpSocket socket = co_await acceptor_.async_accept(peer, asio::redirect_error(use_task, error));
    if (!error) {
      on_accept(std::move(socket), peer);
      continue;
    }
    if (error == asio::error::operation_aborted) break;
    if (error == asio::error::connection_aborted) continue;  // the client has gone already
    spdlog::error("accept failed why=\"{}\"", error.message());
    pause.expires_after(
        limits.accept_pause);  // no descriptors left: trying at once would only spin
    co_await pause.async_wait(asio::redirect_error(use_task, error));
  }
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace moonwire::proxy
