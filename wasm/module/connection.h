// One connection out of the module: name, connect, bytes both ways, end. The firmware's socket
// slots and the modem's AT sockets stand on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/deadlines.h"
#include "net/network.h"
#include "net/readiness.h"
#include "net/resolver.h"
#include "net/socket.h"

namespace moonwire::module {

/// Told from a turn of its own, never from inside a call of the connection's: closing or destroying
/// the connection here is fine.
class ConnectionUser {
 public:
  /// Decided: connected, or why not. Once.
  virtual void on_decided(net::NetError error) = 0;
  /// Something may be received.
  virtual void on_readable() = 0;
  /// A send that took less than all may be tried again.
  virtual void on_writable() = 0;
  /// No byte will come any more: the peer's FIN (none), or a reset.
  virtual void on_ended(net::NetError error) = 0;

 protected:
  ~ConnectionUser() = default;
};

/// What every connection out of the module goes by.
struct Ways {
  net::Network& network;
  net::Deadlines& deadlines;
  const std::function<net::Micros()>& wall_clock;  // since the Unix epoch
};

class Connection final : public net::Watcher {
 public:
  Connection(Ways ways, ConnectionUser& user);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins; on_decided follows in any case. `host` is a name or an address.
  void open(net::SocketType type, std::string_view host, std::uint16_t port);
  /// How much was taken; when not all, on_writable follows.
  net::Transfer send(std::span<const std::byte> bytes);
  /// As a socket's receive: would_block when nothing is there. A stream's FIN is told by on_ended
  /// only.
  net::Transfer receive(std::span<std::byte> into);
  bool is_open() const { return stage_ == Stage::open; }
  /// For one that was opened so: keep-alive and the like.
  net::NetError set_option(net::Option option, int value);

  void on_ready(net::Pollable& pollable, net::Ready ready) override;

 private:
  enum class Stage : std::uint8_t { idle, resolving, connecting, open, ended };

  void look();
  void look_soon();
  void dial_next();
  void decide(net::NetError error);
  void end(net::NetError error);
  void watch(net::Ready interest);

  void give_time_answer(std::span<const std::byte> question);

  const Ways ways_;
  ConnectionUser& user_;
  Stage stage_ = Stage::idle;
  net::SocketType type_ = net::SocketType::stream;
  std::uint16_t port_ = 0;
  std::shared_ptr<net::Lookup> lookup_;
  std::vector<net::Address> addresses_;
  std::size_t next_ = 0;
  std::shared_ptr<net::Socket> socket_;
  net::Watch watch_;
  net::DeadlineId look_ = net::no_deadline;
  bool wants_room_ = false;        // a send took less than all
  bool has_data_ = false;          // told, and receive has not said would_block since
  bool is_time_ = false;           // a time server's, which answers from here
  std::vector<std::byte> answer_;  // of the time server, not received yet
  net::NetError ended_with_ = net::NetError::none;
  net::NetError early_error_ = net::NetError::none;
};

}  // namespace moonwire::module
