// The client's socket as bytes: plain, or TLS over it. Reads and writes never wait; waiting is done
// on the socket.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "proxy/asio.h"

namespace moonwire::proxy {

struct IoResult {
  enum class Kind { done, wants_read, wants_write, ended, broken };
  Kind kind = Kind::done;
  std::size_t bytes = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// What has to be agreed on before bytes can flow (TLS): call it again after each wait it asks
  /// for.
  virtual IoResult handshake() = 0;
  virtual IoResult read(std::span<std::byte> into) = 0;
  virtual IoResult write(std::span<const iovec> from) = 0;
  /// Bytes that no wait would announce, because they have left the socket already (TLS).
  virtual bool has_buffered() const = 0;
  /// Says goodbye (TLS), shuts the sending side.
  virtual void shut() = 0;
  virtual TcpSocket& socket() = 0;
};

/// Takes an accepted socket; null if it broke already. `guard` lives as long as the transport.
std::unique_ptr<Transport> make_plain_transport(TcpSocket socket, std::shared_ptr<void> guard);

/// The options of every client's socket. False: it broke already.
bool prepare_client_socket(TcpSocket& socket);

}  // namespace moonwire::proxy
