// TLS for clients: https and wss.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <variant>

#include "proxy/transport.h"

namespace moonwire::proxy {

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// A certificate chain and its key, both PEM files; or what is wrong with them.
std::variant<TlsContext, std::string> load_tls(const std::string& certificate,
                                               const std::string& key);

/// Takes an accepted socket; null if it broke already. The handshake is still to be made.
std::unique_ptr<Transport> make_tls_transport(TcpSocket socket, SSL_CTX& context,
                                              std::shared_ptr<void> guard);

}  // namespace moonwire::proxy
