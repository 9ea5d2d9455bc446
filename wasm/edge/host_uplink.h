// The tunnel's pipes as the JavaScript host carries them: WebSockets.
#pragma once

#include <cstdint>

#include "net/uplink.h"

namespace moonwire::edge {

class HostUplink final : public net::Uplink {
 public:
  /// `host` is the index in Module.hosts.
  explicit HostUplink(std::uint32_t host) : host_(host) {}

  void open(net::PipeId pipe, std::string_view url, std::string_view protocols) override;
  void send(net::PipeId pipe, std::span<const std::byte> message) override;
  bool has_room(net::PipeId pipe, std::size_t limit) override;
  void close(net::PipeId pipe) override;

 private:
  std::uint32_t host_;
};

}  // namespace moonwire::edge
