// Random socket calls from a few sockets: whatever the order, nothing crashes, nothing moves that
// was not sent, and nothing is left over.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "net/network.h"
#include "support/manual_deadlines.h"

namespace {

using namespace moonwire::net;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Takes the fuzzer's bytes one by one; 0 when they have run out.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool is_empty() const { return at_ >= size_; }
  unsigned next() { return at_ < size_ ? data_[at_++] : 0u; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

Address address_from(Choices& choices, Family family) {
  const unsigned choice = choices.next();
  if (family == Family::path) return Address::unix_path(std::string(choice % 3, 'p'));
  const std::uint16_t port = std::uint16_t(1000 + choice % 4);
  if (family == Family::inet6) {
    if (choice % 5 == 0) return Address::any(Family::inet6, port);
    if (choice % 5 == 1) return mapped(Address::v4(127, 0, 0, 1, port));
    return Address::loopback(Family::inet6, port);
  }
  if (choice % 7 == 0) return Address::any(Family::inet, port);
  if (choice % 7 == 1) return Address::v4(255, 255, 255, 255, port);
  if (choice % 7 == 2) return Address::v4(225, 0, 0, 1, port);
  return Address::v4(127, 0, 0, 1, choice % 11 == 0 ? std::uint16_t{0} : port);
}

Fault fault_from(Choices& choices) {
  Fault fault;
  const unsigned choice = choices.next();
  if (choice & 1) fault.delay = 1 + choices.next();
  if (choice & 2) fault.largest_read = 1 + choices.next() % 8;
  if (choice & 4) fault.reset_after = choices.next();
  if (choice & 8) fault.datagram_loss = 0.5;
  if (choice & 16) fault.no_route = true;
  if (choice & 32) fault.black_hole = true;
  return fault;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Limits limits;
  constexpr std::size_t capacities[] = {1, 2, 7, 4096, 65536};
  limits.pipe_bytes = capacities[choices.next() % 5];
  limits.sockets = 12;
  limits.datagram_queue_bytes = 500;
  moonwire::tests::ManualDeadlines deadlines;
  std::uint64_t drawn = 0;
  {
    Network network({.deadlines = deadlines,
                     .uplink = nullptr,
                     .entropy = [&] { return drawn += 0x9e3779b97f4a7c15; },
                     .call_site = [] { return CallSite{}; },
                     .on_doors_changed = nullptr,
                     .on_tunnel_changed = nullptr},
                    limits);
    network.wire().set_recording((choices.next() & 1) != 0);
    std::vector<std::shared_ptr<Socket>> sockets;
    std::vector<std::byte> buffer(300);
    std::size_t sent = 0;
    std::size_t received = 0;
    while (!choices.is_empty()) {
      const unsigned call = choices.next() % 20;
      if (call == 0 || sockets.empty()) {
        constexpr Family families[] = {Family::inet, Family::inet6, Family::path};
        NetError error{};
        const unsigned choice = choices.next();
        auto socket = network.make_socket(
            families[choice % 3], choice & 64 ? SocketType::datagram : SocketType::stream, error);
        require((socket == nullptr) == (error != NetError::none));
        if (socket) sockets.push_back(std::move(socket));
        if (sockets.empty()) break;
        continue;
      }
      const std::shared_ptr<Socket> chosen = sockets[choices.next() % sockets.size()];
      Socket& socket = *chosen;
      const Family family = socket.family();
      Address address;
      switch (call) {
        case 1: socket.bind(address_from(choices, family)); break;
        case 2: socket.listen(int(choices.next() % 4) - 1); break;
        case 3: {
          NetError error{};
          auto accepted = socket.accept(error);
          require((accepted == nullptr) == (error != NetError::none));
          if (accepted) sockets.push_back(std::move(accepted));
          break;
        }
        case 4:
        case 5: socket.connect(address_from(choices, family)); break;
        case 6:
        case 7:
        case 8: {
          const std::size_t wanted = choices.next();
          const Transfer moved = socket.send(std::span(buffer).first(wanted));
          require(moved.count <= wanted && (moved.count == 0 || moved.error == NetError::none));
          if (socket.type() == SocketType::stream) sent += moved.count;
          break;
        }
        case 9:
        case 10:
        case 11: {
          const std::size_t wanted = 1 + choices.next();
          const bool was_ready = any(socket.ready() & Ready::readable);
          const Transfer moved = socket.receive(std::span(buffer).first(wanted));
          require(moved.count <= wanted);
          if (was_ready) require(moved.error != NetError::would_block);
          if (socket.type() == SocketType::stream) received += moved.count;
          break;
        }
        case 12:
          socket.send_to(std::span(buffer).first(choices.next()), address_from(choices, family));
          break;
        case 13: socket.receive_from(std::span(buffer).first(choices.next()), address); break;
        case 14: socket.shutdown(Direction(choices.next() % 3)); break;
        case 15: {
          const std::size_t index = choices.next() % sockets.size();
          sockets[index]->close();
          sockets.erase(sockets.begin() + std::ptrdiff_t(index));
          break;
        }
        case 16: socket.set_option(Option(choices.next() % 18), int(choices.next()) - 2); break;
        case 17: {
          const bool on = (choices.next() & 1) != 0;
          socket.set_linger({on, 0});
          socket.set_membership(Address::v4(225, 0, 0, 1), {}, on);
          break;
        }
        case 18:
          network.faults().set(address_from(choices, Family::inet), fault_from(choices));
          break;
        case 19: deadlines.advance(Micros(choices.next()) * 1'000'000); break;
        default: break;
      }
      socket.local_address(address);
      socket.peer_address(address);
      socket.ready();
      network.doors();
      require(network.census().sockets <= 2 * limits.sockets + sockets.size());
    }
    require(received <= sent);
    sockets.clear();
    const NetworkCensus census = network.census();
    require(census.sockets == 0 && census.buffered_bytes == 0 && census.lookups == 0);
    // Only datagrams delayed by a fault may still be on their way.
    deadlines.advance(1'000'000);
  }
  require(deadlines.waiting() == 0);
  return 0;
}
