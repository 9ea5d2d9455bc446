// Doors at the proxy and datagrams to the outside, in our extension's terms.
#include <gtest/gtest.h>

#include "support/scripted_uplink.h"
#include "wisp/limits.h"
#include "world.h"

namespace moonwire::tests {
namespace {

using wisp::CloseReason;
using wisp::Failure;

const Address outside = Address::v4(9, 9, 9, 9, 53);
constexpr std::uint32_t first_accepted = wisp::first_server_stream;

struct Outside {
  explicit Outside(net::Limits limits = {}) : world(limits, &uplink) {
    uplink.events = &world->uplink_events();
    world->set_tunnel("ws://127.0.0.1:8080/wisp/token/");
  }

  void accepted(std::uint32_t door, std::uint32_t id) {
    uplink.say(door, wisp::Accepted{id, local, peer});
  }

  wisp::Address local{wisp::Family::ipv4, 8080, {192, 168, 1, 5}};
  wisp::Address peer{wisp::Family::ipv4, 50000, {192, 168, 1, 9}};
  ScriptedUplink uplink;
  World world;
};

TEST(Publication, AWildcardListenerIsPublishedAndOthersAreNot) {
  Outside o;
  o.uplink.open_with_sockets();
  const SocketPtr local_only = o.world.listener(at(5000));
  EXPECT_TRUE(o.uplink.is_silent());
  const SocketPtr door = o.world.listener(Address::any(Family::inet, 8080), 5);
  std::uint32_t id = 0;
  const auto bind = o.uplink.expect<wisp::Bind>(&id);
  EXPECT_EQ(bind.kind, wisp::StreamKind::tcp);
  EXPECT_EQ(bind.address.port, 8080);
  EXPECT_EQ(bind.backlog, 5);
  const int before = o.world.door_changes;
  o.uplink.say(id, wisp::Bound{o.local, {o.local}});
  EXPECT_GT(o.world.door_changes, before);
  std::string published;
  for (const net::Door& each : o.world->doors()) published += each.published;
  EXPECT_EQ(published, "192.168.1.5:8080");
  door->close();
  EXPECT_EQ(o.uplink.expect<wisp::Close>().reason, CloseReason::voluntary);
}

TEST(Publication, AcceptedStreamsAreConnectionsAndEachAcceptGrantsOneMore) {
  Outside o;
  o.uplink.open_with_sockets();
  const SocketPtr door = o.world.listener(Address::any(Family::inet, 8080), 5);
  std::uint32_t id = 0;
  o.uplink.expect<wisp::Bind>(&id);
  o.uplink.say(id, wisp::Bound{o.local, {}});
  o.accepted(id, first_accepted);
  o.uplink.say(first_accepted, wisp::Data{bytes_of("hello")});
  EXPECT_EQ(door->ready(), Ready::readable);
  EXPECT_TRUE(o.uplink.is_silent());
  const SocketPtr server = World::accept(*door);
  EXPECT_EQ(o.uplink.expect<wisp::Credit>().amount, 1u);
  Address address;
  server->peer_address(address);
  EXPECT_EQ(address.text(), "192.168.1.9:50000");
  NetError end{};
  EXPECT_EQ(read_all(*server, end), "hello");
  EXPECT_EQ(send(*server, "welcome").count, 7u);
  std::uint32_t stream = 0;
  EXPECT_EQ(text_of(o.uplink.expect<wisp::Data>(&stream).payload), "welcome");
  EXPECT_EQ(stream, first_accepted);
  // From inside the same door still answers.
  EXPECT_EQ(o.world.dial(at(8080))->take_error(), NetError::none);
}

TEST(Publication, AClosedListenerResetsTheUnaccepted) {
  Outside o;
  o.uplink.open_with_sockets();
  const SocketPtr door = o.world.listener(Address::any(Family::inet, 8080), 5);
  std::uint32_t id = 0;
  o.uplink.expect<wisp::Bind>(&id);
  o.uplink.say(id, wisp::Bound{o.local, {}});
  o.accepted(id, first_accepted);
  door->close();
  std::uint32_t stream = 0;
  EXPECT_EQ(o.uplink.expect<wisp::Close>(&stream).reason, CloseReason::client_error);
  EXPECT_EQ(stream, first_accepted);
  o.uplink.expect<wisp::Close>(&stream);
  EXPECT_EQ(stream, id);
  o.accepted(id, first_accepted + 1);  // crossed our CLOSE
}

TEST(Publication, ComesBackWithTheTunnel) {
  Outside o;
  const SocketPtr door = o.world.listener(Address::any(Family::inet, 8080), 5);
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  o.uplink.expect<wisp::Bind>(&id);
  o.uplink.say(id, wisp::Bound{o.local, {o.local}});
  o.uplink.hang_up();
  EXPECT_EQ(o.world->doors().at(0).published, "");
  o.world->set_tunnel("ws://127.0.0.1:8080/wisp/token/");
  o.uplink.open_with_sockets();
  o.uplink.expect<wisp::Bind>(&id);
  o.uplink.say(id, wisp::FailureReport{Failure::denied_by_rule, "no"});
  o.uplink.say(id, wisp::Close{CloseReason::blocked});
  EXPECT_EQ(o.world->doors().at(0).published, "");
  EXPECT_EQ(o.world.dial(at(8080))->take_error(), NetError::none);
}

TEST(Publication, PlainWispPublishesNothing) {
  Outside o;
  o.uplink.open_version_2();
  const SocketPtr door = o.world.listener(Address::any(Family::inet, 8080), 5);
  EXPECT_TRUE(o.uplink.is_silent());
}

TEST(OutsideDatagram, EachAddressIsAStreamAndAnswersComeFromIt) {
  Outside o;
  const SocketPtr socket = o.world.datagram();
  EXPECT_EQ(socket->send_to(bytes_of("early"), outside).count, 5u);
  o.uplink.open_version_2();
  std::uint32_t id = 0;
  const auto connect = o.uplink.expect<wisp::Connect>(&id);
  EXPECT_EQ(connect.kind, wisp::StreamKind::udp);
  EXPECT_EQ(connect.host, "9.9.9.9");
  EXPECT_EQ(text_of(o.uplink.expect<wisp::Data>().payload), "early");
  EXPECT_EQ(socket->send_to(bytes_of("again"), outside).count, 5u);
  EXPECT_EQ(text_of(o.uplink.expect<wisp::Data>().payload), "again");
  o.uplink.say(id, wisp::Data{bytes_of("answer")});
  std::vector<std::byte> buffer(100);
  Address from;
  EXPECT_EQ(socket->receive_from(buffer, from).count, 6u);
  EXPECT_EQ(from, outside);
  o.uplink.say(id, wisp::Close{CloseReason::voluntary});
  EXPECT_EQ(socket->send_to(bytes_of("new"), outside).count, 3u);
  o.uplink.expect<wisp::Connect>();
}

TEST(OutsideDatagram, ARefusalReachesTheConnectedSocketOnce) {
  Outside o;
  o.uplink.open_with_sockets();
  const SocketPtr socket = o.world.datagram();
  ASSERT_EQ(socket->connect(outside), NetError::none);
  EXPECT_EQ(send(*socket, "x").count, 1u);
  std::uint32_t id = 0;
  o.uplink.expect<wisp::Connect>(&id);
  o.uplink.say(id, wisp::FailureReport{Failure::refused, ""});
  EXPECT_EQ(socket->ready(), Ready::both);
  std::byte byte;
  EXPECT_EQ(socket->receive({&byte, 1}).error, NetError::connection_refused);
  EXPECT_EQ(socket->receive({&byte, 1}).error, NetError::would_block);
}

TEST(OutsideDatagram, FlowsAreBounded) {
  Outside o;
  o.uplink.open_version_2();
  const SocketPtr socket = o.world.datagram();
  for (int i = 0; i < 200; ++i) {
    socket->send_to(bytes_of("x"), Address::v4(9, 9, 9, std::uint8_t(i), 53));
  }
  EXPECT_EQ(o.world->census().tunnel_streams, net::datagram_flows_max);
}

TEST(OutsideDatagram, ABoundWildcardIsPublishedAndHearsStrangers) {
  Outside o;
  o.uplink.open_with_sockets();
  const SocketPtr socket = o.world.datagram();
  ASSERT_EQ(socket->bind(Address::any(Family::inet, 5353)), NetError::none);
  std::uint32_t id = 0;
  const auto bind = o.uplink.expect<wisp::Bind>(&id);
  EXPECT_EQ(bind.kind, wisp::StreamKind::udp);
  o.uplink.say(id, wisp::Bound{o.local, {o.local}});
  o.uplink.say(id, wisp::Datagram{o.peer, bytes_of("hi")});
  std::vector<std::byte> buffer(10);
  Address from;
  EXPECT_EQ(socket->receive_from(buffer, from).count, 2u);
  EXPECT_EQ(from.text(), "192.168.1.9:50000");
  EXPECT_EQ(socket->send_to(bytes_of("ho"), from).count, 2u);
  const auto datagram = o.uplink.expect<wisp::Datagram>();
  EXPECT_EQ(datagram.address, o.peer);
  EXPECT_EQ(text_of(datagram.payload), "ho");
}

TEST(OutsideDatagram, WithoutAWayOutItIsUnreachable) {
  Outside o;
  o.world->set_tunnel("");
  const SocketPtr socket = o.world.datagram();
  EXPECT_EQ(socket->send_to(bytes_of("x"), outside).error, NetError::network_unreachable);
  EXPECT_EQ(socket->connect(outside), NetError::network_unreachable);
  const SocketPtr local = o.world.datagram();
  ASSERT_EQ(local->bind(at(0)), NetError::none);
  EXPECT_EQ(local->send_to(bytes_of("x"), outside).error, NetError::invalid_argument);
}

}  // namespace
}  // namespace moonwire::tests
