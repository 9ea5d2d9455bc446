// Faults on purpose, and the wire that shows what crossed.
#include <gtest/gtest.h>

#include "world.h"

namespace moonwire::tests {
namespace {

TEST(Faults, DelayHoldsConnectionDataAndFinBack) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  world->faults().set(at(5000), {.delay = 1000});
  const SocketPtr client = world.dial(at(5000));
  EXPECT_EQ(client->ready(), Ready::nothing);
  world.deadlines.advance(2000);
  EXPECT_EQ(client->ready(), Ready::writable);
  const SocketPtr server = World::accept(*door);
  NetError end{};
  ASSERT_EQ(send(*client, "x").count, 1u);
  EXPECT_EQ(read_all(*server, end), "");
  EXPECT_EQ(end, NetError::would_block);
  world.deadlines.advance(999);
  EXPECT_EQ(server->ready(), Ready::writable);
  world.deadlines.advance(1);
  EXPECT_EQ(server->ready(), Ready::both);
  EXPECT_EQ(read_all(*server, end), "x");
  EXPECT_EQ(end, NetError::would_block);
  client->close();
  EXPECT_EQ(read_all(*server, end), "");
  EXPECT_EQ(end, NetError::would_block);
  world.deadlines.advance(1000);
  EXPECT_EQ(read_all(*server, end), "");
  EXPECT_EQ(end, NetError::none);
}

TEST(Faults, SmallReadsComeOneByteAtATime) {
  World world;
  world->faults().set(at(5000), {.largest_read = 1});
  auto [client, server] = world.pair();
  send(*client, "abc");
  std::vector<std::byte> buffer(10);
  EXPECT_EQ(server->receive(buffer).count, 1u);
  EXPECT_EQ(server->receive(buffer).count, 1u);
  EXPECT_EQ(server->receive(buffer).count, 1u);
  EXPECT_EQ(server->receive(buffer).error, NetError::would_block);
}

TEST(Faults, ResetComesAfterEachNumberOfBytes) {
  for (std::size_t after = 0; after <= 6; ++after) {
    World world;
    world->faults().set(at(5000), {.reset_after = after});
    auto [client, server] = world.pair();
    const Transfer moved = send(*client, "hello");
    EXPECT_EQ(moved.count, std::min<std::size_t>(after, 5));
    NetError end{};
    EXPECT_EQ(read_all(*server, end), std::string("hello").substr(0, after));
    EXPECT_EQ(end, after <= 5 ? NetError::connection_reset : NetError::would_block);
  }
}

TEST(Faults, NoRouteAndABlackHoleStopConnects) {
  World world;
  const SocketPtr door = world.listener(at(5000));
  world->faults().set(at(0), {.no_route = true});
  EXPECT_EQ(world.stream()->connect(at(5000)), NetError::host_unreachable);
  world->faults().set(at(5000), {.black_hole = true});
  const SocketPtr client = world.dial(at(5000));
  EXPECT_EQ(client->ready(), Ready::nothing);
  world.deadlines.advance(net::connect_timeout);
  EXPECT_EQ(client->take_error(), NetError::timed_out);
  world->faults().clear();
  EXPECT_EQ(world.dial(at(5000))->take_error(), NetError::none);
}

TEST(Faults, LossDropsItsShareOfDatagrams) {
  World world;
  const SocketPtr server = world.datagram();
  ASSERT_EQ(server->bind(at(5000)), NetError::none);
  const SocketPtr client = world.datagram();
  world->faults().set(at(5000), {.datagram_loss = 1.0});
  EXPECT_EQ(client->send_to(bytes_of("x"), at(5000)).error, NetError::none);
  EXPECT_FALSE(server->pending_datagram());
  world->faults().set(at(5000), {.delay = 10});
  EXPECT_EQ(client->send_to(bytes_of("x"), at(5000)).error, NetError::none);
  EXPECT_FALSE(server->pending_datagram());
  world.deadlines.advance(10);
  EXPECT_TRUE(server->pending_datagram());
}

std::string kinds(const std::vector<net::WireRecord>& records) {
  std::string out;
  for (const net::WireRecord& record : records) out += "cadfrgn"[int(record.kind)];
  return out;
}

TEST(Wire, RecordsConnectAcceptDataFinAndRst) {
  World world;
  std::uint64_t lost = 0;
  { auto unseen = world.pair(); }
  EXPECT_TRUE(world->wire().take(lost).empty());
  world->wire().set_recording(true);
  {
    auto [client, server] = world.pair();
    EXPECT_EQ(push_through(*client, *server, "hi"), "hi");
    client->shutdown(Direction::send);
    send(*server, "unread");
    client->close();
  }
  const auto records = world->wire().take(lost);
  EXPECT_EQ(kinds(records), "cadfdr");
  EXPECT_EQ(records[0].to, at(5000));
  EXPECT_EQ(records[0].site.line, 7);
  EXPECT_EQ(text_of(records[2].sample).front(), 'h');
  EXPECT_EQ(lost, 0u);
}

TEST(Wire, RecordsTheNamesThatAreAsked) {
  World world;
  world->wire().set_recording(true);
  world->resolver().forward("127.0.0.1", Family::inet);
  world->resolver().forward("localhost", Family::inet);
  std::uint64_t lost = 0;
  const auto records = world->wire().take(lost);
  ASSERT_EQ(kinds(records), "n");
  EXPECT_EQ(text_of(records[0].sample), "localhost");
}

TEST(Wire, IsBoundedAndCountsWhatItLost) {
  World world;
  world->wire().set_recording(true);
  auto [client, server] = world.pair();
  for (std::size_t i = 0; i < net::wire_records_max + 100; ++i) push_through(*client, *server, "x");
  std::uint64_t lost = 0;
  EXPECT_EQ(world->wire().take(lost).size(), net::wire_records_max);
  EXPECT_EQ(lost, 102u);
}

}  // namespace
}  // namespace moonwire::tests
