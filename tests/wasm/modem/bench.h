// A modem on a bench: a clock turned by hand, a script that is the test, and peers that do what the
// test says.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "modem/modem.h"

namespace moonwire::tests {

using modem::Micros;
using modem::Modem;
using modem::SocketId;

inline constexpr Micros milliseconds = 1000;
inline constexpr Micros seconds = 1'000'000;

class Bench final : public modem::Board, public modem::Carrier {
 public:
  explicit Bench(modem::Profile profile) : Bench(modem::Settings::of(profile)) {}
  explicit Bench(modem::Settings settings) : modem_(std::move(settings), *this, *this) {}
  // A test ends by asking what is left.
  ~Bench() {
    modem_.power_off();
    EXPECT_TRUE(peers.empty()) << "sockets left open at the carrier";
    EXPECT_EQ(modem_.next_deadline(), INT64_MAX) << "a modem without power waits for something";
    EXPECT_EQ(modem_.readable(), 0u);
  }

  Modem& modem() { return modem_; }

  /// Lets time pass, waking the modem at each of its deadlines.
  void wait(Micros span) {
    const Micros end = now_ + span;
    for (int wakes = 0; modem_.next_deadline() <= end; ++wakes) {
      ASSERT_LT(wakes, 10'000) << "the modem asks to be woken without end";
      now_ = std::max(now_, modem_.next_deadline());
      modem_.advance();
    }
    now_ = end;
  }

  /// Writes a command and lets its time pass; what came back by then, a line each.
  std::vector<std::string> say(std::string_view command) {
    EXPECT_EQ(modem_.write(std::string(command) + '\r'), command.size() + 1);
    wait(modem_.timings().answer);
    return lines();
  }
  /// The last line of the answer alone.
  std::string ask(std::string_view command) {
    const std::vector<std::string> all = say(command);
    return all.empty() ? "" : all.back();
  }

  /// All that the script can read now. A last line without its end comes as it is.
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    while (modem_.readable() > 0) {
      std::string line = modem_.read_line();
      if (line.ends_with("\r\n")) line.resize(line.size() - 2);
      all.push_back(line);
    }
    return all;
  }

  /// To the moment where a library would say IP_READY_IND.
  void bring_up() {
    modem_.power_on();
    wait(1 * seconds);
    for (const char* command : {"AT+CREG=2", "AT+CGREG=2"}) say(command);
    if (modem_.profile() == modem::Profile::air724u) say("AT+CEREG=2");
    wait(3 * seconds);
    if (modem_.profile() == modem::Profile::air202) {
      for (const char* command : {"AT+CIICRMODE=2", "AT+CIPMUX=1", "AT+CIPHEAD=1", "AT+CIPQSEND=0",
                                  "AT+CSTT=\"CMIOT\",\"\",\"\"", "AT+CIICR"}) {
        ASSERT_EQ(ask(command), "OK") << command;
      }
      wait(2 * seconds);
      ASSERT_EQ(ask("AT+CIFSR"), "10.12.34.56");
    }
    wait(2 * seconds);
    lines();
    ASSERT_TRUE(modem_.has_address());
    notifications = bearers_lost = 0;
  }

  /// AT+CIPSTART on `id`, up to CONNECT OK.
  void connect(SocketId id, std::string_view protocol = "TCP") {
    const std::string number = std::to_string(id);
    ASSERT_EQ(ask("AT+CIPSTART=" + number + ",\"" + std::string(protocol) + "\",\"peer\",80"),
              "OK");
    modem_.on_opened(id);
    wait(modem_.timings().network);
    ASSERT_EQ(lines(), std::vector<std::string>{number + ", CONNECT OK"});
  }

  /// The peer's bytes arrive.
  void arrive(SocketId id, std::string_view bytes) {
    peers.at(id).inbox.emplace_back(bytes);
    modem_.on_readable(id);
  }

  struct Peer {
    modem::Protocol protocol{};
    std::string host;
    std::uint16_t port = 0;
    bool verify = false;
    std::string got;                        // what the modem sent
    std::size_t takes = std::string::npos;  // how many bytes it still takes
    std::deque<std::string> inbox;          // what the modem may fetch, a datagram each for UDP
  };
  std::map<SocketId, Peer> peers;
  int notifications = 0;
  int bearers_lost = 0;
  std::vector<bool> sim_changes;
  std::int64_t clock = 1'621'854'609;  // 2021-05-24 11:10:09 UTC

  Micros now() const override { return now_; }
  std::int64_t unix_seconds() const override { return clock; }
  void set_unix_seconds(std::int64_t moment) override { clock = moment; }
  void on_at_readable() override { ++notifications; }
  void on_bearer_lost() override { ++bearers_lost; }
  void on_sim_inserted(bool inserted) override { sim_changes.push_back(inserted); }
  void on_changed() override {}

  void open(SocketId id, modem::Protocol protocol, std::string_view host, std::uint16_t port,
            bool verify) override {
    EXPECT_FALSE(peers.contains(id)) << "socket " << int{id} << " opened twice";
    peers[id] = {protocol, std::string(host), port, verify, {}, std::string::npos, {}};
  }
  std::size_t send(SocketId id, std::span<const std::byte> bytes) override {
    Peer& peer = peers.at(id);
    const std::size_t count = std::min(bytes.size(), peer.takes);
    if (peer.takes != std::string::npos) peer.takes -= count;
    peer.got.append(reinterpret_cast<const char*>(bytes.data()), count);
    return count;
  }
  std::size_t receive(SocketId id, std::span<std::byte> room) override {
    Peer& peer = peers.at(id);
    if (peer.inbox.empty()) return 0;
    std::string& first = peer.inbox.front();
    const std::size_t count = std::min(room.size(), first.size());
    std::copy_n(std::as_bytes(std::span(first)).begin(), count, room.begin());
    if (peer.protocol == modem::Protocol::udp) {
      peer.inbox.pop_front();
    } else {
      first.erase(0, count);
      if (first.empty()) peer.inbox.pop_front();
    }
    return count;
  }
  std::size_t unread(SocketId id) const override {
    std::size_t bytes = 0;
    for (const std::string& block : peers.at(id).inbox) bytes += block.size();
    return bytes;
  }
  void close(SocketId id) override {
    EXPECT_EQ(peers.erase(id), 1u) << "socket " << int{id} << " closed without being open";
  }

 private:
  Micros now_ = 0;
  Modem modem_;
};

using Lines = std::vector<std::string>;

}  // namespace moonwire::tests
