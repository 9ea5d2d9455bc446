// Frames from any bytes: a frame lies within what was given, and cutting the input never makes it a
// frame sooner.
#include <cstdlib>
#include <vector>

#include "proxy/websocket_frame.h"

namespace {

using namespace moonwire::proxy::websocket;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* first = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes{first, first + size};
  std::size_t used = 0;
  while (used < bytes.size()) {
    auto read = read_frame(std::span{bytes}.subspan(used), 100'000);
    if (const auto* incomplete = std::get_if<Incomplete>(&read)) {
      if (incomplete->total_bytes <= bytes.size() - used) std::abort();
      break;
    }
    if (std::holds_alternative<Violation>(read)) break;
    const auto& frame = std::get<Frame>(read);
    if (frame.total_bytes > bytes.size() - used || frame.payload.size() > frame.total_bytes - 6)
      std::abort();
    if (frame.opcode == Opcode::close) {
      if (const auto code = read_close(frame.payload)) close_payload(*code, "again");
    }
    used += frame.total_bytes;
  }
  return 0;
}
