// OpenSSL straight on the descriptor: its reads and writes never wait, as ours.
#include "proxy/tls.h"

#include <openssl/err.h>

#include <algorithm>
#include <climits>

namespace moonwire::proxy {
namespace {

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "it cannot be read" : reason;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(TcpSocket socket, SSL* ssl, std::shared_ptr<void> guard)
      : socket_{std::move(socket)}, ssl_{ssl, &SSL_free}, guard_{std::move(guard)} {}

  IoResult handshake() override { return result_of(SSL_accept(ssl_.get())); }
  IoResult read(std::span<std::byte> into) override {
    return result_of(SSL_read(ssl_.get(), into.data(),
                              static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX))));
  }
  IoResult write(std::span<const iovec> from) override {
    std::size_t written = 0;
    for (const iovec& piece : from) {
      if (piece.iov_len == 0) continue;
      const IoResult put =
          result_of(SSL_write(ssl_.get(), piece.iov_base, static_cast<int>(piece.iov_len)));
      if (put.kind != IoResult::Kind::done)
        return written > 0 ? IoResult{IoResult::Kind::done, written} : put;
      written += put.bytes;
      if (put.bytes < piece.iov_len) break;
    }
    return {IoResult::Kind::done, written};
  }
  bool has_buffered() const override { return SSL_pending(ssl_.get()) > 0; }
  void shut() override {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
  }
  TcpSocket& socket() override { return socket_; }

 private:
  IoResult result_of(int returned) {
    if (returned > 0) return {IoResult::Kind::done, static_cast<std::size_t>(returned)};
    const int why = SSL_get_error(ssl_.get(), returned);
    ERR_clear_error();
    switch (why) {
      case SSL_ERROR_WANT_READ: return {IoResult::Kind::wants_read};
      case SSL_ERROR_WANT_WRITE: return {IoResult::Kind::wants_write};
      case SSL_ERROR_ZERO_RETURN: return {IoResult::Kind::ended};
      default: return {IoResult::Kind::broken};
    }
  }

  TcpSocket socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::shared_ptr<void> guard_;
};

}  // namespace

std::variant<TlsContext, std::string> load_tls(const std::string& certificate,
                                               const std::string& key) {
  TlsContext context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  if (!context) return "TLS is not to be had: " + last_error();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // A write that was cut short is tried again from wherever the bytes are by then.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return "--cert " + certificate + ": " + last_error();
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return "--key " + key + ": " + last_error();
  }
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return "--key " + key + " is not the key of --cert " + certificate;
  return context;
}

std::unique_ptr<Transport> make_tls_transport(TcpSocket socket, SSL_CTX& context,
                                              std::shared_ptr<void> guard) {
  if (!prepare_client_socket(socket)) return nullptr;
  SSL* ssl = SSL_new(&context);
  if (ssl == nullptr || SSL_set_fd(ssl, socket.native_handle()) != 1) {
    SSL_free(ssl);
    return nullptr;
  }
  return std::make_unique<TlsTransport>(std::move(socket), ssl, std::move(guard));
}

}  // namespace moonwire::proxy
