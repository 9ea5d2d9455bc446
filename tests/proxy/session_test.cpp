// Conversations in Wisp 1, Wisp 2 and with our extension, against the real proxy and real TCP and
// UDP peers.
#include "proxy/session.h"

#include <gtest/gtest.h>

#include "support/running_proxy.h"
#include "wisp/limits.h"

namespace moonwire::proxy::test {
namespace {

using wisp::Close;
using wisp::CloseReason;
using wisp::Connect;
using wisp::Continue;
using wisp::Credit;
using wisp::Failure;
using wisp::FailureReport;
using wisp::Finish;
using wisp::Opened;
using wisp::StreamKind;

constexpr std::uint32_t wide = 1024 * 1024;

class SessionTest : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_TRUE(proxy_.is_empty_at_last()) << "something was left over"; }

  Connect to(std::uint16_t port, std::string_view host = "127.0.0.1") {
    return {StreamKind::tcp, port, host};
  }
  /// A stream with our extension, and its peer's end.
  RawSocket open(WispClient& client, std::uint32_t id) {
    client.send(id, to(listener_.port()));
    RawSocket peer = listener_.accept();
    client.expect<Opened>(id);
    return peer;
  }
  Failure failure_of(WispClient& client, std::uint32_t id) {
    const Received report = client.receive();
    const Failure failure = report.as<FailureReport>(id).failure;
    EXPECT_EQ(client.receive().as<Close>(id).reason, wisp::close_reason_for(failure));
    return failure;
  }

  RunningProxy proxy_;
  RawListener listener_;
};

// Version 1.

TEST_F(SessionTest, Version1BeginsWithTheBufferOnStreamZero) {
  WispClient client{{.port = proxy_.port()}};
  EXPECT_EQ(client.receive().as<Continue>(0).packets, wisp::stream_buffer_packets);
}

TEST_F(SessionTest, CarriesBytesBothWaysAndEndsWithThePeer) {
  WispClient client = proxy_.v1();
  client.send(7, to(listener_.port()));
  client.send_data(7, "early");  // before anyone answered
  RawSocket peer = listener_.accept();
  EXPECT_EQ(peer.read(5), "early");
  peer.send("hello");
  EXPECT_EQ(client.read(7, 5), "hello");
  peer.send("bye");
  peer.finish_sending();
  EXPECT_EQ(client.read(7, 3), "bye");
  EXPECT_EQ(client.receive().as<Close>(7).reason, CloseReason::voluntary);
  EXPECT_EQ(peer.error_at_end(), 0);
}

TEST_F(SessionTest, SaysInWispsWordsWhyAStreamCannotBe) {
  WispClient client = proxy_.v1();
  const auto reason = [&](std::uint32_t id, const Connect& connect) {
    client.send(id, connect);
    return client.receive().as<Close>(id).reason;
  };
  EXPECT_EQ(reason(1, to(closed_port())), CloseReason::refused);
  EXPECT_EQ(reason(2, to(80, "10.0.0.1")), CloseReason::blocked);
  EXPECT_EQ(reason(3, to(80, "no-such-name.invalid")), CloseReason::unreachable);
  EXPECT_EQ(reason(4, to(0)), CloseReason::invalid);
  EXPECT_EQ(reason(5, to(80, "")), CloseReason::invalid);
  EXPECT_EQ(reason(6, to(80, std::string(256, 'a'))), CloseReason::invalid);
  EXPECT_EQ(reason(7, to(80, "a b")), CloseReason::invalid);
  EXPECT_EQ(reason(8, to(80, std::string_view{"a\0b", 3})), CloseReason::invalid);
  EXPECT_EQ(reason(9, {static_cast<StreamKind>(3), 80, "127.0.0.1"}), CloseReason::invalid);
}

TEST_F(SessionTest, NoSpellingOfAnAddressGetsAroundTheRules) {
  WispClient client = proxy_.v1();
  std::uint32_t id = 1;
  for (const char* host :
       {"10.1", "0x0a.0.0.1", "167772161", "012.0.0.1", "::ffff:10.0.0.1", "[::ffff:a00:1]", "0",
        "0.0.0.0", "::", "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a00:1",
        "127.0.0.1.", "localhost6"}) {
    client.send(++id, to(80, host));
    const Received received = client.receive();
    const CloseReason reason = received.as<Close>(id).reason;
    const bool leads_to_loopback = std::string_view{host} == "127.0.0.1.";
    EXPECT_TRUE(reason == CloseReason::blocked || reason == CloseReason::unreachable ||
                (leads_to_loopback && reason == CloseReason::refused))
        << host << ": " << received.describe();
  }
}

TEST_F(SessionTest, ProxyInternalIsTheProxysOwnLoopback) {
  WispClient client = proxy_.v1();
  client.send(1, to(listener_.port(), "proxy.internal"));
  RawSocket peer = listener_.accept();
  peer.send("x");
  EXPECT_EQ(client.read(1, 1), "x");
}

TEST_F(SessionTest, ClosingInOrderDeliversWhatWasSentBefore) {
  WispClient client = proxy_.v1();
  client.send(1, to(listener_.port()));
  RawSocket peer = listener_.accept();
  peer.send("a");
  client.read(1, 1);
  const std::string block(60'000, 'x');
  for (int i = 0; i < 20; ++i) client.send_data(1, block);  // more than the sockets hold
  client.send(1, Close{CloseReason::voluntary});
  EXPECT_EQ(peer.read_to_end().size(), 20 * block.size());
}

TEST_F(SessionTest, ClosingWithAnErrorResetsTheConnection) {
  WispClient client = proxy_.v1();
  client.send(1, to(listener_.port()));
  RawSocket peer = listener_.accept();
  peer.send("a");
  client.read(1, 1);
  client.send(1, Close{CloseReason::client_error});
  EXPECT_EQ(peer.error_at_end(), ECONNRESET);
}

TEST_F(SessionTest, ContinueComesWhenHalfTheBufferHasGoneOn) {
  WispClient client = proxy_.v1();
  client.send(1, to(listener_.port()));
  RawSocket peer = listener_.accept();
  for (std::uint32_t i = 0; i < wisp::stream_buffer_packets / 2; ++i) client.send_data(1, "x");
  EXPECT_EQ(peer.read(16).size(), 16u);
  EXPECT_EQ(client.receive().as<Continue>(1).packets, wisp::stream_buffer_packets);
}

TEST_F(SessionTest, ASenderThatIgnoresContinueLosesItsStreamOnly) {
  WispClient client = proxy_.v1();
  client.send(1, to(listener_.port()));
  RawSocket peer = listener_.accept();
  client.send(2, to(listener_.port()));
  RawSocket other = listener_.accept();
  const std::string block(wisp::max_sent_payload, 'x');
  for (int i = 0; i < 200; ++i) client.send_data(1, block);  // the peer reads nothing
  Received received = client.receive();
  while (std::to_integer<int>(received.bytes.at(0)) == 3) received = client.receive();
  EXPECT_EQ(received.as<Close>(1).reason, CloseReason::throttled);
  client.send_data(2, "still here");
  EXPECT_EQ(other.read(10), "still here");
}

TEST_F(SessionTest, TheExtensionsPacketsAreIgnoredWithoutIt) {
  WispClient client = proxy_.v1();
  client.send(1, wisp::Resolve{wisp::Question::addresses, wisp::Family::none, "localhost"});
  client.send(1, wisp::Bind{});
  client.send_bytes({std::byte{0x77}, std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}});
  client.send(2, to(closed_port()));
  EXPECT_EQ(client.receive().as<Close>(2).reason, CloseReason::refused);
}

// Version 2.

TEST_F(SessionTest, Version2TellsItsExtensionsFirst) {
  WispClient client{{.port = proxy_.port(), .subprotocol = "other, wisp-v2"}};
  EXPECT_EQ(client.chosen_subprotocol(), "wisp-v2");
  const Received received = client.receive();
  const auto info = received.as<wisp::Info>(0);
  EXPECT_EQ(info.major, 2);
  EXPECT_TRUE(wisp::find(info, wisp::ExtensionId::udp));
  EXPECT_TRUE(wisp::find(info, wisp::ExtensionId::open_confirmation));
  EXPECT_FALSE(wisp::find(info, wisp::ExtensionId::password));
  const auto offer =
      wisp::decode_sockets_offer(wisp::find(info, wisp::ExtensionId::sockets).value());
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->version, 1);
}

TEST_F(SessionTest, ANamelessSubprotocolIsAcceptedAsItIs) {
  WispClient client{{.port = proxy_.port(), .subprotocol = "anything"}};
  EXPECT_EQ(client.chosen_subprotocol(), "anything");
  client.expect<wisp::Info>(0);
}

TEST_F(SessionTest, AFirstPacketThatIsNotInfoEndsTheSession) {
  WispClient client{{.port = proxy_.port(), .subprotocol = "wisp-v2"}};
  client.expect<wisp::Info>(0);
  client.send(1, to(80));
  const Received received = client.receive();
  EXPECT_EQ(received.close_code, 4400u);
  EXPECT_EQ(received.close_reason, "the first packet was not INFO");
}

TEST_F(SessionTest, AClientMayFindTheExtensionsIncompatible) {
  WispClient client{{.port = proxy_.port(), .subprotocol = "wisp-v2"}};
  client.expect<wisp::Info>(0);
  client.send(0, Close{CloseReason::incompatible});
  EXPECT_EQ(client.receive().close_code, 1000u);
}

TEST_F(SessionTest, WithoutUdpAgreedOnNoUdpStreamOpens) {
  WispClient client{{.port = proxy_.port(), .subprotocol = "wisp-v2"}};
  client.expect<wisp::Info>(0);
  client.send(0, wisp::Info{});
  client.expect<Continue>(0);
  client.send(1, Connect{StreamKind::udp, 53, "127.0.0.1"});
  EXPECT_EQ(client.receive().as<Close>(1).reason, CloseReason::invalid);
}

// The extension.

TEST_F(SessionTest, OpenedTellsBothAddresses) {
  WispClient client = proxy_.v2(wide);
  client.send(1, to(listener_.port()));
  RawSocket peer = listener_.accept();
  const Received received = client.receive();
  const auto opened = received.as<Opened>(1);
  EXPECT_EQ(opened.local.port, peer.peer_port());
  EXPECT_EQ(opened.peer.port, peer.local_port());
  EXPECT_EQ(opened.peer.family, wisp::Family::ipv4);
  EXPECT_EQ(opened.peer.bytes[0], 127);
}

TEST_F(SessionTest, ShuttingOneDirectionLeavesTheOther) {
  WispClient client = proxy_.v2(wide);
  RawSocket peer = open(client, 1);
  client.send_data(1, "question");
  client.send(1, Finish{});
  EXPECT_EQ(peer.read_to_end(), "question");
  peer.send("answer");
  EXPECT_EQ(client.read(1, 6), "answer");
  peer.close();
  client.expect<Finish>(1);
  EXPECT_EQ(client.receive().as<Close>(1).reason, CloseReason::voluntary);
}

TEST_F(SessionTest, ThePeersEndLeavesOurSideOpen) {
  WispClient client = proxy_.v2(wide);
  RawSocket peer = open(client, 1);
  peer.send("all");
  peer.finish_sending();
  EXPECT_EQ(client.read(1, 3), "all");
  client.expect<Finish>(1);
  client.send_data(1, "still");
  EXPECT_EQ(peer.read(5), "still");
  client.send(1, Finish{});
  client.send(1, Finish{});  // a second one means nothing
  EXPECT_EQ(client.receive().as<Close>(1).reason, CloseReason::voluntary);
  EXPECT_EQ(peer.error_at_end(), 0);
}

TEST_F(SessionTest, FinishWaitsForWhatWasSentBefore) {
  WispClient client = proxy_.v2(wide);
  RawSocket peer = open(client, 1);
  const std::string block(60'000, 'x');
  for (int i = 0; i < 20; ++i) client.send_data(1, block);
  client.send(1, Finish{});
  EXPECT_EQ(peer.read_to_end().size(), 20 * block.size());
}

TEST_F(SessionTest, DataAfterFinishEndsTheStream) {
  WispClient client = proxy_.v2(wide);
  RawSocket peer = open(client, 1);
  client.send(1, Finish{});
  client.send_data(1, "too late");
  EXPECT_EQ(failure_of(client, 1), Failure::invalid_argument);
}

TEST_F(SessionTest, AResetIsToldAsOne) {
  WispClient client = proxy_.v2(wide);
  RawSocket peer = open(client, 1);
  peer.reset();
  EXPECT_EQ(failure_of(client, 1), Failure::reset);
}

TEST_F(SessionTest, FailuresAreExact) {
  WispClient client = proxy_.v2(wide);
  client.send(1, to(closed_port()));
  EXPECT_EQ(failure_of(client, 1), Failure::refused);
  client.send(2, to(80, "192.168.0.1"));
  EXPECT_EQ(failure_of(client, 2), Failure::denied_by_rule);
  client.send(3, to(80, "no-such-name.invalid"));
  const Failure unknown = failure_of(client, 3);
  EXPECT_TRUE(unknown == Failure::name_not_found || unknown == Failure::name_try_again);
  client.send(0x80000000, to(80));
  EXPECT_EQ(failure_of(client, 0x80000000), Failure::invalid_argument);
}

TEST_F(SessionTest, AnIdInUseCostsTheOldStreamAndOpensNoNew) {
  WispClient client = proxy_.v2(wide);
  RawSocket peer = open(client, 1);
  client.send(1, to(listener_.port()));
  EXPECT_EQ(failure_of(client, 1), Failure::invalid_argument);
  EXPECT_EQ(peer.error_at_end(), ECONNRESET);
}

TEST_F(SessionTest, AStreamWithoutCreditIsNotReadAndHoldsUpNoOther) {
  WispClient client = proxy_.v2(1000);
  RawSocket stalled = open(client, 1);
  RawSocket lively = open(client, 2);
  stalled.send(std::string(5000, 's'));
  EXPECT_EQ(client.read(1, 1000).size(), 1000u);
  for (int i = 0; i < 50; ++i) {  // nothing of stream 1 comes between
    client.send_data(2, "ping");
    EXPECT_EQ(lively.read(4), "ping");
    lively.send("pong");
    EXPECT_EQ(client.read(2, 4), "pong");
  }
  client.send(1, Credit{1500});
  EXPECT_EQ(client.read(1, 1500).size(), 1500u);
  client.send(1, Credit{0xffffffff});
  EXPECT_EQ(client.read(1, 2500).size(), 2500u);
}

TEST_F(SessionTest, ResolveAnswersWithAllAddresses) {
  WispClient client = proxy_.v2(wide);
  client.send(9, wisp::Resolve{wisp::Question::addresses, wisp::Family::none, "127.0.0.1"});
  Received received = client.receive();
  auto resolved = received.as<wisp::Resolved>(9);
  EXPECT_EQ(resolved.failure, Failure::none);
  ASSERT_EQ(resolved.addresses.size(), 1u);
  EXPECT_EQ(resolved.addresses[0].bytes[0], 127);
  client.send(9, wisp::Resolve{wisp::Question::addresses, wisp::Family::none, "proxy.internal"});
  received = client.receive();
  EXPECT_EQ(received.as<wisp::Resolved>(9).addresses.size(), 2u);
  client.send(9, wisp::Resolve{wisp::Question::addresses, wisp::Family::ipv6, "localhost"});
  received = client.receive();
  EXPECT_EQ(received.as<wisp::Resolved>(9).failure, Failure::name_no_data);
  client.send(9,
              wisp::Resolve{wisp::Question::addresses, wisp::Family::none, "no-such-name.invalid"});
  received = client.receive();
  EXPECT_NE(received.as<wisp::Resolved>(9).failure, Failure::none);
}

TEST_F(SessionTest, ResolveTellsTheNameOfAnAddress) {
  WispClient client = proxy_.v2(wide);
  client.send(9, wisp::Resolve{wisp::Question::names, wisp::Family::none, "127.0.0.1"});
  Received received = client.receive();
  EXPECT_EQ(received.as<wisp::Resolved>(9).name, "localhost");
  client.send(9, wisp::Resolve{wisp::Question::names, wisp::Family::none, "localhost"});
  received = client.receive();
  EXPECT_EQ(received.as<wisp::Resolved>(9).failure, Failure::invalid_argument);
  client.send(9, wisp::Resolve{static_cast<wisp::Question>(3), wisp::Family::none, "x"});
  received = client.receive();
  EXPECT_EQ(received.as<wisp::Resolved>(9).failure, Failure::invalid_argument);
}

TEST_F(SessionTest, OptionsAreSetOrRefusedWithoutHarm) {
  WispClient client = proxy_.v2(wide);
  RawSocket peer = open(client, 1);
  const auto set = [&](std::uint8_t option, std::uint32_t value) {
    client.send(1, wisp::Option{static_cast<wisp::SocketOption>(option), value, {}, {}});
  };
  for (const std::uint8_t option : std::initializer_list<std::uint8_t>{1, 2, 3, 4, 5, 11})
    set(option, 1);
  peer.send("x");
  EXPECT_EQ(client.read(1, 1), "x") << "no complaint came before it";
  const auto complaint = [&] { return client.receive().as<FailureReport>(1).failure; };
  set(1, 2);
  EXPECT_EQ(complaint(), Failure::invalid_argument);
  set(3, 0);
  EXPECT_EQ(complaint(), Failure::invalid_argument);
  set(6, 1);
  EXPECT_EQ(complaint(), Failure::not_supported) << "broadcast is for UDP";
  set(99, 1);
  EXPECT_EQ(complaint(), Failure::not_supported);
  peer.send("y");
  EXPECT_EQ(client.read(1, 1), "y");
}

TEST_F(SessionTest, ABulkDownloadArrivesWhole) {
  WispClient client = proxy_.v2(64 * 1024);
  RawSocket peer = open(client, 1);
  constexpr std::size_t size = 8 * 1024 * 1024;
  std::string sent(size, '\0');
  for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<char>(i * 31 % 251);
  std::thread sender{[&] {
    peer.send(sent);
    peer.finish_sending();
  }};
  std::string got;
  while (got.size() < size) {
    const std::string part = client.read(1, 1);
    if (part.empty()) break;
    got += part;
    client.send(1, Credit{static_cast<std::uint32_t>(part.size())});
  }
  sender.join();
  EXPECT_TRUE(got == sent);
  client.expect<Finish>(1);
}

// UDP.

TEST_F(SessionTest, DatagramsKeepTheirBoundaries) {
  for (const bool has_sockets : {false, true}) {
    asio::io_context io;
    ip::udp::socket peer{io, {ip::address_v4::loopback(), 0}};
    WispClient client = has_sockets ? proxy_.v2(wide) : proxy_.v1();
    client.send(1, Connect{StreamKind::udp, peer.local_endpoint().port(), "127.0.0.1"});
    client.send_data(1, "one");
    client.send_data(1, "");
    client.send_data(1, "three");
    if (has_sockets) client.expect<Opened>(1);
    std::array<char, 100> buffer{};
    ip::udp::endpoint from;
    for (const std::string_view wanted : {"one", "", "three"}) {
      const std::size_t size = peer.receive_from(asio::buffer(buffer), from);
      EXPECT_EQ(std::string_view(buffer.data(), size), wanted);
      peer.send_to(asio::buffer(buffer, size), from);
      const Received received = client.receive();
      EXPECT_EQ(text_of(received.as<wisp::Data>(1).payload), wanted);
    }
  }
}

TEST_F(SessionTest, ARefusedDatagramIsReportedAndTheStreamLives) {
  asio::io_context io;
  ip::udp::socket peer{io, {ip::address_v4::loopback(), 0}};
  const std::uint16_t port = peer.local_endpoint().port();
  peer.close();
  WispClient client = proxy_.v2(wide);
  client.send(1, Connect{StreamKind::udp, port, "127.0.0.1"});
  client.expect<Opened>(1);
  client.send_data(1, "to nobody");
  EXPECT_EQ(client.receive().as<FailureReport>(1).failure, Failure::refused);
  peer.open(ip::udp::v4());
  peer.bind({ip::address_v4::loopback(), port});
  client.send_data(1, "to somebody");
  std::array<char, 100> buffer{};
  EXPECT_EQ(peer.receive(asio::buffer(buffer)), 11u);
}

// What breaks a session, and only that one.

class MalformedTest : public SessionTest {
 protected:
  Received after(const std::vector<std::byte>& message) {
    WispClient bystander = proxy_.v1();
    WispClient client = proxy_.v2(wide);
    client.send_bytes(message);
    Received received = client.receive();
    bystander.send(1, to(closed_port()));
    EXPECT_EQ(bystander.receive().as<Close>(1).reason, CloseReason::refused)
        << "another session suffered";
    return received;
  }
};

TEST_F(MalformedTest, PacketsCutShortEndTheirSession) {
  EXPECT_EQ(after({}).close_code, 4400u);
  EXPECT_EQ(after({std::byte{1}}).close_code, 4400u);
  EXPECT_EQ(after({std::byte{1}, std::byte{1}, std::byte{0}, std::byte{0}}).close_code, 4400u);
  for (const wisp::Body& body :
       {wisp::Body{Connect{}}, wisp::Body{Close{}}, wisp::Body{Credit{}}, wisp::Body{wisp::Bind{}},
        wisp::Body{wisp::Option{}}, wisp::Body{wisp::Datagram{}}}) {
    auto message = wisp::encode(5, body);
    message.resize(wisp::header_bytes);
    EXPECT_EQ(after(message).close_code, 4400u) << std::to_integer<int>(message[0]);
  }
}

TEST_F(MalformedTest, StreamZeroCannotBeOpened) {
  EXPECT_EQ(after(wisp::encode(0, to(80))).close_code, 4400u);
}

TEST_F(MalformedTest, AMessageOverTheLimitEndsTheSession) {
  std::vector<std::byte> message(wisp::max_packet_bytes + 1, std::byte{2});
  EXPECT_EQ(after(message).close_code, 1009u);
}

TEST_F(MalformedTest, TextEndsTheSession) {
  WispClient client = proxy_.v1();
  client.send_text("hello");
  EXPECT_EQ(client.receive().close_code, 1003u);
}

TEST_F(MalformedTest, ServersOwnPacketsFromAClientAreIgnored) {
  WispClient client = proxy_.v2(wide);
  client.send(1, Opened{});
  client.send(1, wisp::Accepted{});
  client.send(1, wisp::Resolved{});
  client.send(1, FailureReport{});
  client.send(1, Continue{5});
  client.send(0, wisp::Info{});
  client.send(2, to(closed_port()));
  EXPECT_EQ(failure_of(client, 2), Failure::refused);
}

TEST_F(SessionTest, AMessageInFragmentsIsOnePacket) {
  RawSocket socket = RawSocket::connect(proxy_.port());
  socket.send("GET /wisp/tok/ HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(proxy_.port()) +
              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += socket.read(1);
  EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
  socket.read(2 + 9);  // CONTINUE
  // CONNECT to port 0 of stream 1, in three fragments with a ping between; the mask is zero.
  const std::string none(4, '\0');
  socket.send(std::string{"\x02\x85", 2} + none + std::string{"\x01\x01\x00\x00\x00", 5});
  socket.send(std::string{"\x89\x82", 2} + none + "hi");
  socket.send(std::string{"\x00\x83", 2} + none + std::string{"\x01\x00\x00", 3});
  socket.send(std::string{"\x80\x81", 2} + none + "h");
  EXPECT_EQ(socket.read(4), "\x8a\x02hi");
  EXPECT_EQ(socket.read(8), (std::string{"\x82\x06\x04\x01\x00\x00\x00\x41", 8}));
}

// Limits.

TEST(SessionLimits, AreEachToldByName) {
  Options options = test_options();
  options.limits.streams_per_session = 2;
  RunningProxy proxy{options};
  RawListener listener;
  WispClient client = proxy.v2(wide);
  client.send(1, Connect{StreamKind::tcp, listener.port(), "127.0.0.1"});
  client.expect<Opened>(1);
  client.send(2, Connect{StreamKind::tcp, listener.port(), "127.0.0.1"});
  client.expect<Opened>(2);
  client.send(3, Connect{StreamKind::tcp, listener.port(), "127.0.0.1"});
  const Received received = client.receive();
  EXPECT_EQ(received.as<FailureReport>(3).failure, Failure::limit_reached);
  EXPECT_EQ(received.as<FailureReport>(3).text, "too many streams in this session");
}

TEST(SessionLimits, AClientThatNeverSaysInfoIsSentAway) {
  Options options = test_options();
  options.limits.handshake_time = std::chrono::milliseconds{30};
  RunningProxy proxy{options};
  WispClient client{{.port = proxy.port(), .subprotocol = "wisp-v2"}};
  client.expect<wisp::Info>(0);
  EXPECT_EQ(client.receive().close_code, 4408u);
}

TEST(SessionLimits, ASilentClientIsGone) {
  Options options = test_options();
  options.limits.silence_time = std::chrono::milliseconds{50};
  options.limits.ping_interval = std::chrono::hours{1};
  RunningProxy proxy{options};
  WispClient client = proxy.v1();
  EXPECT_EQ(client.receive().close_code, 1006u);
  EXPECT_TRUE(proxy.is_empty_at_last());
}

TEST(SessionLimits, ASessionBeyondTheLastIsToldSo) {
  Options options = test_options();
  options.limits.sessions = 1;
  RunningProxy proxy{options};
  WispClient first = proxy.v1();
  WispClient second{{.port = proxy.port()}};
  EXPECT_EQ(second.receive().close_code, 4429u);
}

// Passwords.

std::vector<std::byte> wisp_js_credentials(std::string_view user, std::string_view password) {
  std::vector<std::byte> out{static_cast<std::byte>(user.size()),
                             static_cast<std::byte>(password.size()), std::byte{0}};
  for (const char c : std::string{user} + std::string{password})
    out.push_back(static_cast<std::byte>(c));
  return out;
}

class PasswordTest : public ::testing::Test {
 protected:
  static Options options() {
    Options options = test_options();
    options.users = {"me:secret", "you:other"};
    return options;
  }
  Received after_info(const std::vector<std::byte>& info) {
    WispClient client{{.port = proxy_.port(), .subprotocol = "wisp-v2"}};
    const Received hello = client.receive();
    EXPECT_TRUE(wisp::find(hello.as<wisp::Info>(0), wisp::ExtensionId::password));
    client.send_bytes(info);
    return client.receive();
  }
  RunningProxy proxy_{options()};
};

TEST_F(PasswordTest, IsAcceptedInBothForms) {
  for (const auto& right :
       {wisp::encode_credentials({"me", "secret"}), wisp::encode_credentials({"you", "other"}),
        wisp_js_credentials("me", "secret")}) {
    EXPECT_EQ(after_info(client_info(wide, right)).as<Continue>(0).packets, 32u);
  }
}

TEST_F(PasswordTest, IsRefusedWhenWrongAndWhenMissing) {
  for (const auto& wrong :
       {wisp::encode_credentials({"me", "other"}), wisp::encode_credentials({"me", ""}),
        wisp::encode_credentials({"", "secret"}), wisp_js_credentials("me", "secre")}) {
    EXPECT_EQ(after_info(client_info(wide, wrong)).as<Close>(0).reason, CloseReason::bad_password);
  }
  EXPECT_EQ(after_info(client_info(wide)).as<Close>(0).reason, CloseReason::missing_credentials);
}

TEST_F(PasswordTest, CannotBeGivenInVersion1) {
  WispClient client{{.port = proxy_.port()}};
  EXPECT_EQ(client.receive().as<Close>(0).reason, CloseReason::missing_credentials);
  EXPECT_EQ(client.receive().close_code, 4403u);
}

}  // namespace
}  // namespace moonwire::proxy::test
