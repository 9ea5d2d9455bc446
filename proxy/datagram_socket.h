// An unconnected UDP socket of a tab (BIND, kind UDP): DATAGRAM packets with an address, in both
// directions.
#pragma once

#include "proxy/stream.h"
#include "wisp/credit.h"

namespace moonwire::proxy {

class DatagramSocket final : public Stream {
 public:
  DatagramSocket(StreamHost& host, std::uint32_t id);
  ~DatagramSocket() override;

  /// Ends with BOUND or FAILURE and CLOSE. Port 0 needs no rule: it is how a client's socket gets
  /// an address to send from.
  void bind(const wisp::Bind& wanted);

  void receive(wisp::Bytes payload) override;
  void receive_to(const wisp::Address& address, wisp::Bytes payload) override;
  void grant(std::uint32_t amount) override { credit_.grant(amount); }
  void take_turn() override;
  void set_option(const wisp::Option& option) override;
  void close(Ending ending) override;

 private:
  error_code open(const ip::udp::endpoint& at, bool reuses);
  void wait_readable();

  UdpSocket socket_;
  wisp::ByteCredit credit_;
  bool is_published_ = false;  // strangers may send to it
  bool is_v6_ = false;
  bool waits_readable_ = false;
};

}  // namespace moonwire::proxy
