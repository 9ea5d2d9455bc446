// A connected UDP socket of a tab (CONNECT, kind UDP): a datagram is a DATA packet, in both
// directions.
#pragma once

#include <string>
#include <vector>

#include "proxy/stream.h"
#include "wisp/credit.h"

namespace moonwire::proxy {

class UdpStream final : public Stream {
 public:
  UdpStream(StreamHost& host, std::uint32_t id);
  ~UdpStream() override;

  void dial(std::string asked_host, std::uint16_t port);

  void receive(wisp::Bytes payload) override;
  void grant(std::uint32_t amount) override { credit_.grant(amount); }
  void take_turn() override;
  void set_option(const wisp::Option& option) override;
  void close(Ending ending) override;

 private:
  Task<void> run_dial(std::shared_ptr<UdpStream> self, std::string asked_host, std::uint16_t port);
  error_code open(ip::udp::endpoint to);
  void send(wisp::Bytes payload);
  void wait_readable();

  UdpSocket socket_;
  std::vector<std::vector<std::byte>> early_;  // came before the socket was open
  wisp::ByteCredit credit_;
  bool is_dialling_ = false;
  bool is_open_ = false;
  bool waits_readable_ = false;
};

}  // namespace moonwire::proxy
