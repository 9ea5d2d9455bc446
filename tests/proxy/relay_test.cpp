// The raw relay: websockify's and wsproxy's ways in, and paths taken apart.
#include "proxy/relay.h"

#include <gtest/gtest.h>

#include "proxy/tunnel_path.h"
#include "support/running_proxy.h"

namespace moonwire::proxy::test {
namespace {

using Kind = TunnelPath::Kind;

TEST(TunnelPath, TellsTheThreeWaysApart) {
  EXPECT_EQ(parse_tunnel_path("/wisp/")->token, "");
  EXPECT_EQ(parse_tunnel_path("/wisp/tok/")->token, "tok");
  EXPECT_EQ(parse_tunnel_path("/wisp/tok?x=1")->kind, Kind::wisp);
  EXPECT_EQ(parse_tunnel_path("/websockify/?a=b&token=vm%31")->token, "vm1");
  EXPECT_EQ(parse_tunnel_path("/websockify?token=vm")->token, "vm");
  EXPECT_EQ(parse_tunnel_path("/websockify/vm/")->token, "vm");
  const auto relay = parse_tunnel_path("/wisp/tok/Example.com:80");
  EXPECT_EQ(relay->kind, Kind::wsproxy);
  EXPECT_EQ(relay->token, "tok");
  EXPECT_EQ(relay->host, "example.com");
  EXPECT_EQ(relay->port, 80);
  EXPECT_EQ(parse_tunnel_path("/[::1]:80")->host, "::1");
  for (const char* none : {"", "/", "/index.html", "/a/b:80", "/:80", "/a:0", "/a:65536", "/a:8x",
                           "/::1:80", "/websockify2/"}) {
    EXPECT_FALSE(parse_tunnel_path(none)) << none;
  }
}

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() {
    Options options = test_options();
    options.allow.clear();  // the operator's own targets need no rule
    options.websockify["vm"] = {"127.0.0.1", listener_.port(), Trust::configured};
    options.websockify["gone"] = {"127.0.0.1", closed_port(), Trust::configured};
    proxy_ = std::make_unique<RunningProxy>(options);
  }
  void TearDown() override { EXPECT_TRUE(proxy_->is_empty_at_last()) << "something was left over"; }

  WispClient open(const std::string& path, const std::string& subprotocol = "binary") {
    return WispClient{{.port = proxy_->port(), .path = path, .subprotocol = subprotocol}};
  }
  static std::vector<std::byte> bytes(const std::string& text) {
    const auto view = std::as_bytes(std::span{text});
    return {view.begin(), view.end()};
  }

  RawListener listener_;
  std::unique_ptr<RunningProxy> proxy_;
};

TEST_F(RelayTest, CarriesRawBytesAndEndsWithThePeer) {
  WispClient client = open("/websockify/?token=vm");
  EXPECT_EQ(client.chosen_subprotocol(), "binary");
  RawSocket peer = listener_.accept();
  client.send_bytes(bytes("hello"));
  EXPECT_EQ(peer.read(5), "hello");
  peer.send("world");
  EXPECT_EQ(text_of(client.receive().bytes), "world");
  peer.close();
  EXPECT_EQ(client.receive().close_code, 1000u);
}

TEST_F(RelayTest, WhatTheClientSentLastStillGoesOut) {
  WispClient client = open("/websockify/vm");
  RawSocket peer = listener_.accept();
  const std::string block(60'000, 'x');
  for (int i = 0; i < 20; ++i) client.send_bytes(bytes(block));
  std::thread closing{[&client] { client.close(); }};
  EXPECT_EQ(peer.read_to_end().size(), 20 * block.size());
  closing.join();
}

TEST_F(RelayTest, NeedsATokenThatNamesATarget) {
  EXPECT_EQ(open("/websockify/").refused()->status, 401u);
  EXPECT_EQ(open("/websockify/?token=other").refused()->status, 403u);
}

TEST_F(RelayTest, SaysThatTheTargetIsGone) {
  WispClient client = open("/websockify/?token=gone");
  EXPECT_EQ(client.receive().close_code, 1011u);
}

TEST_F(RelayTest, WsproxysPathStandsUnderTheRulesAndTheToken) {
  const std::string to = "127.0.0.1:" + std::to_string(listener_.port());
  EXPECT_EQ(open("/" + to).refused()->status, 401u);
  EXPECT_EQ(open("/wisp/wrong/" + to).refused()->status, 403u);
  WispClient client = open("/wisp/tok/" + to);
  ASSERT_FALSE(client.refused());
  EXPECT_EQ(client.receive().close_code, 4403u) << "loopback is not open";
}

}  // namespace
}  // namespace moonwire::proxy::test
