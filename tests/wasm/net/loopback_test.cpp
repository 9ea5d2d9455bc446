// Streams inside the machine, in POSIX's terms.
#include <gtest/gtest.h>

#include <map>

#include "world.h"

namespace moonwire::tests {
namespace {

using net::Option;

constexpr std::size_t capacities[] = {1, 2, 7, 4096, 65536};

/// Runs a story once for each pipe size.
template <typename Story>
void with_every_pipe(Story story) {
  for (const std::size_t capacity : capacities) {
    SCOPED_TRACE("pipe of " + std::to_string(capacity));
    World world(pipes_of(capacity));
    story(world);
  }
}

constexpr Transfer fin{0, NetError::none};
constexpr Transfer failed(NetError error) {
  return {0, error};
}

Transfer receive_one(net::Socket& socket) {
  std::byte byte;
  return socket.receive({&byte, 1});
}

TEST(Loopback, DeliversEveryByteInOrderHoweverLittleThePipeHolds) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += char('a' + i * 7 % 26);
  with_every_pipe([&](World& world) {
    auto [client, server] = world.pair();
    EXPECT_EQ(push_through(*client, *server, text), text);
    EXPECT_EQ(push_through(*server, *client, text), text);
  });
}

TEST(Loopback, DeliversEveryByteWhereverTheReaderCuts) {
  const std::string text = "Client 1 Send : hello\r\n";
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    World world;
    auto [client, server] = world.pair();
    ASSERT_EQ(send(*client, std::string_view(text).substr(0, cut)).count, cut);
    ASSERT_EQ(send(*client, std::string_view(text).substr(cut)).count, text.size() - cut);
    NetError end{};
    EXPECT_EQ(read_all(*server, end, cut), text);
    EXPECT_EQ(end, NetError::would_block);
  }
}

TEST(Loopback, AFullPipeStopsTheSenderAndRoomWakesIt) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    const std::size_t capacity = world->limits().pipe_bytes;
    const std::string text(capacity + 10, 'x');
    EXPECT_EQ(send(*client, text), (Transfer{capacity, NetError::none}));
    EXPECT_EQ(send(*client, "y"), failed(NetError::would_block));
    EXPECT_EQ(client->ready(), Ready::nothing);
    EXPECT_EQ(world->census().buffered_bytes, capacity);
    NetError end{};
    EXPECT_EQ(read_all(*server, end).size(), capacity);
    EXPECT_EQ(client->ready(), Ready::writable);
    EXPECT_EQ(world->census().buffered_bytes, 0u);
  });
}

// The end-of-stream matrix.

TEST(Loopback, PeerClosedAfterAllWasReadFirstSendSucceedsThenThePipeIsBroken) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    EXPECT_EQ(push_through(*client, *server, "ping"), "ping");
    server->close();
    EXPECT_EQ(client->ready(), Ready::both);
    EXPECT_EQ(receive_one(*client), fin);
    EXPECT_EQ(send(*client, "x"), (Transfer{1, NetError::none}));
    EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
    EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
    EXPECT_EQ(receive_one(*client), fin);
  });
}

TEST(Loopback, BytesSentBeforeAnOrderlyCloseAreReadBeforeTheEnd) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    const std::size_t sent = send(*server, "0123456789").count;
    server->close();
    NetError end{};
    EXPECT_EQ(read_all(*client, end), std::string("0123456789").substr(0, sent));
    EXPECT_EQ(end, NetError::none);
  });
}

TEST(Loopback, AfterFinTheUnreadIsReadableEvenIfOurSendWasAnsweredByReset) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    ASSERT_EQ(send(*server, "z").count, 1u);
    server->close();
    EXPECT_EQ(send(*client, "x").error, NetError::none);
    NetError end{};
    EXPECT_EQ(read_all(*client, end), "z");
    EXPECT_EQ(end, NetError::none);
  });
}

TEST(Loopback, PeerShutItsSendingSideOursGoesOn) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    EXPECT_EQ(server->shutdown(Direction::send), NetError::none);
    EXPECT_EQ(server->shutdown(Direction::send), NetError::none);
    EXPECT_EQ(receive_one(*client), fin);
    EXPECT_EQ(client->ready(), Ready::both);
    EXPECT_EQ(push_through(*client, *server, "still here"), "still here");
    EXPECT_EQ(send(*server, "x"), failed(NetError::broken_pipe));
  });
}

TEST(Loopback, PeerClosedWithUnreadBytesIsAResetAfterWhatWasDelivered) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    ASSERT_EQ(send(*client, "q").count, 1u);
    ASSERT_EQ(send(*server, "d").count, 1u);
    server->close();
    EXPECT_EQ(client->ready(), Ready::both);
    std::byte byte;
    EXPECT_EQ(client->receive({&byte, 1}), (Transfer{1, NetError::none}));
    EXPECT_EQ(receive_one(*client), failed(NetError::connection_reset));
    EXPECT_EQ(receive_one(*client), fin);
    EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
  });
}

TEST(Loopback, ResetFailsTheNextSendAtOnce) {
  World world;
  auto [client, server] = world.pair();
  ASSERT_EQ(send(*client, "q").count, 1u);
  server->close();
  EXPECT_EQ(send(*client, "x"), failed(NetError::connection_reset));
  EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
}

TEST(Loopback, LingerOnZeroMakesCloseAReset) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    EXPECT_EQ(server->set_linger({true, 0}), NetError::none);
    server->close();
    EXPECT_EQ(client->take_error(), NetError::connection_reset);
    EXPECT_EQ(client->take_error(), NetError::none);
    EXPECT_EQ(receive_one(*client), fin);
    Address peer;
    EXPECT_EQ(client->peer_address(peer), NetError::not_connected);
  });
}

TEST(Loopback, OurShutSendingSideLeavesReceivingUntilThePeersFin) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    EXPECT_EQ(client->shutdown(Direction::send), NetError::none);
    EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
    EXPECT_EQ(push_through(*server, *client, "answer"), "answer");
    EXPECT_EQ(receive_one(*client), failed(NetError::would_block));
    server->close();
    EXPECT_EQ(receive_one(*client), fin);
  });
}

TEST(Loopback, OurShutReceivingSideEndsButLaterBytesAreReadable) {
  with_every_pipe([](World& world) {
    auto [client, server] = world.pair();
    EXPECT_EQ(client->shutdown(Direction::receive), NetError::none);
    EXPECT_EQ(receive_one(*client), fin);
    EXPECT_EQ(send(*server, "x"), (Transfer{1, NetError::none}));
    EXPECT_EQ(receive_one(*client), (Transfer{1, NetError::none}));
    EXPECT_EQ(receive_one(*client), fin);
    EXPECT_EQ(push_through(*client, *server, "works"), "works");
  });
}

TEST(Loopback, ShutBothWaysNothingMoves) {
  World world;
  auto [client, server] = world.pair();
  EXPECT_EQ(client->shutdown(Direction::both), NetError::none);
  EXPECT_EQ(client->ready(), Ready::both);
  EXPECT_EQ(receive_one(*client), fin);
  EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
  EXPECT_EQ(receive_one(*server), fin);
}

TEST(Loopback, AClosedSocketSaysBadDescriptorAndCloseAgainIsNothing) {
  World world;
  auto [client, server] = world.pair();
  client->close();
  client->close();
  Address address;
  int value = 0;
  EXPECT_EQ(receive_one(*client), failed(NetError::bad_descriptor));
  EXPECT_EQ(send(*client, "x"), failed(NetError::bad_descriptor));
  EXPECT_EQ(client->local_address(address), NetError::bad_descriptor);
  EXPECT_EQ(client->peer_address(address), NetError::bad_descriptor);
  EXPECT_EQ(client->connect(at(1)), NetError::bad_descriptor);
  EXPECT_EQ(client->bind(at(1)), NetError::bad_descriptor);
  EXPECT_EQ(client->listen(1), NetError::bad_descriptor);
  EXPECT_EQ(client->shutdown(Direction::both), NetError::bad_descriptor);
  EXPECT_EQ(client->get_option(Option::keep_alive, value), NetError::bad_descriptor);
}

TEST(Loopback, ADroppedSocketIsClosed) {
  World world;
  auto [client, server] = world.pair();
  server.reset();
  EXPECT_EQ(receive_one(*client), fin);
}

// Connecting.

TEST(Loopback, ConnectIsInProgressFirstAndDecidedAfterIt) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  const SocketPtr client = world.stream();
  EXPECT_EQ(client->connect(at(5000)), NetError::in_progress);
  EXPECT_EQ(client->ready(), Ready::writable);
  EXPECT_EQ(client->take_error(), NetError::none);
  EXPECT_EQ(client->connect(at(5000)), NetError::none);
  EXPECT_EQ(client->connect(at(5000)), NetError::already_connected);
  EXPECT_EQ(door->ready(), Ready::readable);
}

TEST(Loopback, ARefusedConnectIsReadableAndWritableAndSaysWhyOnce) {
  World world;
  const SocketPtr client = world.dial(at(5000));
  EXPECT_EQ(client->ready(), Ready::both);
  EXPECT_EQ(client->take_error(), NetError::connection_refused);
  EXPECT_EQ(client->take_error(), NetError::none);
  EXPECT_EQ(receive_one(*client), fin);
  EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
}

TEST(Loopback, ARefusedConnectTellsTheFirstCallThatAsks) {
  World world;
  EXPECT_EQ(receive_one(*world.dial(at(5000))), failed(NetError::connection_refused));
  EXPECT_EQ(send(*world.dial(at(5000)), "x"), failed(NetError::connection_refused));
}

TEST(Loopback, ConnectAgainAfterRefusalTellsItOnceThenTriesAnew) {
  World world;
  const SocketPtr client = world.dial(at(5000));
  EXPECT_EQ(client->connect(at(5000)), NetError::connection_refused);
  const SocketPtr door = world.listener(at(5000));
  EXPECT_EQ(client->connect(at(5000)), NetError::in_progress);
  EXPECT_EQ(client->connect(at(5000)), NetError::none);
}

TEST(Loopback, ConnectAgainAfterATakenErrorSaysAborted) {
  World world;
  const SocketPtr client = world.dial(at(5000));
  EXPECT_EQ(client->take_error(), NetError::connection_refused);
  EXPECT_EQ(client->connect(at(5000)), NetError::connection_aborted);
  EXPECT_EQ(client->connect(at(5000)), NetError::in_progress);
}

TEST(Loopback, AFreshSocketNeverWaits) {
  World world;
  const SocketPtr socket = world.stream();
  EXPECT_EQ(socket->ready(), Ready::both);
  EXPECT_EQ(receive_one(*socket), failed(NetError::not_connected));
  EXPECT_EQ(send(*socket, "x"), failed(NetError::broken_pipe));
  EXPECT_EQ(socket->shutdown(Direction::both), NetError::not_connected);
  Address address;
  EXPECT_EQ(socket->local_address(address), NetError::none);
  EXPECT_EQ(address.text(), "0.0.0.0:0");
  EXPECT_EQ(socket->peer_address(address), NetError::not_connected);
}

TEST(Loopback, WithoutAProxyTheOutsideIsUnreachableAtOnce) {
  World world;
  const SocketPtr socket = world.stream();
  EXPECT_EQ(socket->connect(Address::v4(10, 0, 0, 1, 80)), NetError::network_unreachable);
  EXPECT_EQ(socket->connect(Address::v4(224, 0, 0, 1, 80)), NetError::network_unreachable);
  EXPECT_EQ(socket->connect(at(5000)), NetError::in_progress);
}

TEST(Loopback, ABoundSocketKeepsItsPortWhenItConnects) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  const SocketPtr client = world.stream();
  ASSERT_EQ(client->bind(at(6000)), NetError::none);
  ASSERT_EQ(client->connect(at(5000)), NetError::in_progress);
  const SocketPtr server = World::accept(*door);
  Address address;
  server->peer_address(address);
  EXPECT_EQ(address.text(), "127.0.0.1:6000");
  server->local_address(address);
  EXPECT_EQ(address.text(), "127.0.0.1:5000");
}

TEST(Loopback, EphemeralPortsAreLinuxsAndDiffer) {
  World world;
  const SocketPtr door = world.listener(at(5000), 200);
  std::map<std::uint16_t, SocketPtr> clients;
  for (int i = 0; i < 100; ++i) {
    SocketPtr client = world.dial(at(5000));
    Address address;
    client->local_address(address);
    EXPECT_GE(address.port, net::first_ephemeral_port);
    EXPECT_LE(address.port, net::last_ephemeral_port);
    clients[address.port] = std::move(client);
  }
  EXPECT_EQ(clients.size(), 100u);
}

// The backlog.

TEST(Loopback, ListenNHoldsNPlusOneAndTheNextConnectHangsUntilThereIsRoom) {
  for (const int backlog : {0, 1, 2, 5}) {
    World world;
    const SocketPtr door = world.listener(at(5000), backlog);
    std::vector<SocketPtr> clients;
    for (int i = 0; i <= backlog; ++i) {
      clients.push_back(world.dial(at(5000)));
      EXPECT_EQ(clients.back()->ready(), Ready::writable) << i;
    }
    const SocketPtr late = world.dial(at(5000));
    const SocketPtr later = world.dial(at(5000));
    EXPECT_EQ(late->ready(), Ready::nothing);
    EXPECT_EQ(late->connect(at(5000)), NetError::already_in_progress);
    EXPECT_EQ(send(*late, "x"), failed(NetError::would_block));
    EXPECT_EQ(receive_one(*late), failed(NetError::would_block));
    const SocketPtr first = World::accept(*door);
    EXPECT_EQ(late->ready(), Ready::writable);
    EXPECT_EQ(later->ready(), Ready::nothing);
  }
}

TEST(Loopback, AHangingConnectTimesOutAsLinuxDoes) {
  World world;
  const SocketPtr door = world.listener(at(5000), 0);
  const SocketPtr first = world.dial(at(5000));
  const SocketPtr late = world.dial(at(5000));
  world.deadlines.advance(net::connect_timeout);
  EXPECT_EQ(late->ready(), Ready::both);
  EXPECT_EQ(late->take_error(), NetError::timed_out);
  NetError error{};
  EXPECT_NE(door->accept(error), nullptr);
  EXPECT_EQ(door->accept(error), nullptr);
  EXPECT_EQ(error, NetError::would_block);
}

TEST(Loopback, AClosedListenerResetsTheUnacceptedAndRefusesThoseInLine) {
  World world;
  const SocketPtr door = world.listener(at(5000), 0);
  const SocketPtr first = world.dial(at(5000));
  const SocketPtr late = world.dial(at(5000));
  const SocketPtr leaver = world.dial(at(5000));
  leaver->close();
  EXPECT_EQ(send(*first, "hello").error, NetError::none);
  door->close();
  EXPECT_EQ(receive_one(*first), failed(NetError::connection_reset));
  EXPECT_EQ(late->take_error(), NetError::connection_refused);
  EXPECT_EQ(world.dial(at(5000))->take_error(), NetError::connection_refused);
}

TEST(Loopback, AConnectionClosedBeforeAcceptIsStillAccepted) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  {
    const SocketPtr client = world.dial(at(5000));
    EXPECT_EQ(send(*client, "b").count, 1u);
  }
  const SocketPtr server = World::accept(*door);
  NetError end{};
  EXPECT_EQ(read_all(*server, end), "b");
  EXPECT_EQ(end, NetError::none);
}

TEST(Loopback, AcceptIsFifoAndWithoutAConnectionWouldBlock) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  NetError error{};
  EXPECT_EQ(door->ready(), Ready::nothing);
  EXPECT_EQ(door->accept(error), nullptr);
  EXPECT_EQ(error, NetError::would_block);
  const SocketPtr one = world.dial(at(5000));
  const SocketPtr two = world.dial(at(5000));
  Address first;
  Address seen;
  one->local_address(first);
  World::accept(*door)->peer_address(seen);
  EXPECT_EQ(seen, first);
  EXPECT_EQ(world.stream()->accept(error), nullptr);
  EXPECT_EQ(error, NetError::invalid_argument);
}

// Addresses.

TEST(Loopback, AListeningPortIsInUseEvenForReuseAddress) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  const SocketPtr second = world.stream();
  EXPECT_EQ(second->bind(at(5000)), NetError::address_in_use);
  EXPECT_EQ(second->set_option(Option::reuse_address, 1), NetError::none);
  EXPECT_EQ(second->bind(at(5000)), NetError::address_in_use);
  EXPECT_EQ(second->bind(Address::any(Family::inet, 5000)), NetError::address_in_use);
  EXPECT_EQ(second->bind(Address::v4(127, 0, 0, 2, 5000)), NetError::none);
  EXPECT_EQ(second->bind(Address::v4(127, 0, 0, 2, 5001)), NetError::invalid_argument);
}

TEST(Loopback, APortOfLivingConnectionsNeedsReuseAddressToBindAgain) {
  World world;
  SocketPtr door = world.stream();
  ASSERT_EQ(door->set_option(Option::reuse_address, 1), NetError::none);
  ASSERT_EQ(door->bind(at(5000)), NetError::none);
  ASSERT_EQ(door->listen(5), NetError::none);
  const SocketPtr client = world.dial(at(5000));
  const SocketPtr server = World::accept(*door);
  door->close();
  const SocketPtr plain = world.stream();
  EXPECT_EQ(plain->bind(at(5000)), NetError::address_in_use);
  EXPECT_EQ(plain->set_option(Option::reuse_address, 1), NetError::none);
  EXPECT_EQ(plain->bind(at(5000)), NetError::none);
  EXPECT_EQ(plain->listen(1), NetError::none);
}

TEST(Loopback, TwoReuseAddressSocketsMayBindButOnlyOneListens) {
  World world;
  const SocketPtr one = world.stream();
  const SocketPtr two = world.stream();
  for (const SocketPtr& socket : {one, two}) {
    EXPECT_EQ(socket->set_option(Option::reuse_address, 1), NetError::none);
    EXPECT_EQ(socket->bind(at(5000)), NetError::none);
  }
  EXPECT_EQ(one->listen(1), NetError::none);
  EXPECT_EQ(two->listen(1), NetError::address_in_use);
}

TEST(Loopback, ReusePortSharesListeningAndSpreadsConnections) {
  World world;
  std::vector<SocketPtr> doors;
  for (int i = 0; i < 2; ++i) {
    doors.push_back(world.stream());
    EXPECT_EQ(doors[i]->set_option(Option::reuse_port, 1), NetError::none);
    EXPECT_EQ(doors[i]->bind(at(5000)), NetError::none);
    EXPECT_EQ(doors[i]->listen(100), NetError::none);
  }
  std::vector<SocketPtr> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(world.dial(at(5000)));
  EXPECT_EQ(doors[0]->ready(), Ready::readable);
  EXPECT_EQ(doors[1]->ready(), Ready::readable);
}

TEST(Loopback, AWildcardIsReachedUnderEveryLoopbackAddress) {
  World world;
  const SocketPtr door = world.listener(Address::any(Family::inet, 5000));
  for (const Address& to :
       {at(5000), Address::v4(127, 9, 9, 9, 5000), Address::any(Family::inet, 5000)}) {
    const SocketPtr client = world.dial(to);
    ASSERT_EQ(client->connect(to), NetError::none) << to;
    const SocketPtr server = World::accept(*door);
    Address address;
    server->local_address(address);
    EXPECT_TRUE(address.is_loopback()) << address;
    EXPECT_FALSE(address.is_any());
  }
  EXPECT_EQ(world.dial(Address::loopback(Family::inet6, 5000))->take_error(),
            NetError::connection_refused);
}

TEST(Loopback, AnExactListenerIsPreferredToAWildcard) {
  World world;
  const SocketPtr exact = world.stream();
  const SocketPtr wide = world.stream();
  for (const SocketPtr& socket : {exact, wide}) socket->set_option(Option::reuse_port, 1);
  ASSERT_EQ(exact->bind(at(5000)), NetError::none);
  ASSERT_EQ(wide->bind(Address::any(Family::inet, 5000)), NetError::none);
  ASSERT_EQ(exact->listen(5), NetError::none);
  ASSERT_EQ(wide->listen(5), NetError::none);
  const SocketPtr one = world.dial(at(5000));
  const SocketPtr two = world.dial(Address::v4(127, 0, 0, 2, 5000));
  EXPECT_NE(World::accept(*exact), nullptr);
  EXPECT_NE(World::accept(*wide), nullptr);
}

TEST(Loopback, TheIpv6WildcardTakesIpv4TooUnlessV6Only) {
  World world;
  const SocketPtr dual = world.listener(Address::any(Family::inet6, 5000));
  const SocketPtr client = world.dial(at(5000));
  const SocketPtr server = World::accept(*dual);
  Address address;
  server->peer_address(address);
  EXPECT_EQ(address.host(), "::ffff:127.0.0.1");
  EXPECT_EQ(world.stream()->bind(at(5000)), NetError::address_in_use);
  const SocketPtr only = world.stream(Family::inet6);
  EXPECT_EQ(only->set_option(Option::v6_only, 1), NetError::none);
  ASSERT_EQ(only->bind(Address::any(Family::inet6, 5001)), NetError::none);
  EXPECT_EQ(only->set_option(Option::v6_only, 0), NetError::invalid_argument);
  ASSERT_EQ(only->listen(1), NetError::none);
  EXPECT_EQ(world.dial(at(5001))->take_error(), NetError::connection_refused);
  EXPECT_EQ(world.stream()->bind(at(5001)), NetError::none);
  EXPECT_EQ(world.dial(Address::loopback(Family::inet6, 5001))->take_error(), NetError::none);
}

TEST(Loopback, AnIpv6SocketReachesIpv4ThroughMappedAddresses) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  const SocketPtr client = world.dial(net::mapped(at(5000)));
  Address address;
  ASSERT_EQ(client->peer_address(address), NetError::none);
  EXPECT_EQ(address.host(), "::ffff:127.0.0.1");
  client->local_address(address);
  EXPECT_EQ(address.host(), "::ffff:127.0.0.1");
  World::accept(*door)->peer_address(address);
  EXPECT_EQ(address.host(), "127.0.0.1");
}

TEST(Loopback, OnlyTheMachinesOwnAddressesCanBeBound) {
  World world;
  EXPECT_EQ(world.stream()->bind(Address::v4(10, 0, 0, 1, 80)), NetError::address_not_available);
  EXPECT_EQ(world.stream()->bind(Address::loopback(Family::inet6, 80)),
            NetError::family_not_supported);
}

TEST(Loopback, ListenWithoutBindTakesAnEphemeralPort) {
  World world;
  const SocketPtr door = world.stream();
  ASSERT_EQ(door->listen(1), NetError::none);
  Address address;
  door->local_address(address);
  EXPECT_GE(address.port, net::first_ephemeral_port);
  EXPECT_EQ(world.dial(at(address.port))->take_error(), NetError::none);
}

TEST(Loopback, ClosingFreesThePortAtOnce) {
  World world;
  for (int i = 0; i < 3; ++i) {
    const SocketPtr door = world.listener(at(5000));
    const SocketPtr client = world.dial(at(5000));
    const SocketPtr server = World::accept(*door);
  }
}

// Options.

TEST(Loopback, OptionsHaveLinuxsDefaultsAndLimits) {
  World world;
  const SocketPtr socket = world.stream();
  const auto get = [&](Option option) {
    int value = -1;
    EXPECT_EQ(socket->get_option(option, value), NetError::none);
    return value;
  };
  EXPECT_EQ(get(Option::reuse_address), 0);
  EXPECT_EQ(get(Option::keep_idle), 7200);
  EXPECT_EQ(get(Option::keep_count), 9);
  EXPECT_EQ(get(Option::keep_interval), 75);
  EXPECT_EQ(get(Option::receive_buffer), 131072);
  EXPECT_EQ(get(Option::send_buffer), 16384);
  EXPECT_EQ(socket->set_option(Option::receive_buffer, 5000), NetError::none);
  EXPECT_EQ(get(Option::receive_buffer), 10000);
  EXPECT_EQ(socket->set_option(Option::receive_buffer, 0), NetError::none);
  EXPECT_EQ(get(Option::receive_buffer), 2304);
  EXPECT_EQ(socket->set_option(Option::send_buffer, 1), NetError::none);
  EXPECT_EQ(get(Option::send_buffer), 4608);
  for (const int bad : {0, 32768, -1}) {
    EXPECT_EQ(socket->set_option(Option::keep_idle, bad), NetError::invalid_argument);
    EXPECT_EQ(socket->set_option(Option::keep_interval, bad), NetError::invalid_argument);
  }
  EXPECT_EQ(socket->set_option(Option::keep_count, 128), NetError::invalid_argument);
  EXPECT_EQ(socket->set_option(Option::fast_open_connect, 2), NetError::invalid_argument);
  EXPECT_EQ(socket->set_option(Option::v6_only, 1), NetError::option_not_supported);
}

TEST(Loopback, AcceptedSocketsInheritTheListenersOptions) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  for (const Option option : {Option::reuse_address, Option::keep_alive, Option::no_delay}) {
    EXPECT_EQ(door->set_option(option, 1), NetError::none);
  }
  const SocketPtr client = world.dial(at(5000));
  const SocketPtr server = World::accept(*door);
  for (const Option option : {Option::reuse_address, Option::keep_alive, Option::no_delay}) {
    int value = 0;
    EXPECT_EQ(server->get_option(option, value), NetError::none);
    EXPECT_EQ(value, 1);
  }
}

// Unix paths.

TEST(Loopback, UnixSocketsMeetByPath) {
  World world;
  const Address path = Address::unix_path("/tmp/door");
  EXPECT_EQ(world.stream(Family::path)->connect(path), NetError::no_such_path);
  const SocketPtr bound = world.stream(Family::path);
  ASSERT_EQ(bound->bind(path), NetError::none);
  EXPECT_EQ(world.stream(Family::path)->connect(path), NetError::connection_refused);
  EXPECT_EQ(world.stream(Family::path)->bind(path), NetError::address_in_use);
  ASSERT_EQ(bound->listen(1), NetError::none);
  const SocketPtr client = world.dial(path);
  const SocketPtr server = World::accept(*bound);
  EXPECT_EQ(push_through(*client, *server, "hello"), "hello");
  server->close();
  EXPECT_EQ(send(*client, "x"), failed(NetError::broken_pipe));
  EXPECT_EQ(world.stream(Family::path)->bind(Address::unix_path(std::string(108, 'p'))),
            NetError::path_too_long);
}

TEST(Loopback, ASocketFileStaysUntilItIsRemoved) {
  World world;
  const Address path = Address::unix_path("/tmp/door");
  {
    const SocketPtr first = world.stream(Family::path);
    ASSERT_EQ(first->bind(path), NetError::none);
  }
  EXPECT_EQ(world.stream(Family::path)->bind(path), NetError::address_in_use);
  EXPECT_EQ(world.stream(Family::path)->connect(path), NetError::connection_refused);
  EXPECT_TRUE(world->remove_socket_file("/tmp/door"));
  EXPECT_FALSE(world->remove_socket_file("/tmp/door"));
  EXPECT_EQ(world.stream(Family::path)->connect(path), NetError::no_such_path);
  const SocketPtr second = world.stream(Family::path);
  EXPECT_EQ(second->bind(path), NetError::none);
  // Removed while in use, its path is free, and closing it later takes nothing from whoever came.
  EXPECT_TRUE(world->remove_socket_file("/tmp/door"));
  const SocketPtr third = world.datagram(Family::path);
  EXPECT_EQ(third->bind(path), NetError::none);
  second->close();
  EXPECT_EQ(world.datagram(Family::path)->connect(path), NetError::none);
}

TEST(Loopback, SocketFilesAreBounded) {
  World world;
  for (std::size_t i = 0; i < net::socket_files_max; ++i) {
    const auto path = Address::unix_path(std::to_string(i));
    ASSERT_EQ(world.datagram(Family::path)->bind(path), NetError::none);
  }
  EXPECT_EQ(world.datagram(Family::path)->bind(Address::unix_path("one more")),
            NetError::out_of_memory);
}

// What is told to others.

TEST(Loopback, DoorsShowWhoListensAndTellOfChanges) {
  World world;
  world->set_owner(42);
  const SocketPtr door = world.listener(at(5000));
  ASSERT_EQ(world->doors().size(), 1u);
  EXPECT_EQ(world->doors()[0].owner, 42u);
  EXPECT_EQ(world->doors()[0].address, at(5000));
  const int before = world.door_changes;
  door->close();
  EXPECT_GT(world.door_changes, before);
  EXPECT_TRUE(world->doors().empty());
}

TEST(Loopback, TheMachinesSocketsAreBounded) {
  net::Limits limits = pipes_of(64 * 1024);
  limits.sockets = 3;
  World world(limits);
  const SocketPtr door = world.listener(at(5000));
  const SocketPtr client = world.dial(at(5000));
  // The embryo in the queue counts; at the limit it can still be accepted.
  EXPECT_NE(World::accept(*door), nullptr);
  const SocketPtr other = world.stream();
  NetError error{};
  EXPECT_EQ(world->make_socket(Family::inet, SocketType::stream, error), nullptr);
  EXPECT_EQ(error, NetError::too_many_files_system);
}

TEST(Loopback, TenThousandIdleConnectionsHoldNoBuffers) {
  net::Limits limits = pipes_of(64 * 1024);
  limits.sockets = 20'001;
  World world(limits);
  const SocketPtr door = world.listener(at(5000), 4096);
  std::vector<SocketPtr> sockets;
  for (int i = 0; i < 4000; ++i) {
    sockets.push_back(world.dial(at(5000)));
    sockets.push_back(World::accept(*door));
    EXPECT_EQ(push_through(*sockets[2 * i], *sockets[2 * i + 1], "x"), "x");
  }
  EXPECT_EQ(world->census().sockets, 8001u);
  EXPECT_EQ(world->census().buffered_bytes, 0u);
}

class Counter final : public net::Watcher {
 public:
  void on_ready(net::Pollable&, Ready ready) override {
    ++calls;
    last = ready;
  }
  int calls = 0;
  Ready last = Ready::nothing;
};

TEST(Loopback, AWatchHearsOnlyWhatItAskedFor) {
  World world;
  auto [client, server] = world.pair();
  Counter reader;
  Counter writer;
  net::Watch reads;
  net::Watch writes;
  reads.start(*server, Ready::readable, reader);
  writes.start(*client, Ready::writable, writer);
  send(*client, "x");
  EXPECT_EQ(reader.calls, 1);
  EXPECT_EQ(reader.last, Ready::readable);
  EXPECT_EQ(writer.calls, 0);
  receive_one(*server);
  EXPECT_EQ(reader.calls, 1);
  EXPECT_EQ(writer.calls, 1);
  server->close();
  EXPECT_EQ(reader.calls, 2);  // its own socket was closed under it
}

}  // namespace
}  // namespace moonwire::tests
