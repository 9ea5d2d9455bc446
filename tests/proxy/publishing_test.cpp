// Doors and datagrams: what a tab binds is real on the proxy's machine, as far as the rules and the
// client's credit go.
#include "proxy/publishing.h"

#include <gtest/gtest.h>

#include <array>

#include "support/running_proxy.h"
#include "wisp/limits.h"

namespace moonwire::proxy::test {
namespace {

using wisp::Accepted;
using wisp::Bind;
using wisp::Bound;
using wisp::Close;
using wisp::Credit;
using wisp::Datagram;
using wisp::Failure;
using wisp::FailureReport;
using wisp::StreamKind;

constexpr std::uint32_t wide = 1024 * 1024;

wisp::Address any4(std::uint16_t port) {
  return {wisp::Family::ipv4, port, {}};
}
wisp::Address loopback4(std::uint16_t port) {
  return {wisp::Family::ipv4, port, {127, 0, 0, 1}};
}

class PublishingTest : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_TRUE(proxy_.is_empty_at_last()) << "something was left over"; }

  /// The port of an open door.
  static std::uint16_t bind(WispClient& client, std::uint32_t id, const Bind& wanted) {
    client.send(id, wanted);
    const Received received = client.receive();
    return received.as<Bound>(id).local.port;
  }
  static Failure refusal(WispClient& client, std::uint32_t id, const Bind& wanted) {
    client.send(id, wanted);
    const Received report = client.receive();
    const Failure failure = report.as<FailureReport>(id).failure;
    EXPECT_EQ(client.receive().as<Close>(id).reason, wisp::close_reason_for(failure));
    return failure;
  }
  static Accepted accept(WispClient& client, std::uint32_t id) {
    const Received received = client.receive();
    return received.as<Accepted>(id);
  }

  RunningProxy proxy_;
};

TEST_F(PublishingTest, AnyPortIsGivenAndToldWithItsAddress) {
  WispClient client = proxy_.v2(wide);
  client.send(1, Bind{.kind = StreamKind::tcp, .backlog = 5, .address = any4(0)});
  const Received received = client.receive();
  const auto bound = received.as<Bound>(1);
  EXPECT_GE(bound.local.port, 1024);
  ASSERT_EQ(bound.published.size(), 1u);
  EXPECT_EQ(bound.published[0], loopback4(bound.local.port));
}

TEST_F(PublishingTest, AConnectionBecomesAStreamWithBothAddresses) {
  WispClient client = proxy_.v2(wide);
  const std::uint16_t port =
      bind(client, 1, {.kind = StreamKind::tcp, .backlog = 5, .address = any4(0)});
  RawSocket visitor = RawSocket::connect(port);
  const Accepted accepted = accept(client, 1);
  EXPECT_EQ(accepted.stream, wisp::first_server_stream);
  EXPECT_EQ(accepted.local, loopback4(port));
  EXPECT_EQ(accepted.peer, loopback4(visitor.local_port()));
  visitor.send("question");
  EXPECT_EQ(client.read(accepted.stream, 8), "question");
  client.send_data(accepted.stream, "answer");
  client.send(accepted.stream, wisp::Finish{});
  EXPECT_EQ(visitor.read_to_end(), "answer");
  visitor.close();
  client.expect<wisp::Finish>(accepted.stream);
  client.expect<Close>(accepted.stream);
}

TEST_F(PublishingTest, TheBacklogBoundsWhatIsTakenAndCreditTakesMore) {
  WispClient client = proxy_.v2(wide);
  const std::uint16_t port =
      bind(client, 1, {.kind = StreamKind::tcp, .backlog = 2, .address = any4(0)});
  std::vector<RawSocket> visitors;
  for (int i = 0; i < 3; ++i) visitors.push_back(RawSocket::connect(port));
  const Accepted first = accept(client, 1);
  accept(client, 1);
  visitors[0].send("x");  // what comes next is this, not a third ACCEPTED
  EXPECT_EQ(client.read(first.stream, 1), "x");
  client.send(1, Credit{1});
  EXPECT_EQ(accept(client, 1).peer.port, visitors[2].local_port());
}

TEST_F(PublishingTest, ClosingTheDoorLeavesThoseWhoCameIn) {
  WispClient client = proxy_.v2(wide);
  const std::uint16_t port =
      bind(client, 1, {.kind = StreamKind::tcp, .backlog = 5, .address = any4(0)});
  RawSocket visitor = RawSocket::connect(port);
  const Accepted accepted = accept(client, 1);
  client.send(1, Close{wisp::CloseReason::voluntary});
  visitor.send("still");
  EXPECT_EQ(client.read(accepted.stream, 5), "still");
  EXPECT_EQ(bind(client, 2,
                 {.kind = StreamKind::tcp,
                  .flags = Bind::reuse_address,
                  .backlog = 5,
                  .address = any4(port)}),
            port)
      << "the port is free again";
}

TEST_F(PublishingTest, ATakenPortIsToldOrReplaced) {
  RawListener other;
  WispClient client = proxy_.v2(wide);
  EXPECT_EQ(
      refusal(client, 1, {.kind = StreamKind::tcp, .backlog = 5, .address = any4(other.port())}),
      Failure::address_in_use);
  const std::uint16_t port = bind(client, 2,
                                  {.kind = StreamKind::tcp,
                                   .flags = Bind::any_port_will_do,
                                   .backlog = 5,
                                   .address = any4(other.port())});
  EXPECT_NE(port, other.port());
  RawSocket visitor = RawSocket::connect(port);
  accept(client, 2);
}

TEST_F(PublishingTest, OnlyPortsAndAddressesOfARuleArePublished) {
  WispClient client = proxy_.v2(wide);
  EXPECT_EQ(refusal(client, 1, {.kind = StreamKind::tcp, .backlog = 5, .address = any4(80)}),
            Failure::denied_by_rule);
  EXPECT_EQ(refusal(client, 2,
                    {.kind = StreamKind::tcp,
                     .backlog = 5,
                     .address = {wisp::Family::ipv4, 5000, {10, 0, 0, 1}}}),
            Failure::denied_by_rule);
  EXPECT_EQ(refusal(client, 3, {.kind = static_cast<StreamKind>(7), .address = any4(0)}),
            Failure::not_supported);
  EXPECT_GE(bind(client, 4,
                 {.kind = StreamKind::tcp,
                  .flags = Bind::any_port_will_do,
                  .backlog = 5,
                  .address = any4(80)}),
            1024);
}

TEST(Publishing, CanBeClosedAltogether) {
  Options options = test_options();
  options.publish = std::vector<PublishRule>{};
  RunningProxy proxy{options};
  WispClient client{{.port = proxy.port(), .subprotocol = "wisp-v2"}};
  const Received hello = client.receive();
  const auto offer =
      wisp::decode_sockets_offer(*wisp::find(hello.as<wisp::Info>(0), wisp::ExtensionId::sockets));
  EXPECT_EQ(offer->flags & wisp::SocketsOffer::can_publish_tcp, 0);
  client.send_bytes(client_info(wide));
  client.expect<wisp::Continue>(0);
  client.send(1, Bind{.kind = StreamKind::tcp, .backlog = 5, .address = any4(0)});
  const Received received = client.receive();
  EXPECT_EQ(received.as<FailureReport>(1).failure, Failure::denied_by_rule);
}

class DatagramTest : public PublishingTest {
 protected:
  ip::udp::socket peer(asio::io_context& io) { return {io, {ip::address_v4::loopback(), 0}}; }
  std::array<char, 65536> buffer_{};
  ip::udp::endpoint from_;
};

TEST_F(DatagramTest, GoToAndComeFromAnyAllowedAddress) {
  asio::io_context io;
  ip::udp::socket one = peer(io);
  ip::udp::socket two = peer(io);
  WispClient client = proxy_.v2(wide);
  bind(client, 1, {.kind = StreamKind::udp, .address = any4(0)});
  for (ip::udp::socket* to : {&one, &two, &one}) {
    for (const std::string text : {"hello", ""}) {
      client.send(1,
                  Datagram{loopback4(to->local_endpoint().port()), std::as_bytes(std::span{text})});
      EXPECT_EQ(to->receive_from(asio::buffer(buffer_), from_), text.size());
      to->send_to(asio::buffer(text), from_);
      const Received received = client.receive();
      const auto datagram = received.as<Datagram>(1);
      EXPECT_EQ(datagram.address, loopback4(to->local_endpoint().port()));
      EXPECT_EQ(text_of(datagram.payload), text);
    }
  }
}

TEST_F(DatagramTest, ABoundSocketHearsStrangers) {
  asio::io_context io;
  ip::udp::socket stranger = peer(io);
  WispClient client = proxy_.v2(wide);
  const std::uint16_t wanted = closed_port();
  const std::uint16_t port = bind(client, 1, {.kind = StreamKind::udp, .address = any4(wanted)});
  EXPECT_EQ(port, wanted);
  stranger.send_to(asio::buffer("hi", 2), {ip::address_v4::loopback(), port});
  const Received received = client.receive();
  EXPECT_EQ(received.as<Datagram>(1).address, loopback4(stranger.local_endpoint().port()));
}

TEST_F(DatagramTest, AreRefusedOneByOneAndTheSocketLives) {
  asio::io_context io;
  ip::udp::socket one = peer(io);
  WispClient client = proxy_.v2(wide);
  bind(client, 1, {.kind = StreamKind::udp, .address = any4(0)});
  const auto complaint = [&](const wisp::Address& to, std::size_t size) {
    const std::vector<std::byte> bytes(size);
    client.send(1, Datagram{to, bytes});
    return client.receive().as<FailureReport>(1).failure;
  };
  EXPECT_EQ(complaint({}, 1), Failure::invalid_argument);
  EXPECT_EQ(complaint(loopback4(0), 1), Failure::invalid_argument);
  EXPECT_EQ(complaint({wisp::Family::ipv4, 53, {10, 0, 0, 1}}, 1), Failure::denied_by_rule);
  EXPECT_EQ(complaint({wisp::Family::ipv4, 53, {255, 255, 255, 255}}, 1), Failure::denied_by_rule);
  EXPECT_EQ(complaint({wisp::Family::ipv6, 53, {0x20}}, 1), Failure::family_not_supported);
  EXPECT_EQ(complaint(loopback4(1), 65508), Failure::message_too_long);
  const std::vector<std::byte> largest(65507, std::byte{'x'});
  client.send(1, Datagram{loopback4(one.local_endpoint().port()), largest});
  EXPECT_EQ(one.receive_from(asio::buffer(buffer_), from_), largest.size());
}

TEST_F(DatagramTest, WithoutCreditAreDroppedAndCounted) {
  asio::io_context io;
  ip::udp::socket one = peer(io);
  WispClient client = proxy_.v2(2 * (10 + wisp::datagram_cost));
  bind(client, 1, {.kind = StreamKind::udp, .address = any4(0)});
  client.send(1, Datagram{loopback4(one.local_endpoint().port()), {}});
  one.receive_from(asio::buffer(buffer_), from_);
  for (int i = 0; i < 5; ++i)
    one.send_to(asio::buffer("0123456789"), from_);  // with its zero: eleven bytes, only one fits
  client.expect<Datagram>(1);
  while (proxy_.ask([](Server& server) { return server.counters().datagrams_dropped; }) < 4)
    std::this_thread::yield();
  client.send(1, Credit{wide});
  one.send_to(asio::buffer("x", 1), from_);
  const Received received = client.receive();
  EXPECT_EQ(text_of(received.as<Datagram>(1).payload), "x");
}

TEST_F(DatagramTest, OptionsOfTheSocketAreSet) {
  WispClient client = proxy_.v2(wide);
  bind(client, 1, {.kind = StreamKind::udp, .address = any4(0)});
  const auto set = [&](wisp::SocketOption option, std::uint32_t value, const wisp::Address& group) {
    client.send(1, wisp::Option{option, value, group, {}});
  };
  set(wisp::SocketOption::broadcast, 1, {});
  set(wisp::SocketOption::multicast_loop, 0, {});
  set(wisp::SocketOption::multicast_ttl, 4, {});
  set(wisp::SocketOption::multicast_ttl, 256, {});
  EXPECT_EQ(client.receive().as<FailureReport>(1).failure, Failure::invalid_argument);
  set(wisp::SocketOption::no_delay, 1, {});
  EXPECT_EQ(client.receive().as<FailureReport>(1).failure, Failure::not_supported);
  set(wisp::SocketOption::join_group, 0, {wisp::Family::ipv6, 0, {0xff, 0x02}});
  EXPECT_EQ(client.receive().as<FailureReport>(1).failure, Failure::family_not_supported);
}

}  // namespace
}  // namespace moonwire::proxy::test
