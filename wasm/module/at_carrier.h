// The way out for the modem's AT sockets: the machine's own network.
#pragma once

#include <array>
#include <memory>

#include "modem/carrier.h"
#include "module/connection.h"

namespace moonwire::module {

class AtCarrier final : public modem::Carrier {
 public:
  explicit AtCarrier(Ways ways);
  ~AtCarrier();

  /// Whom the sockets' events go to; before the first open.
  void set_events(modem::CarrierEvents* events) { events_ = events; }

  void open(modem::SocketId id, modem::Protocol protocol, std::string_view host, std::uint16_t port,
            bool verify) override;
  std::size_t send(modem::SocketId id, std::span<const std::byte> bytes) override;
  std::size_t receive(modem::SocketId id, std::span<std::byte> room) override;
  std::size_t unread(modem::SocketId) const override { return 0; }
  void close(modem::SocketId id) override;

 private:
  class Line;
  static constexpr std::size_t lines_max = 16;  // CIP's eight and the SSL ones

  Line* find(modem::SocketId id) const { return id < lines_max ? lines_[id].get() : nullptr; }

  const Ways ways_;
  modem::CarrierEvents* events_ = nullptr;
  std::array<std::unique_ptr<Line>, lines_max> lines_;
};

}  // namespace moonwire::module
