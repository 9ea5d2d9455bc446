// Whatever bytes arrive: a packet or a reason, never more; and what was understood is said again in
// the same bytes.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <variant>
#include <vector>

#include "wisp/packet.h"

namespace {

namespace wisp = moonwire::wisp;

/// Decoding and encoding once may normalise a packet; doing it again must change nothing.
void check_round_trip(const wisp::Packet& packet) {
  const std::vector<std::byte> once = wisp::encode(packet.stream, packet.body);
  const auto again = wisp::decode(once);
  const auto* same = std::get_if<wisp::Packet>(&again);
  if (same == nullptr || wisp::encode(same->stream, same->body) != once) std::abort();
}

void try_extensions(const wisp::Info& info) {
  for (const wisp::Extension& extension : info.extensions) {
    (void)wisp::decode_sockets_offer(extension.metadata);
    (void)wisp::decode_credentials(extension.metadata);
    (void)wisp::decode_wisp_js_credentials(extension.metadata);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto frame = std::as_bytes(std::span{data, size});
  (void)wisp::peek(frame);
  const auto decoded = wisp::decode(frame);
  const auto* packet = std::get_if<wisp::Packet>(&decoded);
  if (packet == nullptr) return 0;
  if (const auto* info = std::get_if<wisp::Info>(&packet->body)) try_extensions(*info);
  check_round_trip(*packet);
  return 0;
}
