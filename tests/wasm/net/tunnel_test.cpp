// The tunnel in Wisp's terms: a scripted server on the other side of the uplink.
#include <gtest/gtest.h>

#include "support/scripted_uplink.h"
#include "wisp/limits.h"
#include "world.h"

namespace moonwire::tests {
namespace {

using net::TunnelPhase;
using wisp::CloseReason;
using wisp::Failure;

constexpr const char* proxy_url = "ws://127.0.0.1:8080/wisp/token/";
const Address outside = Address::v4(93, 184, 216, 34, 80);

struct Outside {
  explicit Outside(net::Limits limits = {}) : world(limits, &uplink) {
    uplink.events = &world->uplink_events();
    world->set_tunnel(proxy_url);
  }

  TunnelPhase phase() { return world->tunnel_status().phase; }

  /// A socket whose CONNECT was sent; `id` is its stream.
  SocketPtr dial(std::uint32_t& id, const Address& to = outside) {
    SocketPtr socket = world.dial(to);
    const auto connect = uplink.expect<wisp::Connect>(&id);
    EXPECT_EQ(connect.kind, wisp::StreamKind::tcp);
    EXPECT_EQ(connect.port, to.port);
    host = connect.host;
    return socket;
  }
  /// The same, and it stands. Only with "sockets".
  SocketPtr connect(std::uint32_t& id) {
    SocketPtr socket = dial(id);
    uplink.say(id, wisp::Opened{local, peer});
    EXPECT_EQ(socket->connect(outside), NetError::none);
    return socket;
  }

  void data(std::uint32_t id, std::string_view text) { uplink.say(id, wisp::Data{bytes_of(text)}); }

  wisp::Address local{wisp::Family::ipv4, 40000, {10, 0, 0, 2}};
  wisp::Address peer{wisp::Family::ipv4, 80, {93, 184, 216, 34}};
  std::string host;
  ScriptedUplink uplink;
  World world;
};

std::string sent_text(ScriptedUplink& uplink) {
  return text_of(uplink.expect<wisp::Data>().payload);
}

Transfer receive_one(net::Socket& socket) {
  std::byte byte;
  return socket.receive({&byte, 1});
}

// Opening.

TEST(Tunnel, AsksForVersion2AndFallsBackToVersion1WithoutTheSubprotocol) {
  Outside o;
  EXPECT_EQ(o.phase(), TunnelPhase::connecting);
  EXPECT_EQ(o.uplink.pipes[1].url, proxy_url);
  EXPECT_EQ(o.uplink.pipes[1].protocols, "wisp-v2");
  o.uplink.hang_up();
  EXPECT_EQ(o.phase(), TunnelPhase::connecting);
  EXPECT_EQ(o.uplink.pipes[2].protocols, "");
  o.uplink.open_version_1();
  EXPECT_EQ(o.phase(), TunnelPhase::open);
  EXPECT_EQ(o.world->tunnel_status().version, 1);
}

TEST(Tunnel, AVersion1ServerThatIgnoresTheSubprotocolIsSpokenToInVersion1) {
  Outside o;
  o.uplink.open_version_1();
  EXPECT_EQ(o.world->tunnel_status().version, 1);
  EXPECT_TRUE(o.uplink.is_silent());
}

TEST(Tunnel, AnswersInfoWithOnlyWhatTheServerNamed) {
  Outside o;
  o.uplink.accept();
  o.uplink.say(0, wisp::Info{2, 0, {{std::uint8_t(wisp::ExtensionId::motd), {}}}});
  EXPECT_TRUE(o.uplink.expect<wisp::Info>().extensions.empty());
  EXPECT_EQ(o.phase(), TunnelPhase::connecting);
  o.uplink.say(0, wisp::Continue{128});
  EXPECT_EQ(o.phase(), TunnelPhase::open);
  EXPECT_EQ(o.world->tunnel_status().version, 2);
  EXPECT_FALSE(o.world->tunnel_status().has_sockets);
}

TEST(Tunnel, SendsThePasswordOfItsAddress) {
  Outside o;
  o.world->set_tunnel("ws://alice:secret@127.0.0.1:8080/wisp/");
  EXPECT_EQ(o.uplink.pipes[2].url, "ws://127.0.0.1:8080/wisp/");
  o.uplink.accept();
  const std::byte required[] = {std::byte{1}};
  o.uplink.say(0, wisp::Info{2, 0, {{std::uint8_t(wisp::ExtensionId::password), required}}});
  const auto info = o.uplink.expect<wisp::Info>();
  const auto metadata = wisp::find(info, wisp::ExtensionId::password);
  ASSERT_TRUE(metadata);
  const auto credentials = wisp::decode_credentials(*metadata);
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user, "alice");
  EXPECT_EQ(credentials->password, "secret");
  o.uplink.say(0, wisp::Close{CloseReason::bad_password});
  EXPECT_EQ(o.phase(), TunnelPhase::blocked);
}

TEST(Tunnel, ARefusedTokenBlocksWithTheProxysReasonUntilItIsSetAnew) {
  Outside o;
  o.uplink.accept();
  o.uplink.hang_up(4401, "the token is wrong");
  EXPECT_EQ(o.phase(), TunnelPhase::blocked);
  EXPECT_EQ(o.world->tunnel_status().why, "the token is wrong");
  o.world.deadlines.advance(100'000'000);
  EXPECT_EQ(o.uplink.last, 1u);
  EXPECT_EQ(o.world.stream()->connect(outside), NetError::network_unreachable);
  o.world->set_tunnel(proxy_url);
  EXPECT_EQ(o.phase(), TunnelPhase::connecting);
}

TEST(Tunnel, AnAddressThatIsNoneSaysSo) {
  Outside o;
  o.world->set_tunnel("http://example.org/");
  EXPECT_EQ(o.phase(), TunnelPhase::blocked);
  EXPECT_NE(o.world->tunnel_status().why.find("http://example.org/"), std::string::npos);
  o.world->set_tunnel("");
  EXPECT_EQ(o.phase(), TunnelPhase::off);
}

TEST(Tunnel, BacksOffWithJitterUpToHalfAMinuteAndTriesForEver) {
  Outside o;
  net::Micros longest = 0;
  for (int i = 0; i < 10; ++i) {
    o.uplink.hang_up();
    o.uplink.hang_up();
    ASSERT_EQ(o.phase(), TunnelPhase::waiting);
    EXPECT_FALSE(o.world->tunnel_status().why.empty());
    const net::Micros wait = o.world->tunnel_status().retry_at - o.world.deadlines.now();
    EXPECT_GE(wait, net::tunnel_retry_first / 2);
    EXPECT_LE(wait, net::tunnel_retry_longest);
    longest = std::max(longest, wait);
    o.world.deadlines.advance(wait);
    ASSERT_EQ(o.phase(), TunnelPhase::connecting);
  }
  EXPECT_GE(longest, net::tunnel_retry_longest / 2);
}

TEST(Tunnel, SettingTheSameAddressWhileOpenChangesNothingAndWhileWaitingTriesAtOnce) {
  Outside o;
  o.uplink.open_version_2();
  o.world->set_tunnel(proxy_url);
  EXPECT_EQ(o.phase(), TunnelPhase::open);
  o.uplink.hang_up();
  EXPECT_EQ(o.phase(), TunnelPhase::waiting);
  o.world->set_tunnel(proxy_url);
  EXPECT_EQ(o.phase(), TunnelPhase::connecting);
  o.uplink.open_version_2();
  EXPECT_EQ(o.phase(), TunnelPhase::open);
}

TEST(Tunnel, AServerThatOnceSpokeVersion2IsNotTriedInVersion1) {
  Outside o;
  o.uplink.open_version_2();
  o.uplink.hang_up();
  o.world->set_tunnel(proxy_url);
  o.uplink.hang_up();
  EXPECT_EQ(o.phase(), TunnelPhase::waiting);
}

TEST(Tunnel, ASilentServerIsGivenUpAfterTheAttemptsTime) {
  for (const bool opens : {false, true}) {
    Outside o;
    if (opens) o.uplink.accept();
    const SocketPtr socket = o.world.dial(outside);
    o.world.deadlines.advance(net::tunnel_attempt_timeout);
    EXPECT_NE(o.phase(), TunnelPhase::open);
    EXPECT_TRUE(o.uplink.pipes[1].is_closed);
    EXPECT_EQ(socket->take_error(), NetError::network_unreachable);
  }
}

// Connecting.

TEST(Tunnel, AConnectDuringTheFirstAttemptWaitsForItsOutcome) {
  Outside o;
  const SocketPtr socket = o.world.dial(outside);
  EXPECT_EQ(socket->ready(), Ready::nothing);
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  EXPECT_EQ(o.uplink.expect<wisp::Connect>(&id).host, "93.184.216.34");
  o.uplink.say(id, wisp::Opened{o.local, o.peer});
  EXPECT_EQ(socket->ready(), Ready::writable);

  Outside p;
  const SocketPtr failing = p.world.dial(outside);
  p.uplink.hang_up();
  EXPECT_EQ(failing->ready(), Ready::nothing);
  p.uplink.hang_up();
  EXPECT_EQ(failing->ready(), Ready::both);
  EXPECT_EQ(failing->take_error(), NetError::network_unreachable);
}

TEST(Tunnel, WhileItWaitsConnectsFailAtOnceButSoonBringTheRetryForward) {
  Outside o;
  o.uplink.open_version_2();
  o.uplink.hang_up();
  EXPECT_EQ(o.world.stream()->connect(outside), NetError::network_unreachable);
  o.uplink.hang_up();
  o.world->set_tunnel(proxy_url);
  for (int i = 0; i < 4; ++i) {
    o.uplink.hang_up();
    o.world.deadlines.advance(o.world->tunnel_status().retry_at - o.world.deadlines.now());
  }
  o.uplink.hang_up();
  ASSERT_EQ(o.phase(), TunnelPhase::waiting);
  o.world.deadlines.advance(net::tunnel_retry_first);
  const SocketPtr socket = o.world.dial(outside);
  EXPECT_EQ(o.phase(), TunnelPhase::connecting);
  o.world.deadlines.advance(net::tunnel_retry_patience);
  EXPECT_EQ(socket->take_error(), NetError::network_unreachable);
}

TEST(Tunnel, OpenedTellsBothAddresses) {
  Outside o;
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id);
  Address address;
  EXPECT_EQ(socket->peer_address(address), NetError::not_connected);
  EXPECT_EQ(socket->connect(outside), NetError::already_in_progress);
  o.uplink.say(id, wisp::Opened{o.local, o.peer});
  EXPECT_EQ(socket->connect(outside), NetError::none);
  EXPECT_EQ(socket->connect(outside), NetError::already_connected);
  socket->local_address(address);
  EXPECT_EQ(address.text(), "10.0.0.2:40000");
  socket->peer_address(address);
  EXPECT_EQ(address.text(), "93.184.216.34:80");
}

TEST(Tunnel, FailureTellsExactlyWhyAConnectFailed) {
  const std::pair<Failure, NetError> rows[] = {
      {Failure::refused, NetError::connection_refused},
      {Failure::timed_out, NetError::timed_out},
      {Failure::network_unreachable, NetError::network_unreachable},
      {Failure::host_unreachable, NetError::host_unreachable},
      {Failure::denied_by_rule, NetError::permission_denied},
      {Failure::name_not_found, NetError::name_unknown},
  };
  for (const auto& [failure, error] : rows) {
    Outside o;
    o.uplink.open_with_sockets();
    std::uint32_t id = 0;
    const SocketPtr socket = o.dial(id);
    o.uplink.say(id, wisp::FailureReport{failure, "why"});
    o.uplink.say(id, wisp::Close{wisp::close_reason_for(failure)});
    EXPECT_EQ(socket->ready(), Ready::both);
    EXPECT_EQ(socket->take_error(), error);
    EXPECT_EQ(receive_one(*socket), (Transfer{0, NetError::none}));
    EXPECT_EQ(o.world->census().tunnel_streams, 0u);
  }
}

TEST(Tunnel, PlainWispsCloseIsTranslatedAsWellAsItCan) {
  const std::pair<CloseReason, NetError> rows[] = {
      {CloseReason::refused, NetError::connection_refused},
      {CloseReason::network_error, NetError::connection_refused},
      {CloseReason::unreachable, NetError::host_unreachable},
      {CloseReason::no_response, NetError::timed_out},
      {CloseReason::blocked, NetError::permission_denied},
  };
  for (const auto& [reason, error] : rows) {
    Outside o;
    o.uplink.open_version_2();
    std::uint32_t id = 0;
    const SocketPtr socket = o.dial(id);
    o.uplink.say(id, wisp::Close{reason});
    EXPECT_EQ(socket->take_error(), error);
  }
}

TEST(Tunnel, WithoutConfirmationSilenceOrTheFirstPacketMeansOpen) {
  for (int way = 0; way < 3; ++way) {
    Outside o;
    o.uplink.open_version_1();
    std::uint32_t id = 0;
    const SocketPtr socket = o.dial(id);
    EXPECT_EQ(socket->ready(), Ready::nothing);
    if (way == 0) o.world.deadlines.advance(net::plain_open_grace);
    if (way == 1) o.uplink.say(id, wisp::Continue{5});
    if (way == 2) o.data(id, "hello");
    EXPECT_EQ(socket->ready(), way == 2 ? Ready::both : Ready::writable);
  }
}

TEST(Tunnel, NothingAnswersForEver) {
  Outside o;
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id);
  o.world.deadlines.advance(net::connect_timeout);
  EXPECT_EQ(socket->take_error(), NetError::timed_out);
  EXPECT_EQ(o.uplink.expect<wisp::Close>().reason, CloseReason::client_error);
}

// Bytes and credit.

TEST(Tunnel, EachDataSpendsCreditAndContinueSetsItAnew) {
  Outside o;
  o.uplink.open_with_sockets(2);
  std::uint32_t id = 0;
  const SocketPtr socket = o.connect(id);
  EXPECT_EQ(send(*socket, "one").count, 3u);
  EXPECT_EQ(send(*socket, "two").count, 3u);
  EXPECT_EQ(send(*socket, "three"), (Transfer{0, NetError::would_block}));
  EXPECT_EQ(socket->ready(), Ready::nothing);
  EXPECT_EQ(sent_text(o.uplink), "one");
  EXPECT_EQ(sent_text(o.uplink), "two");
  EXPECT_TRUE(o.uplink.is_silent());
  o.uplink.say(id, wisp::Continue{1});
  EXPECT_EQ(socket->ready(), Ready::writable);
  EXPECT_EQ(send(*socket, "three").count, 5u);
  EXPECT_EQ(send(*socket, "four").error, NetError::would_block);
}

TEST(Tunnel, ALongSendGoesOutInPacketsAsFarAsCreditReaches) {
  Outside o;
  o.uplink.open_with_sockets(3);
  std::uint32_t id = 0;
  const SocketPtr socket = o.connect(id);
  const std::string text(1'000'000, 'x');
  EXPECT_EQ(send(*socket, text).count, 3 * 65536u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sent_text(o.uplink).size(), 65536u);
}

TEST(Tunnel, ABackedUpUplinkStopsSendersAndItsDrainWakesThem) {
  Outside o;
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  const SocketPtr socket = o.connect(id);
  o.uplink.pipes[o.uplink.last].backlog = o.world->limits().uplink_backlog_bytes;
  EXPECT_EQ(send(*socket, "x").error, NetError::would_block);
  EXPECT_EQ(socket->ready(), Ready::nothing);
  o.uplink.drain();
  EXPECT_EQ(socket->ready(), Ready::writable);
  EXPECT_EQ(send(*socket, "x").count, 1u);
}

TEST(Tunnel, WithSocketsTheReaderGrantsCreditAsItConsumes) {
  net::Limits limits;
  limits.tunnel_stream_bytes = 100;
  Outside o(limits);
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  const SocketPtr socket = o.connect(id);
  o.data(id, std::string(100, 'a'));
  std::vector<std::byte> buffer(49);
  EXPECT_EQ(socket->receive(buffer).count, 49u);
  EXPECT_TRUE(o.uplink.is_silent());
  buffer.resize(1);
  EXPECT_EQ(socket->receive(buffer).count, 1u);
  EXPECT_EQ(o.uplink.expect<wisp::Credit>().amount, 50u);
  o.data(id, std::string(50, 'b'));
  // One byte more than was granted.
  o.data(id, "c");
  EXPECT_EQ(o.uplink.expect<wisp::Close>().reason, CloseReason::client_error);
  NetError end{};
  EXPECT_EQ(read_all(*socket, end).size(), 100u);
  EXPECT_EQ(end, NetError::connection_reset);
}

TEST(Tunnel, WithoutSocketsAFloodThatNobodyReadsResetsTheStreamAtTheHardBound) {
  net::Limits limits;
  limits.tunnel_stream_hard_bytes = 1000;
  limits.tunnel_stream_bytes = 100;
  Outside o(limits);
  o.uplink.open_version_2();
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id);
  o.data(id, std::string(1000, 'a'));
  EXPECT_EQ(socket->ready(), Ready::both);
  EXPECT_TRUE(o.uplink.is_silent());
  o.data(id, "b");
  EXPECT_EQ(o.uplink.expect<wisp::Close>().reason, CloseReason::client_error);
  NetError end{};
  EXPECT_EQ(read_all(*socket, end).size(), 1000u);
  EXPECT_EQ(end, NetError::connection_reset);
}

// Ends.

TEST(Tunnel, FinishIsHalfAClose) {
  Outside o;
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  const SocketPtr socket = o.connect(id);
  o.data(id, "last");
  o.uplink.say(id, wisp::Finish{});
  NetError end{};
  EXPECT_EQ(read_all(*socket, end), "last");
  EXPECT_EQ(end, NetError::none);
  EXPECT_EQ(send(*socket, "still").count, 5u);
  EXPECT_EQ(sent_text(o.uplink), "still");
  EXPECT_EQ(socket->shutdown(Direction::send), NetError::none);
  EXPECT_EQ(socket->shutdown(Direction::send), NetError::none);
  o.uplink.expect<wisp::Finish>();
  EXPECT_TRUE(o.uplink.is_silent());
  EXPECT_EQ(send(*socket, "x").error, NetError::broken_pipe);
  o.uplink.say(id, wisp::Close{CloseReason::voluntary});
  EXPECT_EQ(receive_one(*socket), (Transfer{0, NetError::none}));
  socket->close();
  EXPECT_TRUE(o.uplink.is_silent());
}

TEST(Tunnel, WithoutSocketsShutSendRefusesFurtherSendsAndTellsNobody) {
  Outside o;
  o.uplink.open_version_2();
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id);
  o.uplink.say(id, wisp::Continue{32});
  EXPECT_EQ(socket->shutdown(Direction::send), NetError::none);
  EXPECT_TRUE(o.uplink.is_silent());
  EXPECT_EQ(send(*socket, "x").error, NetError::broken_pipe);
  o.data(id, "answer");
  NetError end{};
  EXPECT_EQ(read_all(*socket, end), "answer");
  EXPECT_EQ(end, NetError::would_block);
}

TEST(Tunnel, AVoluntaryCloseIsFinAndTheFirstSendAfterItStillSucceeds) {
  Outside o;
  o.uplink.open_version_2();
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id);
  o.data(id, "bye");
  o.uplink.say(id, wisp::Close{CloseReason::voluntary});
  EXPECT_EQ(socket->ready(), Ready::both);
  EXPECT_EQ(send(*socket, "x").count, 1u);
  EXPECT_EQ(send(*socket, "x").error, NetError::broken_pipe);
  NetError end{};
  EXPECT_EQ(read_all(*socket, end), "bye");
  EXPECT_EQ(end, NetError::none);
  EXPECT_TRUE(o.uplink.is_silent());
}

TEST(Tunnel, ANetworkErrorIsAResetAfterWhatWasDelivered) {
  Outside o;
  o.uplink.open_with_sockets();
  std::uint32_t id = 0;
  const SocketPtr socket = o.connect(id);
  o.data(id, "some");
  o.uplink.say(id, wisp::FailureReport{Failure::reset, ""});
  o.uplink.say(id, wisp::Close{CloseReason::network_error});
  NetError end{};
  EXPECT_EQ(read_all(*socket, end), "some");
  EXPECT_EQ(end, NetError::connection_reset);
  EXPECT_EQ(receive_one(*socket), (Transfer{0, NetError::none}));
  EXPECT_EQ(send(*socket, "x").error, NetError::broken_pipe);
}

TEST(Tunnel, CloseIsVoluntaryInOrderAndAClientErrorWhenUnreadOrLingeringZero) {
  for (int way = 0; way < 3; ++way) {
    Outside o;
    o.uplink.open_with_sockets();
    std::uint32_t id = 0;
    const SocketPtr socket = o.connect(id);
    if (way == 1) o.data(id, "unread");
    if (way == 2) socket->set_linger({true, 0});
    socket->close();
    EXPECT_EQ(o.uplink.expect<wisp::Close>().reason,
              way == 0 ? CloseReason::voluntary : CloseReason::client_error);
    o.data(id, "crossed our close");
  }
}

TEST(Tunnel, AgainstPlainServersCloseWaitsForWhatWasSent) {
  Outside o;
  o.uplink.open_version_2();
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id);
  o.uplink.say(id, wisp::Continue{32});
  send(*socket, "last words");
  socket->close();
  EXPECT_EQ(sent_text(o.uplink), "last words");
  EXPECT_TRUE(o.uplink.is_silent());
  o.world.deadlines.advance(net::plain_close_linger);
  EXPECT_EQ(o.uplink.expect<wisp::Close>().reason, CloseReason::voluntary);
}

TEST(Tunnel, LostItFailsAllItsStreamsAtOnce) {
  for (int when = 0; when < 4; ++when) {
    Outside o;
    o.uplink.open_with_sockets();
    std::uint32_t id = 0;
    const SocketPtr opening = o.dial(id);
    const SocketPtr open = o.connect(id);
    const SocketPtr with_data = o.connect(id);
    o.data(id, "kept");
    if (when == 0) o.uplink.hang_up();
    if (when == 1) o.uplink.hang_up(1001, "the proxy stops");
    if (when == 2) o.uplink.events->on_pipe_message(o.uplink.last, bytes_of("junk"));
    if (when == 3) o.world->set_tunnel("");
    EXPECT_EQ(opening->take_error(), NetError::network_unreachable);
    EXPECT_EQ(receive_one(*open).error, NetError::connection_reset);
    NetError end{};
    EXPECT_EQ(read_all(*with_data, end), "kept");
    EXPECT_EQ(end, NetError::connection_reset);
    EXPECT_EQ(o.world.stream()->connect(outside), NetError::network_unreachable);
    EXPECT_EQ(o.world->census().tunnel_streams, 0u);
    if (when == 1) {
      EXPECT_EQ(o.world->tunnel_status().why, "the proxy stops");
    }
  }
}

TEST(Tunnel, LostAtAnyStepOfAStoryItLeavesNothingBehind) {
  bool is_complete = false;
  for (int fails_at = 0; !is_complete; ++fails_at) {
    SCOPED_TRACE("lost after step " + std::to_string(fails_at));
    Outside o;
    int step = 0;
    // True when the tunnel is lost here.
    const auto lost = [&] {
      if (step++ == fails_at) o.uplink.hang_up();
      return o.phase() == TunnelPhase::waiting;
    };
    const SocketPtr door = o.world.listener(Address::any(Family::inet, 8080));
    o.uplink.open_with_sockets(2);
    std::uint32_t bind = 0;
    o.uplink.expect<wisp::Bind>(&bind);
    if (lost()) continue;
    o.uplink.say(bind, wisp::Bound{o.local, {o.local}});
    if (lost()) continue;
    const auto lookup = o.world->resolver().forward("a.test", Family::inet);
    std::uint32_t question = 0;
    o.uplink.expect<wisp::Resolve>(&question);
    if (lost()) {
      EXPECT_EQ(lookup->error(), NetError::network_unreachable);
      continue;
    }
    o.uplink.say(question, wisp::Resolved{Failure::none, "a.test", {}, {o.peer}});
    std::uint32_t id = 0;
    const SocketPtr socket = o.dial(id);
    if (lost()) {
      EXPECT_EQ(socket->take_error(), NetError::network_unreachable);
      continue;
    }
    o.uplink.say(id, wisp::Opened{o.local, o.peer});
    if (lost()) {
      EXPECT_EQ(send(*socket, "x").error, NetError::connection_reset);
      continue;
    }
    send(*socket, "question");
    o.data(id, "answer");
    if (lost()) continue;
    NetError end{};
    EXPECT_EQ(read_all(*socket, end), "answer");
    o.uplink.say(bind, wisp::Accepted{wisp::first_server_stream, o.local, o.peer});
    if (lost()) continue;
    const SocketPtr server = World::accept(*door);
    if (lost()) {
      EXPECT_EQ(receive_one(*server).error, NetError::connection_reset);
      continue;
    }
    socket->shutdown(Direction::send);
    o.uplink.say(id, wisp::Finish{});
    if (lost()) {
      EXPECT_EQ(receive_one(*socket), (Transfer{0, NetError::none}));
      continue;
    }
    socket->close();
    is_complete = !lost();
  }
}

TEST(Tunnel, LoopbackNeedsNoTunnel) {
  Outside o;
  auto [client, server] = o.world.pair();
  EXPECT_EQ(push_through(*client, *server, "hello"), "hello");
  EXPECT_TRUE(o.uplink.is_silent());
}

TEST(Tunnel, UnknownStreamsAndTypesAreIgnored) {
  Outside o;
  o.uplink.open_with_sockets();
  o.data(999, "nobody");
  o.uplink.say(999, wisp::Close{CloseReason::voluntary});
  const std::byte unknown[] = {std::byte{0x77}, std::byte{1}, std::byte{0}, std::byte{0},
                               std::byte{0}};
  o.uplink.events->on_pipe_message(o.uplink.last, unknown);
  EXPECT_EQ(o.phase(), TunnelPhase::open);
}

// Names.

TEST(Tunnel, AsksTheProxyForNames) {
  Outside o;
  o.uplink.open_with_sockets();
  const auto lookup = o.world->resolver().forward("Example.ORG", Family::inet);
  EXPECT_FALSE(lookup->is_done());
  EXPECT_EQ(o.world->census().lookups, 1u);
  std::uint32_t id = 0;
  const auto question = o.uplink.expect<wisp::Resolve>(&id);
  EXPECT_EQ(question.text, "example.org");
  EXPECT_EQ(question.family, wisp::Family::ipv4);
  o.uplink.say(id, wisp::Resolved{Failure::none, "real.example.org", {"example.org"}, {o.peer}});
  ASSERT_TRUE(lookup->is_done());
  EXPECT_EQ(lookup->name(), "real.example.org");
  EXPECT_EQ(lookup->aliases(), std::vector<std::string>{"example.org"});
  ASSERT_EQ(lookup->addresses().size(), 1u);
  EXPECT_EQ(lookup->addresses()[0], Address::v4(93, 184, 216, 34));
}

TEST(Tunnel, NamesFailInTheResolversWords) {
  const std::pair<Failure, NetError> rows[] = {
      {Failure::name_not_found, NetError::name_unknown},
      {Failure::name_try_again, NetError::name_try_again},
      {Failure::name_no_data, NetError::name_no_address},
      {Failure::name_failed, NetError::name_failure},
  };
  for (const auto& [failure, error] : rows) {
    Outside o;
    o.uplink.open_with_sockets();
    const auto lookup = o.world->resolver().forward("nope.test", Family::unspecified);
    std::uint32_t id = 0;
    o.uplink.expect<wisp::Resolve>(&id);
    o.uplink.say(id, wisp::Resolved{failure, "", {}, {}});
    EXPECT_EQ(lookup->error(), error);
  }
}

TEST(Tunnel, OnlySoManyQuestionsAreOnTheirWayTheOthersWait) {
  Outside o;
  o.uplink.open_with_sockets();
  std::vector<std::shared_ptr<net::Lookup>> lookups;
  for (std::size_t i = 0; i < net::questions_asked_max + 5; ++i) {
    lookups.push_back(o.world->resolver().forward("n" + std::to_string(i), Family::unspecified));
  }
  EXPECT_EQ(o.uplink.pipes[o.uplink.last].sent.size(), net::questions_asked_max);
  std::uint32_t id = 0;
  o.uplink.expect<wisp::Resolve>(&id);
  o.uplink.say(id, wisp::Resolved{Failure::none, "n0", {}, {o.peer}});
  EXPECT_EQ(o.uplink.pipes[o.uplink.last].sent.size(), net::questions_asked_max);
  o.world.deadlines.advance(net::lookup_timeout);
  EXPECT_EQ(lookups[1]->error(), NetError::name_try_again);
  o.uplink.hang_up();
  for (const auto& lookup : lookups) EXPECT_TRUE(lookup->is_done());
}

TEST(Tunnel, ADroppedQuestionIsForgotten) {
  Outside o;
  o.uplink.open_with_sockets();
  o.world->resolver().forward("a.test", Family::unspecified);
  std::uint32_t id = 0;
  o.uplink.expect<wisp::Resolve>(&id);
  EXPECT_EQ(o.world->census().lookups, 0u);
  o.uplink.say(id, wisp::Resolved{Failure::none, "a.test", {}, {o.peer}});
}

TEST(Tunnel, AgainstPlainServersNamesGetStandInsAndConnectSendsTheName) {
  Outside o;
  const auto early = o.world->resolver().forward("first.test", Family::unspecified);
  EXPECT_FALSE(early->is_done());
  o.uplink.open_version_1();
  ASSERT_TRUE(early->is_done());
  const Address stand_in = early->addresses().at(0);
  EXPECT_EQ(stand_in.host(), "198.18.0.1");
  const auto again = o.world->resolver().forward("first.test", Family::inet);
  EXPECT_EQ(again->addresses().at(0), stand_in);
  EXPECT_EQ(o.world->resolver().forward("x.test", Family::inet6)->error(),
            NetError::name_no_address);
  EXPECT_EQ(o.world->resolver().reverse(stand_in)->name(), "first.test");
  Address to = stand_in;
  to.port = 443;
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id, to);
  EXPECT_EQ(o.host, "first.test");
  EXPECT_EQ(o.world.stream()->connect(Address::v4(198, 18, 77, 77, 1)), NetError::host_unreachable);
}

TEST(Tunnel, TheProxysOwnMachineIsReachedByName) {
  Outside o;
  o.uplink.open_with_sockets();
  const auto lookup = o.world->resolver().forward("proxy.internal", Family::unspecified);
  ASSERT_TRUE(lookup->is_done());
  Address to = lookup->addresses().at(0);
  EXPECT_FALSE(to.is_loopback());
  to.port = 9000;
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id, to);
  EXPECT_EQ(o.host, "proxy.internal");
}

TEST(Tunnel, AForeignServersOwnMachineIsItsLoopback) {
  Outside o;
  o.uplink.open_version_1();
  Address to = o.world->resolver().forward("proxy.internal", Family::inet)->addresses().at(0);
  to.port = 9000;
  std::uint32_t id = 0;
  const SocketPtr socket = o.dial(id, to);
  EXPECT_EQ(o.host, "127.0.0.1");
}

TEST(Tunnel, StandInsAreBoundedAndTheLongestUnusedIsForgotten) {
  Outside o;
  o.uplink.open_version_1();
  const auto address_of = [&](int i) {
    return o.world->resolver()
        .forward("n" + std::to_string(i) + ".test", Family::unspecified)
        ->addresses()
        .at(0);
  };
  const Address first = address_of(0);
  const Address second = address_of(1);
  for (int i = 2; i < int(net::stand_ins_max); ++i) address_of(i);
  EXPECT_EQ(address_of(0), first);
  address_of(int(net::stand_ins_max));
  EXPECT_EQ(address_of(0), first);
  EXPECT_NE(address_of(1), second);
}

// websockify.

TEST(Websockify, EachConnectionIsAPipeOfBytes) {
  Outside o;
  o.world->set_tunnel("websockify://proxy.test:6080/websockify");
  EXPECT_EQ(o.phase(), TunnelPhase::open);
  const SocketPtr socket = o.world.dial(outside);
  ScriptedUplink::Pipe& pipe = o.uplink.pipes[o.uplink.last];
  EXPECT_EQ(pipe.url, "ws://proxy.test:6080/websockify?token=93.184.216.34:80");
  EXPECT_EQ(pipe.protocols, "binary");
  EXPECT_EQ(socket->ready(), Ready::nothing);
  o.uplink.accept("binary");
  EXPECT_EQ(socket->ready(), Ready::writable);
  send(*socket, "GET");
  EXPECT_EQ(text_of(pipe.sent.front()), "GET");
  o.uplink.events->on_pipe_message(o.uplink.last, bytes_of("200"));
  o.uplink.hang_up(1000);
  NetError end{};
  EXPECT_EQ(read_all(*socket, end), "200");
  EXPECT_EQ(end, NetError::none);
}

TEST(Websockify, OverTlsHasASchemeOfItsOwn) {
  Outside o;
  o.world->set_tunnel("websockifys://proxy.test");
  const SocketPtr socket = o.world.dial(outside);
  EXPECT_EQ(o.uplink.pipes[o.uplink.last].url, "wss://proxy.test/?token=93.184.216.34:80");
}

TEST(Websockify, AnUnansweredPipeIsUnreachableAndALostOneAReset) {
  Outside o;
  o.world->set_tunnel("websockify://proxy.test:6080/?token=fixed");
  const SocketPtr unanswered = o.world.dial(outside);
  EXPECT_EQ(o.uplink.pipes[o.uplink.last].url, "ws://proxy.test:6080/?token=fixed");
  o.uplink.hang_up();
  EXPECT_EQ(unanswered->take_error(), NetError::network_unreachable);
  const SocketPtr lost = o.world.dial(outside);
  o.uplink.accept("binary");
  o.uplink.hang_up();
  EXPECT_EQ(receive_one(*lost).error, NetError::connection_reset);
}

}  // namespace
}  // namespace moonwire::tests
