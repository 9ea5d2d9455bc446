// Datagrams inside the machine, in POSIX's terms.
#include <gtest/gtest.h>

#include "world.h"

namespace moonwire::tests {
namespace {

using net::Option;

struct Received {
  std::string text;
  NetError error = NetError::none;
  Address from;
};

Received receive(net::Socket& socket, std::size_t size = 8192) {
  std::vector<std::byte> buffer(size);
  Received out;
  const Transfer moved = socket.receive_from(buffer, out.from);
  out.error = moved.error;
  out.text = text_of(std::span(buffer).first(moved.count));
  return out;
}

Transfer send_to(net::Socket& socket, std::string_view text, const Address& to) {
  return socket.send_to(bytes_of(text), to);
}

TEST(Datagram, KeepsBoundariesAndTellsTheSender) {
  World world;
  const SocketPtr server = world.datagram();
  const SocketPtr client = world.datagram();
  ASSERT_EQ(server->bind(at(5000)), NetError::none);
  EXPECT_EQ(client->ready(), Ready::writable);
  for (const std::string text : {"one", "", "three"}) {
    EXPECT_EQ(send_to(*client, text, at(5000)), (Transfer{text.size(), NetError::none}));
  }
  EXPECT_EQ(server->ready(), Ready::both);
  Address name;
  client->local_address(name);
  EXPECT_EQ(name.host(), "0.0.0.0");
  for (const std::string text : {"one", "", "three"}) {
    EXPECT_EQ(server->pending_datagram(), text.size());
    const Received got = receive(*server);
    EXPECT_EQ(got.text, text);
    EXPECT_EQ(got.error, NetError::none);
    EXPECT_EQ(got.from, at(name.port));
  }
  EXPECT_EQ(receive(*server).error, NetError::would_block);
}

TEST(Datagram, WhatDoesNotFitIsLost) {
  World world;
  const SocketPtr server = world.datagram();
  ASSERT_EQ(server->bind(at(5000)), NetError::none);
  const SocketPtr client = world.datagram();
  send_to(*client, "0123456789", at(5000));
  send_to(*client, "next", at(5000));
  EXPECT_EQ(receive(*server, 4).text, "0123");
  EXPECT_EQ(receive(*server, 4).text, "next");
}

TEST(Datagram, IsBoundedAndAFullQueueDrops) {
  net::Limits limits;
  limits.datagram_queue_bytes = 1000;
  World world(limits);
  const SocketPtr server = world.datagram();
  ASSERT_EQ(server->bind(at(5000)), NetError::none);
  const SocketPtr client = world.datagram();
  EXPECT_EQ(send_to(*client, std::string(65508, 'x'), at(5000)).error, NetError::message_too_long);
  EXPECT_EQ(send_to(*client, "x", at(0)).error, NetError::invalid_argument);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(send_to(*client, "", at(5000)).error, NetError::none);
  int count = 0;
  while (receive(*server).error == NetError::none) ++count;
  EXPECT_LT(count, 1000 / 64 + 1);
}

TEST(Datagram, ARefusalIsToldToAConnectedSenderOnce) {
  World world;
  const SocketPtr client = world.datagram();
  ASSERT_EQ(client->connect(at(5000)), NetError::none);
  EXPECT_EQ(send(*client, "x"), (Transfer{1, NetError::none}));
  EXPECT_EQ(client->ready(), Ready::both);
  EXPECT_EQ(receive(*client).error, NetError::connection_refused);
  EXPECT_EQ(receive(*client).error, NetError::would_block);
  send(*client, "x");
  EXPECT_EQ(client->take_error(), NetError::connection_refused);
  EXPECT_EQ(client->take_error(), NetError::none);
  const SocketPtr stranger = world.datagram();
  send_to(*stranger, "x", at(5000));
  EXPECT_EQ(receive(*stranger).error, NetError::would_block);
}

TEST(Datagram, AConnectedSocketHearsOnlyItsPeer) {
  World world;
  const SocketPtr server = world.datagram();
  const SocketPtr client = world.datagram();
  const SocketPtr stranger = world.datagram();
  ASSERT_EQ(server->bind(at(5000)), NetError::none);
  ASSERT_EQ(client->connect(at(5000)), NetError::none);
  Address name;
  client->local_address(name);
  EXPECT_EQ(name.host(), "127.0.0.1");
  send_to(*stranger, "no", name);
  send_to(*server, "yes", name);
  EXPECT_EQ(receive(*client).text, "yes");
  EXPECT_EQ(receive(*client).error, NetError::would_block);
}

TEST(Datagram, DisconnectForgetsTheImplicitNameAndKeepsTheChosenOne) {
  World world;
  const SocketPtr client = world.datagram();
  Address name;
  client->connect(at(5000));
  client->connect(Address{});
  client->local_address(name);
  EXPECT_EQ(name.text(), "0.0.0.0:0");
  EXPECT_EQ(send(*client, "x").error, NetError::destination_required);

  const SocketPtr half = world.datagram();
  ASSERT_EQ(half->bind(at(0)), NetError::none);
  half->connect(at(5000));
  half->connect(Address{});
  half->local_address(name);
  EXPECT_EQ(name.text(), "127.0.0.1:0");

  const SocketPtr chosen = world.datagram();
  ASSERT_EQ(chosen->bind(at(6000)), NetError::none);
  chosen->connect(at(5000));
  chosen->connect(Address{});
  chosen->local_address(name);
  EXPECT_EQ(name.text(), "127.0.0.1:6000");
  EXPECT_EQ(send_to(*chosen, "self", at(6000)).error, NetError::none);
  EXPECT_EQ(receive(*chosen).text, "self");
}

TEST(Datagram, ASharedPortGoesToTheLaterSocket) {
  World world;
  const SocketPtr early = world.datagram();
  const SocketPtr late = world.datagram();
  ASSERT_EQ(early->bind(at(5000)), NetError::none);
  EXPECT_EQ(late->bind(at(5000)), NetError::address_in_use);
  early->set_option(Option::reuse_address, 1);
  late->set_option(Option::reuse_address, 1);
  ASSERT_EQ(late->bind(at(5000)), NetError::none);
  send_to(*world.datagram(), "x", at(5000));
  EXPECT_EQ(receive(*late).text, "x");
  EXPECT_EQ(receive(*early).error, NetError::would_block);
}

TEST(Datagram, BroadcastNeedsItsOptionAndReachesEveryWildcard) {
  World world;
  const Address all = Address::v4(255, 255, 255, 255, 5000);
  const SocketPtr one = world.datagram();
  const SocketPtr two = world.datagram();
  for (const SocketPtr& socket : {one, two}) {
    socket->set_option(Option::reuse_address, 1);
    ASSERT_EQ(socket->bind(Address::any(Family::inet, 5000)), NetError::none);
  }
  const SocketPtr sender = world.datagram();
  EXPECT_EQ(send_to(*sender, "x", all).error, NetError::permission_denied);
  sender->set_option(Option::broadcast, 1);
  EXPECT_EQ(send_to(*sender, "x", all).error, NetError::none);
  EXPECT_EQ(receive(*one).text, "x");
  EXPECT_EQ(receive(*two).text, "x");
}

TEST(Datagram, MulticastReachesMembersUnlessItsLoopIsOff) {
  World world;
  const Address group = Address::v4(225, 0, 0, 37, 12345);
  const SocketPtr member = world.datagram();
  ASSERT_EQ(member->bind(Address::any(Family::inet, 12345)), NetError::none);
  const SocketPtr sender = world.datagram();
  send_to(*sender, "early", group);
  EXPECT_EQ(receive(*member).error, NetError::would_block);
  ASSERT_EQ(member->set_membership(group, Address::any(Family::inet), true), NetError::none);
  EXPECT_EQ(member->set_membership(group, Address::any(Family::inet), true),
            NetError::address_in_use);
  send_to(*sender, "hello", group);
  EXPECT_EQ(receive(*member).text, "hello");
  sender->set_option(Option::multicast_loop, 0);
  send_to(*sender, "silent", group);
  EXPECT_EQ(receive(*member).error, NetError::would_block);
  ASSERT_EQ(member->set_membership(group, Address::any(Family::inet), false), NetError::none);
  EXPECT_EQ(member->set_membership(at(1), Address::any(Family::inet), true),
            NetError::invalid_argument);
}

TEST(Datagram, UnixDatagramsGoByPath) {
  World world;
  const SocketPtr server = world.datagram(Family::path);
  const SocketPtr client = world.datagram(Family::path);
  ASSERT_EQ(server->bind(Address::unix_path("foo")), NetError::none);
  EXPECT_EQ(send_to(*client, "x", Address::unix_path("bar")).error, NetError::no_such_path);
  EXPECT_EQ(client->connect(Address::unix_path("foo")), NetError::none);
  EXPECT_EQ(send(*client, "x").error, NetError::none);
  const Received got = receive(*server);
  EXPECT_EQ(got.text, "x");
  EXPECT_EQ(got.from.path, "");
}

TEST(Datagram, WithoutAProxyTheOutsideIsUnreachable) {
  World world;
  const SocketPtr socket = world.datagram();
  EXPECT_EQ(send_to(*socket, "x", Address::v4(10, 0, 0, 1, 53)).error,
            NetError::network_unreachable);
  EXPECT_EQ(socket->connect(Address::v4(10, 0, 0, 1, 53)), NetError::network_unreachable);
}

}  // namespace
}  // namespace moonwire::tests
