// A script that writes anything, peers that do anything, a panel played with at random: no crash,
// every command answered, no reply torn, bounded memory, nothing left over.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include "modem/limits.h"
#include "modem/modem.h"

namespace {

using namespace moonwire::modem;

void require(bool holds) {
  if (!holds) std::abort();
}

class World final : public Board, public Carrier {
 public:
  Micros now() const override { return moment; }
  std::int64_t unix_seconds() const override { return clock; }
  void set_unix_seconds(std::int64_t seconds) override { clock = seconds; }
  void on_at_readable() override { ++notifications; }
  void on_bearer_lost() override {}
  void on_sim_inserted(bool) override {}
  void on_changed() override {}

  void open(SocketId id, Protocol, std::string_view host, std::uint16_t port, bool) override {
    require(!open_[id] && !host.empty() && host.size() <= host_name_bytes && port != 0);
    open_[id] = true;
    takes[id] = gives[id] = 0;
  }
  std::size_t send(SocketId id, std::span<const std::byte> bytes) override {
    require(open_[id] && !bytes.empty());
    const std::size_t count = std::min(bytes.size(), takes[id]);
    takes[id] -= count;
    return count;
  }
  std::size_t receive(SocketId id, std::span<std::byte> room) override {
    require(open_[id] && !room.empty());
    const std::size_t count = std::min(room.size(), gives[id]);
    std::fill_n(room.begin(), count, std::byte{'O'});
    gives[id] -= count;
    return count;
  }
  std::size_t unread(SocketId id) const override {
    require(open_[id]);
    return gives[id];
  }
  void close(SocketId id) override {
    require(open_[id]);
    open_[id] = false;
  }
  bool is_open(SocketId id) const { return open_[id]; }

  Micros moment = 0;
  std::int64_t clock = 0;
  int notifications = 0;
  std::size_t takes[16] = {};
  std::size_t gives[16] = {};

 private:
  bool open_[16] = {};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t at = 0;
  const auto next = [&]() -> unsigned { return at < size ? data[at++] : 0u; };
  World world;
  Modem modem(Settings::of(next() % 2 == 0 ? Profile::air202 : Profile::air724u), world, world);
  modem.power_on();
  while (at < size) {
    const unsigned what = next();
    const auto id = static_cast<SocketId>(what / 16 % 16);
    switch (what % 16) {
      case 0:
      case 1:
      case 2: {  // the script writes: a line of the input, or some bytes of it
        const char* from = reinterpret_cast<const char*>(data + at);
        const std::size_t left = size - at;
        const std::size_t line =
            static_cast<std::size_t>(std::find(from, from + left, '\n') - from);
        const std::size_t count = what % 16 == 0 ? line : std::min<std::size_t>(left, what);
        require(modem.write({from, count}) <= count);
        at = std::min(size, at + count + (what % 16 == 0 ? 1 : 0));
        break;
      }
      case 3: world.moment += 1'000 * (1 + next()); break;
      case 4: world.moment += 100'000 * (1 + next()); break;
      case 5:
        while (!modem.read_line().empty()) {
        }
        break;
      case 6: modem.read(next()); break;
      case 7: modem.set_sim(static_cast<Sim>(next() % 5)); break;
      case 8: modem.enter_pin(next() % 2 == 0 ? "1234" : "0000"); break;
      case 9: modem.set_network(next() % 2 == 0); break;
      case 10: modem.drop_bearer(); break;
      case 11:
        modem.power_off();
        modem.power_on();
        break;
      case 12:
        if (world.is_open(id)) modem.on_opened(id);
        break;
      case 13:
        if (world.is_open(id)) modem.on_open_failed(id, OpenFailure::refused);
        break;
      case 14:
        world.takes[id] += next() * 16;
        world.gives[id] += next() * 16;
        if (world.is_open(id)) modem.on_readable(id);
        if (world.is_open(id)) modem.on_writable(id);
        break;
      case 15:
        if (world.is_open(id)) modem.on_closed(id);
        break;
    }
    // The host keeps its promise: it wakes the modem, and that settles.
    for (int wakes = 0; modem.next_deadline() <= world.moment; ++wakes) {
      require(wakes < 10'000);
      modem.advance();
    }
    require(modem.readable() <= at_receive_bytes);
    require(modem.state().sockets.size() <= 2 * at_sockets);
    require(modem.take_trace().records.size() <= trace_records);
  }
  // Left alone for long, with a script that reads, it finishes whatever command it was at.
  for (int i = 0; i < 150; ++i) {
    while (!modem.read_line().empty()) {
    }
    world.moment += 1'000'000;
    for (int wakes = 0; modem.next_deadline() <= world.moment && wakes < 10'000; ++wakes) {
      modem.advance();
    }
  }
  const int before = world.notifications;
  modem.write("\rAT\r");
  for (int i = 0; i < 150; ++i) {
    world.moment += 1'000'000;
    modem.advance();
    while (!modem.read_line().empty()) {
    }
  }
  require(world.notifications > before);
  modem.power_off();
  for (SocketId id = 0; id < 16; ++id) require(!world.is_open(id));
  require(modem.next_deadline() == INT64_MAX && modem.readable() == 0);
  return 0;
}
