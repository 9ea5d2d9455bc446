// A tunnel whose server says anything at all, while scripts use it: no crash, bounded memory,
// nothing left over.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "net/network.h"
#include "support/manual_deadlines.h"
#include "wisp/packet.h"

namespace {

using namespace moonwire::net;
namespace wisp = moonwire::wisp;

void require(bool holds) {
  if (!holds) std::abort();
}

class BlindUplink final : public Uplink {
 public:
  void open(PipeId pipe, std::string_view, std::string_view) override { last = pipe; }
  void send(PipeId, std::span<const std::byte> message) override {
    require(std::holds_alternative<wisp::Packet>(wisp::decode(message)));
  }
  bool has_room(PipeId, std::size_t limit) override { return backed_up < limit; }
  void close(PipeId) override {}
  PipeId last = 0;
  std::size_t backed_up = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t at = 0;
  const auto next = [&]() -> unsigned { return at < size ? data[at++] : 0u; };
  const auto rest = [&](std::size_t most) {
    const std::size_t count = std::min(most, size - std::min(at, size));
    const auto bytes = std::as_bytes(std::span(data + std::min(at, size), count));
    at += count;
    return bytes;
  };
  Limits limits;
  limits.tunnel_stream_bytes = 100;
  limits.tunnel_stream_hard_bytes = 200;
  limits.sockets = 20;
  moonwire::tests::ManualDeadlines deadlines;
  BlindUplink uplink;
  std::uint64_t drawn = 0;
  {
    Network network({.deadlines = deadlines,
                     .uplink = &uplink,
                     .entropy = [&] { return drawn += 0x9e3779b97f4a7c15; },
                     .call_site = [] { return CallSite{}; },
                     .on_doors_changed = nullptr,
                     .on_tunnel_changed = nullptr},
                    limits);
    UplinkEvents& events = network.uplink_events();
    network.wire().set_recording(true);
    network.set_tunnel("ws://p/");
    const unsigned way = next();
    if (way & 1) {  // most of what is interesting comes after a handshake
      events.on_pipe_open(uplink.last, "wisp-v2");
      wisp::SocketsOffer offer;
      offer.flags = 7;
      const auto metadata = wisp::encode(offer);
      wisp::Info info{2, 0, {{std::uint8_t(wisp::ExtensionId::udp), {}}}};
      if (way & 2) info.extensions.push_back({std::uint8_t(wisp::ExtensionId::sockets), metadata});
      events.on_pipe_message(uplink.last, wisp::encode(0, info));
      events.on_pipe_message(uplink.last, wisp::encode(0, wisp::Continue{8}));
    }
    std::vector<std::shared_ptr<Socket>> sockets;
    std::vector<std::shared_ptr<Lookup>> lookups;
    std::vector<std::byte> buffer(256);
    while (at < size) {
      switch (next() % 14) {
        case 0:
        case 1:
        case 2:
        case 3: {
          // A packet for one of the first ids, its body straight from the input.
          std::vector<std::byte> frame(5);
          frame[0] = std::byte(next());
          frame[1] = std::byte(next() % 8);
          if (next() % 4 == 0) frame[4] = std::byte{0x80};
          const auto body = rest(next() % 64);
          frame.insert(frame.end(), body.begin(), body.end());
          events.on_pipe_message(uplink.last, frame);
          break;
        }
        case 4: events.on_pipe_message(uplink.last, rest(next())); break;
        case 5: events.on_pipe_open(uplink.last, ""); break;
        case 6: events.on_pipe_closed(uplink.last, std::uint16_t(4400 + next() % 4), "why"); break;
        case 7:
          uplink.backed_up = next() % 2 * limits.uplink_backlog_bytes;
          events.on_pipe_drained(uplink.last);
          break;
        case 8: {
          NetError error{};
          const unsigned choice = next();
          auto socket = network.make_socket(
              Family::inet, choice & 1 ? SocketType::datagram : SocketType::stream, error);
          if (!socket) break;
          if (choice & 2) {
            socket->bind(Address::any(Family::inet, std::uint16_t(choice)));
            socket->listen(int(choice % 5));
          } else {
            socket->connect(Address::v4(9, 9, 9, std::uint8_t(choice), 80));
          }
          sockets.push_back(std::move(socket));
          break;
        }
        case 9:
          if (!sockets.empty()) sockets[next() % sockets.size()]->send(rest(next() % 32));
          break;
        case 10:
          if (!sockets.empty()) {
            Socket& socket = *sockets[next() % sockets.size()];
            const bool was_ready = any(socket.ready() & Ready::readable);
            const Transfer moved = socket.receive(buffer);
            if (was_ready && moved.error == NetError::would_block) std::abort();
            NetError error{};
            if (auto accepted = socket.accept(error)) sockets.push_back(std::move(accepted));
          }
          break;
        case 11:
          if (!sockets.empty()) {
            const std::size_t index = next() % sockets.size();
            if (next() & 1)
              sockets[index]->shutdown(Direction::send);
            else
              sockets.erase(sockets.begin() + std::ptrdiff_t(index));
          }
          break;
        case 12: {
          constexpr std::string_view names[] = {"a.test", "proxy.internal", "localhost", ""};
          lookups.push_back(network.resolver().forward(names[next() % 4], Family::unspecified));
          if (lookups.size() > 40) lookups.clear();
          break;
        }
        case 13: deadlines.advance(Micros(next()) * 100'000); break;
        default: break;
      }
      require(network.census().buffered_bytes <= 40 * (limits.datagram_queue_bytes + 65'536));
    }
    lookups.clear();
    sockets.clear();
    const NetworkCensus census = network.census();
    require(census.sockets == 0 && census.buffered_bytes == 0 && census.lookups == 0 &&
            census.tunnel_streams == 0);
  }
  require(deadlines.waiting() == 0);
  return 0;
}
