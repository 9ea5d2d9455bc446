// Attacks, each written out as its attacker would go about it, against the running proxy. Those on
// a single part stand in its own tests: the gate's (foreign Origin, rebound Host, tokens), the
// rules'.
#include <gtest/gtest.h>

#include <atomic>

#include "proxy/session.h"
#include "proxy/socket_failure.h"
#include "support/running_proxy.h"
#include "wisp/limits.h"

namespace moonwire::proxy::test {
namespace {

using wisp::Close;
using wisp::Connect;
using wisp::Failure;
using wisp::FailureReport;
using wisp::Opened;
using wisp::StreamKind;

constexpr std::uint32_t wide = 1024 * 1024;

Failure failure_of(WispClient& client, std::uint32_t id) {
  const Failure failure = client.receive().as<FailureReport>(id).failure;
  EXPECT_EQ(client.receive().as<Close>(id).reason, wisp::close_reason_for(failure));
  return failure;
}

Failure dial(WispClient& client, std::uint32_t id, std::string_view host, std::uint16_t port = 80) {
  client.send(id, Connect{StreamKind::tcp, port, host});
  return failure_of(client, id);
}

/// A name server in the attacker's hands.
struct EvilNames {
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);
  std::vector<std::vector<std::string>> answers;  ///< one after the other, the last for ever

  Lookups lookups() const {
    return {[asked = asked, answers = answers](const std::string& host, wisp::Family) {
              const auto turn = static_cast<std::size_t>((*asked)++);
              Resolution found;
              found.name = host;
              for (const auto& text : answers[std::min(turn, answers.size() - 1)])
                found.addresses.push_back(ip::make_address(text));
              return found;
            },
            [](const ip::address&) { return Resolution{}; }};
  }
};

/// A proxy as people run it: public addresses may be dialled, nothing else.
Options public_options() {
  Options options = test_options();
  options.allow.clear();
  return options;
}

// The attacker owns evil.example and lets it resolve to what the proxy can reach and they cannot:
// the router, the cloud's metadata, a service on the proxy's own loopback.
TEST(Attack, ANameLeadsToADeniedAddress) {
  for (const char* address :
       {"10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "::1",
        "fd00::1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:a00:1::", "ff02::1"}) {
    EvilNames names{.answers = {{address}}};
    RunningProxy proxy{public_options(), names.lookups()};
    WispClient client = proxy.v2(wide);
    EXPECT_EQ(dial(client, 1, "evil.example"), Failure::denied_by_rule) << address;
    client.send(2, Connect{StreamKind::udp, 53, "evil.example"});
    EXPECT_EQ(failure_of(client, 2), Failure::denied_by_rule) << address << " by UDP";
  }
}

// ... or to a good address and a bad one, in the hope that one verdict stands for both.
TEST(Attack, AGoodAddressDoesNotVouchForABadOne) {
  RawListener secret;
  Options options = public_options();
  options.allow = std::get<std::vector<Rule>>(parse_rule("127.0.0.2:*"));
  EvilNames names{.answers = {{"127.0.0.2", "127.0.0.1"}}};
  RunningProxy proxy{options, names.lookups()};
  WispClient client = proxy.v2(wide);
  EXPECT_EQ(dial(client, 1, "evil.example", secret.port()), Failure::refused)
      << "127.0.0.2 was tried, 127.0.0.1 was not";
}

// Time of check, time of use: the name is good when it is looked at, bad when it is dialled. What
// was looked at is what is dialled: the name is asked once.
TEST(Attack, AnAnswerCannotChangeBetweenTheRulesAndTheDial) {
  RawListener secret;
  Options options = public_options();
  options.allow = std::get<std::vector<Rule>>(parse_rule("127.0.0.2:*"));
  EvilNames names{.answers = {{"127.0.0.2"}, {"127.0.0.1"}}};
  RunningProxy proxy{options, names.lookups()};
  WispClient client = proxy.v2(wide);
  EXPECT_EQ(dial(client, 1, "evil.example", secret.port()), Failure::refused);
  EXPECT_EQ(*names.asked, 1);
}

// A rule names a host; its owner points that name at the proxy's own machine.
TEST(Attack, AnAllowedNameCannotBePointedAtTheProxysMachine) {
  RawListener secret;
  Options options = public_options();
  options.allow = std::get<std::vector<Rule>>(parse_rule("partner.example:*"));
  EvilNames names{.answers = {{"127.0.0.1"}}};
  RunningProxy proxy{options, names.lookups()};
  WispClient client = proxy.v2(wide);
  EXPECT_EQ(dial(client, 1, "partner.example", secret.port()), Failure::denied_by_rule);
}

// A denial is written for IPv4; the attacker spells the same address in IPv6.
TEST(Attack, ADenialHoldsInEverySpellingOfTheAddress) {
  Options options = test_options();
  options.deny = std::get<std::vector<Rule>>(parse_rule("127.0.0.1:*"));
  RunningProxy proxy{options};
  WispClient client = proxy.v2(wide);
  std::uint32_t id = 0;
  for (const char* host : {"127.0.0.1", "::ffff:127.0.0.1", "[::ffff:7f00:1]", "127.1",
                           "0x7f.0.0.1", "2130706433", "localhost", "LOCALHOST.", "proxy.internal"})
    EXPECT_EQ(dial(client, ++id, host), Failure::denied_by_rule) << host;
}

// Through an unconnected datagram socket, where no CONNECT is looked at.
TEST(Attack, ADatagramSocketIsNoWayAroundTheRules) {
  RunningProxy proxy{public_options()};
  WispClient client = proxy.v2(wide);
  client.send(
      1, wisp::Bind{.kind = StreamKind::udp, .flags = 0, .backlog = 0, .address = wisp::Address{}});
  client.expect<wisp::Bound>(1);
  const std::vector<std::byte> payload(4);
  for (const char* address : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "255.255.255.255"}) {
    client.send(
        1, wisp::Datagram{.address = to_wire(ip::make_address(address), 53), .payload = payload});
    EXPECT_EQ(client.receive().as<FailureReport>(1).failure, Failure::denied_by_rule) << address;
  }
}

// Publishing where the machine's own services live, or where nobody allowed it.
TEST(Attack, ADoorOpensOnlyWhereTheRulesSay) {
  RunningProxy proxy{public_options()};
  WispClient client = proxy.v2(wide);
  std::uint32_t id = 0;
  for (const auto& [address, port] :
       {std::pair{"0.0.0.0", 22}, {"0.0.0.0", 80}, {"0.0.0.0", 1023}, {"127.0.0.1", 443}}) {
    client.send(++id, wisp::Bind{.kind = StreamKind::tcp,
                                 .flags = 0,
                                 .backlog = 1,
                                 .address = to_wire(ip::make_address(address),
                                                    static_cast<std::uint16_t>(port))});
    EXPECT_EQ(failure_of(client, id), Failure::denied_by_rule) << address << " " << port;
  }
  client.send(++id, wisp::Bind{.kind = StreamKind::tcp,
                               .flags = 0,
                               .backlog = 1,
                               .address = to_wire(ip::make_address("8.8.8.8"), 5000)});
  EXPECT_EQ(failure_of(client, id), Failure::denied_by_rule) << "not an address of a rule";
}

// Every field of every packet of a client, out of its range: the stream or the session ends, the
// proxy and its other session do not notice.
TEST(Attack, NoFieldOutOfRangeHarmsAnyoneElse) {
  RunningProxy proxy;
  RawListener listener;
  WispClient bystander = proxy.v2(wide);
  bystander.send(1, Connect{StreamKind::tcp, listener.port(), "127.0.0.1"});
  RawSocket peer = listener.accept();
  bystander.expect<Opened>(1);
  const auto packet = [](std::initializer_list<int> values, std::size_t filler = 0) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    bytes.resize(bytes.size() + filler, std::byte{0xff});
    return bytes;
  };
  // type, stream (4 bytes), then the fields.
  const std::vector<std::vector<std::byte>> attacks{
      packet({1, 5, 0, 0, 0, 9, 80, 0, 'a'}),      // CONNECT: unknown kind
      packet({1, 5, 0, 0, 0, 1, 0, 0, 'a'}),       // ... port 0
      packet({1, 5, 0, 0, 0, 1, 80, 0}),           // ... no host
      packet({1, 5, 0, 0, 0, 1, 80, 0}, 100'000),  // ... a host of 100,000 bytes
      packet({1, 5, 0, 0, 0x80, 1, 80, 0, 'a'}),   // ... an id of the server's
      packet({2, 0, 0, 0, 0, 1}),                  // DATA on stream 0
      packet({2, 99, 0, 0, 0, 1}),                 // ... of no stream
      packet({3, 1, 0, 0, 0}, 4),                  // CONTINUE from a client
      packet({4, 99, 0, 0, 0, 255}),               // CLOSE of no stream, unknown reason
      packet({5, 0, 0, 0, 0, 2, 0}),               // INFO a second time
      packet({0xa0, 1, 0, 0, 0, 4}, 12),           // the server's own packets
      packet({0xa1, 1, 0, 0, 0, 1}),
      packet({0xa2, 99, 0, 0, 0}),                        // FINISH of no stream
      packet({0xa3, 99, 0, 0, 0}, 4),                     // CREDIT of no stream
      packet({0xa4, 5, 0, 0, 0, 9, 255, 0, 0, 0}),        // BIND: unknown kind and flags
      packet({0xa4, 5, 0, 0, 0, 1, 0, 255, 255, 0}),      // ... a backlog of 65535
      packet({0xa7, 99, 0, 0, 0, 4, 0, 53, 8, 8, 8, 8}),  // DATAGRAM of no stream
      packet({0xa8, 5, 0, 0, 0, 7, 0, 'a'}),              // RESOLVE: unknown question
      packet({0xa8, 5, 0, 0, 0, 1, 9, 'a'}),              // ... unknown family
      packet({0xa8, 5, 0, 0, 0, 2, 0, 'a'}),              // ... a name where an address belongs
      packet({0xaa, 99, 0, 0, 0, 200, 255, 255, 255, 255, 0, 0}),  // OPTION: unknown
      packet({0x42, 1, 0, 0, 0}, 50),                              // a type nobody knows
      packet({0xa4, 5, 0, 0, 0, 1, 0, 1, 0, 9}, 6),                // an address family nobody knows
      packet({0xa7, 5, 0, 0, 0, 6, 0, 53, 1}),                     // an address cut short
      packet({1, 0, 0, 0, 0, 1, 80, 0, 'a'}),                      // CONNECT on stream 0
      packet({4, 0, 0, 0, 0, 2}),                                  // CLOSE of the session itself
  };
  for (const auto& attack : attacks) {
    WispClient attacker = proxy.v2(wide);
    attacker.send_bytes(attack);
    attacker.close();
    bystander.send_data(1, "ping");
    EXPECT_EQ(peer.read(4), "ping");
    peer.send("pong");
    EXPECT_EQ(bystander.read(1, 4), "pong");
  }
  bystander.close();
  EXPECT_TRUE(proxy.is_empty_at_last());
}

// A header one byte a tick (slowloris), and a TLS-less client that says nothing at all.
TEST(Attack, SlowHandshakesHoldNoPlaceForLong) {
  Options options = test_options();
  options.limits.request_time = std::chrono::milliseconds{30};
  RunningProxy proxy{options};
  std::vector<RawSocket> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(RawSocket::connect(proxy.port()));
    slow.back().send(i % 2 == 0 ? "G" : "GET /wisp/tok/ HTTP/1.1\r\nX: ");
  }
  for (RawSocket& one : slow) EXPECT_EQ(one.read_to_end(), "");
  EXPECT_EQ(proxy.ask([](Server& server) { return server.connection_count(); }), 0u);
}

// One client address takes all places.
TEST(Attack, OneAddressCannotTakeEveryConnection) {
  Options options = test_options();
  options.limits.connections_per_address = 3;
  RunningProxy proxy{options};
  std::vector<RawSocket> taken;
  for (int i = 0; i < 3; ++i) taken.push_back(RawSocket::connect(proxy.port()));
  EXPECT_EQ(RawSocket::connect(proxy.port()).read_to_end(), "");
  taken.pop_back();  // a place that is given back can be had
  const auto give_up = Clock::now() + std::chrono::seconds{5};
  std::string answer;
  while (answer.empty() && Clock::now() < give_up) {
    answer = http(proxy.port(), "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:" +
                                    std::to_string(proxy.port()) + "\r\nConnection: close\r\n\r\n");
  }
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200"));
}

// More connects at once than may wait.
TEST(Attack, DialsThatWaitAreBounded) {
  Options options = test_options();
  options.limits.dials_per_session = 4;
  std::promise<void> go_on;
  const auto gone_on = go_on.get_future().share();
  const Lookups slow{[gone_on](const std::string&, wisp::Family) {
                       gone_on.wait();
                       return Resolution{Failure::name_not_found, {}, {}, {}};
                     },
                     [](const ip::address&) { return Resolution{}; }};
  RunningProxy proxy{options, slow};
  WispClient client = proxy.v2(wide);
  for (std::uint32_t id = 1; id <= 4; ++id)
    client.send(id, Connect{StreamKind::tcp, 80, "slow.example"});
  EXPECT_EQ(dial(client, 5, "slow.example"), Failure::limit_reached);
  go_on.set_value();
  for (int i = 0; i < 4; ++i) {  // in the order in which the threads came back
    EXPECT_NE(client.receive().describe(), "");
    EXPECT_NE(client.receive().describe(), "");
  }
  EXPECT_EQ(proxy.ask([](Server& server) { return server.counters().streams_failed; }), 4u);
}

// Questions that are never read back: what the client does not take is bounded, then it is not
// read.
TEST(Attack, AClientThatAsksAndNeverReadsIsHeldNotServed) {
  Options options = test_options();
  options.limits.closing_time = std::chrono::milliseconds{50};
  RunningProxy proxy{options};
  RawSocket client = RawSocket::connect(proxy.port());
  client.send("GET /wisp/tok/ HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(proxy.port()) +
              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
  // Ping after ping, each answered by a pong of 125 bytes.
  std::string ping{"\x89\xfd\0\0\0\0", 6};
  ping += std::string(125, 'x');
  std::string flood;
  for (int i = 0; i < 4000; ++i) flood += ping;
  std::atomic<bool> is_over = false;
  std::thread sender{[&] {
    for (int i = 0; i < 64 && !is_over; ++i) client.send(flood);  // 32 MiB; blocks when not read
  }};
  const auto give_up = Clock::now() + std::chrono::milliseconds{500};
  std::size_t most = 0;
  while (Clock::now() < give_up)
    most = std::max(most, proxy.ask([](Server& server) { return server.borrowed_blocks(); }));
  const Limits& limits = options.limits;
  EXPECT_LE(most,
            (limits.outbox_bytes + limits.control_bytes + 2 * scratch_bytes) / block_bytes + 2)
      << "blocks of 64 KiB in the outbox of one client";
  is_over = true;
  proxy.stop();
  sender.join();
  EXPECT_TRUE(proxy.is_empty_at_last());
}

}  // namespace
}  // namespace moonwire::proxy::test
