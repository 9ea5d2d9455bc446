// Slow readers, held rates, stopping: what one stream or session does never stalls another, and
// what waits is bounded.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "proxy/session.h"
#include "support/running_proxy.h"
#include "wisp/limits.h"

namespace moonwire::proxy::test {
namespace {

using wisp::Close;
using wisp::Connect;
using wisp::Credit;
using wisp::Failure;
using wisp::FailureReport;
using wisp::Opened;
using wisp::StreamKind;
using namespace std::chrono_literals;

constexpr std::uint32_t wide = 1024 * 1024;

Connect to(std::uint16_t port) {
  return {StreamKind::tcp, port, "127.0.0.1"};
}

RawSocket open(WispClient& client, std::uint32_t id, RawListener& listener) {
  client.send(id, to(listener.port()));
  RawSocket peer = listener.accept();
  client.expect<Opened>(id);
  return peer;
}

std::size_t blocks_of(RunningProxy& proxy) {
  return proxy.ask([](Server& server) { return server.borrowed_blocks(); });
}

// A tab that does not read while a download runs: what waits for it stays within the outbox, and
// when it reads again, all of it comes. With an outbox smaller than a block, too, where every write
// leaves it full.
TEST(SlowReader, OfADownloadFindsItWholeAndTheProxySmall) {
  for (const std::size_t outbox : {std::size_t{16} * 1024, Limits{}.outbox_bytes}) {
    Options options = test_options();
    options.limits.outbox_bytes = outbox;
    RunningProxy proxy{options};
    RawListener listener;
    WispClient client = proxy.v1();
    client.send(1, to(listener.port()));
    RawSocket peer = listener.accept();
    constexpr std::size_t size = 24 * 1024 * 1024;  // more than all buffers of the kernel
    std::thread sender{[&] { peer.send(std::string(size, 'd')); }};
    std::size_t most = 0;
    for (const auto until = Clock::now() + 200ms; Clock::now() < until;)
      most = std::max(most, blocks_of(proxy));
    EXPECT_LE(most, outbox / block_bytes + 2) << "blocks that wait for a tab that does not read";
    EXPECT_EQ(client.read(1, size).size(), size);
    sender.join();
  }
}

// A target that does not read: the session is held at its bound, other sessions are not.
TEST(SlowReader, OfAnUploadHoldsItsOwnSessionOnly) {
  Options options = test_options();
  options.limits.upload_bytes = 256 * 1024;
  options.limits.closing_time = 50ms;
  RunningProxy proxy{options};
  RawListener listener;
  WispClient client = proxy.v2(wide);
  std::vector<RawSocket> deaf;
  for (std::uint32_t id = 1; id <= 8; ++id) deaf.push_back(open(client, id, listener));
  const std::string packet(64 * 1024, 'u');
  std::thread sender{[&] {  // 16 MiB, of which most find no room
    for (std::uint32_t id = 1; id <= 8; ++id) {
      for (std::uint32_t i = 0; i < wisp::stream_buffer_packets; ++i) client.send_data(id, packet);
    }
  }};
  RawListener other_listener;
  WispClient other = proxy.v2(wide);
  RawSocket lively = open(other, 1, other_listener);
  for (int i = 0; i < 200; ++i) {
    other.send_data(1, "ping");
    EXPECT_EQ(lively.read(4), "ping");
    lively.send("pong");
    EXPECT_EQ(other.read(1, 4), "pong");
  }
  proxy.stop();
  sender.join();
}

// An interactive stream beside a download on the same tunnel: its bytes do not queue behind the
// download's, so it is read on even while the download has more than enough.
TEST(Fairness, AnInteractiveStreamKeepsItsTurnsBesideADownload) {
  Options options = test_options();
  options.limits.closing_time = 50ms;
  RunningProxy proxy{options};
  RawListener listener;
  WispClient client = proxy.v1();
  client.send(1, to(listener.port()));
  RawSocket bulk = listener.accept();
  client.send(2, to(listener.port()));
  RawSocket lively = listener.accept();
  std::atomic<bool> is_over = false;
  std::thread sender{[&] {
    const std::string block(256 * 1024, 'b');
    while (!is_over) bulk.send(block);
  }};
  std::thread echo{[&] {
    for (std::string got = lively.read(1); !got.empty(); got = lively.read(1)) lively.send(got);
  }};
  std::size_t most_between = 0;
  for (int i = 0; i < 100; ++i) {
    client.send_data(2, "x");
    std::size_t between = 0;
    for (bool is_back = false; !is_back;) {
      const Received received = client.receive();
      ASSERT_FALSE(received.close_code);
      auto decoded = wisp::decode(received.bytes);
      const auto* packet = std::get_if<wisp::Packet>(&decoded);
      ASSERT_NE(packet, nullptr);
      is_back = packet->stream == 2;
      between += received.bytes.size();
    }
    most_between = std::max(most_between, between);
  }
  // What was on its way in the kernel when the byte was sent, and little more.
  EXPECT_LT(most_between, 16u * 1024 * 1024);
  is_over = true;
  proxy.stop();
  sender.join();
  lively.finish_sending();
  echo.join();
}

// Rates.

TEST(Rates, HoldASessionsBytesInBothDirections) {
  Options options = test_options();
  options.limits.bytes_per_second = 1024 * 1024;
  RunningProxy proxy{options};
  RawListener listener;
  WispClient client = proxy.v2(wide);
  RawSocket peer = open(client, 1, listener);
  constexpr std::size_t size =
      768 * 1024;  // a quarter of a second is saved up, the rest takes half
  const auto began = Clock::now();
  std::thread sender{[&] { peer.send(std::string(size, 'd')); }};
  EXPECT_EQ(client.read(1, size).size(), size);
  EXPECT_GE(Clock::now() - began, 400ms);
  sender.join();
  const auto half = Clock::now();
  for (std::size_t sent = 0; sent < size; sent += 32 * 1024)
    client.send_data(1, std::string(32 * 1024, 'u'));
  EXPECT_EQ(peer.read(size).size(), size);
  EXPECT_GE(Clock::now() - half, 400ms);
  EXPECT_GT(proxy.ask([](Server& server) { return server.counters().sessions_held; }), 0u);
}

TEST(Rates, OfAnAddressAreSharedByItsSessions) {
  Options options = test_options();
  options.limits.bytes_per_second_per_address = 1024 * 1024;
  RunningProxy proxy{options};
  RawListener listener;
  WispClient first = proxy.v2(wide);
  WispClient second = proxy.v2(wide);
  RawSocket one = open(first, 1, listener);
  RawSocket two = open(second, 1, listener);
  constexpr std::size_t size = 384 * 1024;
  const auto began = Clock::now();
  one.send(std::string(size, 'd'));
  two.send(std::string(size, 'd'));
  EXPECT_EQ(first.read(1, size).size(), size);
  EXPECT_EQ(second.read(1, size).size(), size);
  EXPECT_GE(Clock::now() - began, 400ms);
}

TEST(Rates, DatagramsOverTheRateAreDroppedAndCounted) {
  Options options = test_options();
  options.limits.datagrams_per_second = 40;  // ten are saved up
  RunningProxy proxy{options};
  WispClient client = proxy.v2(wide);
  const int target = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(target, reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(target, reinterpret_cast<sockaddr*>(&address), &size);
  client.send(1, Connect{StreamKind::udp, ntohs(address.sin_port), "127.0.0.1"});
  client.expect<Opened>(1);
  for (int i = 0; i < 100; ++i) client.send_data(1, "x");
  client.send(2, to(closed_port()));  // answered after all of them
  client.expect<FailureReport>(2);
  const auto counters = proxy.ask([](Server& server) { return server.counters(); });
  EXPECT_GE(counters.datagrams_limited, 80u);
  EXPECT_EQ(counters.datagrams_up + counters.datagrams_limited, 100u);
  EXPECT_EQ(counters.datagrams_dropped, counters.datagrams_limited);
  ::close(target);
}

TEST(Rates, HoldARelayToo) {
  Options options = test_options();
  options.limits.bytes_per_second = 1024 * 1024;
  RawListener listener;
  options.websockify["box"] = {"127.0.0.1", listener.port(), Trust::configured};
  RunningProxy proxy{options};
  WispClient client{{.port = proxy.port(), .path = "/websockify/?token=box"}};
  RawSocket peer = listener.accept();
  constexpr std::size_t size = 768 * 1024;
  const auto began = Clock::now();
  std::thread sender{[&] { peer.send(std::string(size, 'd')); }};
  for (std::size_t got = 0; got < size;) {
    const Received received = client.receive();
    ASSERT_FALSE(received.close_code);
    got += received.bytes.size();
  }
  EXPECT_GE(Clock::now() - began, 400ms);
  sender.join();
}

// Stopping.

TEST(Stopping, LetsOpenStreamsFinishAndTakesNoNewOnes) {
  RunningProxy proxy;
  RawListener listener;
  WispClient busy = proxy.v2(wide);
  RawSocket peer = open(busy, 1, listener);
  WispClient idle = proxy.v2(wide);
  std::thread stopping{[&] { proxy.stop(Server::Haste::finish); }};
  EXPECT_EQ(idle.receive().close_code, 1001u) << "nothing to wait for";
  busy.send(2, to(listener.port()));
  EXPECT_EQ(busy.receive().as<FailureReport>(2).failure, Failure::stopping);
  busy.expect<Close>(2);
  peer.send("the last words");
  EXPECT_EQ(busy.read(1, 14), "the last words");
  peer.close();
  busy.expect<wisp::Finish>(1);
  busy.send(1, wisp::Finish{});
  busy.expect<Close>(1);
  EXPECT_EQ(busy.receive().close_code, 1001u);
  stopping.join();
}

TEST(Stopping, CutsWhatIsStillOpenAtTheDeadline) {
  Options options = test_options();
  options.limits.stop_time = 50ms;
  options.limits.closing_time = 50ms;
  RunningProxy proxy{options};
  RawListener listener;
  WispClient client = proxy.v2(wide);
  RawSocket peer = open(client, 1, listener);
  const auto began = Clock::now();
  proxy.stop(Server::Haste::finish);  // the client does not even read
  EXPECT_GE(Clock::now() - began, 50ms);
  EXPECT_LT(Clock::now() - began, 3s);
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST(Stopping, WaitsForWhatClosedStreamsStillHaveToSay) {
  Options options = test_options();
  options.limits.closing_time = 50ms;
  RunningProxy proxy{options};
  RawListener listener;
  WispClient client = proxy.v2(wide);
  RawSocket peer = open(client, 1, listener);
  constexpr std::size_t size = 32 * 64 * 1024;
  for (std::size_t sent = 0; sent < size; sent += 64 * 1024)
    client.send_data(1, std::string(64 * 1024, 'u'));
  client.send(1, Close{wisp::CloseReason::voluntary});
  client.send(2, to(closed_port()));
  while (!client.receive().bytes.empty()) {
    if (proxy.ask([](Server& server) { return server.counters().streams_failed; }) == 1) break;
  }
  std::string got;
  std::thread reader{[&] { got = peer.read_to_end(); }};
  proxy.stop(Server::Haste::finish);
  reader.join();
  EXPECT_EQ(got.size(), size);
}

// Targets.

TEST(Target, ThatVanishesIsToldAndLeavesNothing) {
  RunningProxy proxy;
  WispClient client = proxy.v2(wide);
  for (std::uint32_t id = 1; id <= 50; ++id) {
    RawListener listener;
    RawSocket peer = open(client, id, listener);
    client.send_data(id, "half a quest");
    peer.reset();
    const Received report = client.receive();
    EXPECT_EQ(report.as<FailureReport>(id).failure, Failure::reset);
    client.expect<Close>(id);
  }
  client.close();
  EXPECT_TRUE(proxy.is_empty_at_last());
}

}  // namespace
}  // namespace moonwire::proxy::test
