#include "edge/host_uplink.h"

#include "edge/host_calls.h"

namespace moonwire::edge {

void HostUplink::open(net::PipeId pipe, std::string_view url, std::string_view protocols) {
  moonwire_uplink_open(host_, pipe, url.data(), url.size(), protocols.data(), protocols.size());
}

void HostUplink::send(net::PipeId pipe, std::span<const std::byte> message) {
  moonwire_uplink_send(host_, pipe, message.data(), message.size());
}

bool HostUplink::has_room(net::PipeId pipe, std::size_t limit) {
  return moonwire_uplink_has_room(host_, pipe, limit);
}

void HostUplink::close(net::PipeId pipe) {
  moonwire_uplink_close(host_, pipe);
}

}  // namespace moonwire::edge
