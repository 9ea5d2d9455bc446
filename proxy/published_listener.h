// A listening TCP socket of a tab (BIND, kind TCP): each connection becomes a stream of the
// session. Takes no more connections than the client has room for; the rest waits in the kernel.
#pragma once

#include "proxy/stream.h"
#include "wisp/credit.h"

namespace moonwire::proxy {

class PublishedListener final : public Stream {
 public:
  PublishedListener(StreamHost& host, std::uint32_t id);
  ~PublishedListener() override;

  /// Tries the rules in turn. Ends with BOUND or FAILURE and CLOSE.
  void bind(const wisp::Bind& wanted);

  void receive(wisp::Bytes payload) override;
  void grant(std::uint32_t connections) override;
  void take_turn() override {}
  void set_option(const wisp::Option& option) override;
  void close(Ending ending) override;

 private:
  void accept_more();
  void wait_acceptable();

  TcpAcceptor acceptor_;
  wisp::ByteCredit credit_{0};  // connections the client has room for
  std::unique_ptr<Timer> pause_;
  bool waits_ = false;
};

}  // namespace moonwire::proxy
