// The way in: HTTP, the gate with each attack written out, starting and stopping.
#include "proxy/server.h"

#include <gtest/gtest.h>

#include "support/running_proxy.h"

namespace moonwire::proxy::test {
namespace {

class ServerTest : public ::testing::Test {
 protected:
  std::string request(const std::string& line, const std::string& headers = {},
                      const std::string& host = {}) {
    const std::string own = "127.0.0.1:" + std::to_string(proxy_.port());
    return http(proxy_.port(), line + " HTTP/1.1\r\nHost: " + (host.empty() ? own : host) + "\r\n" +
                                   headers + "Connection: close\r\n\r\n");
  }
  std::string own_origin() { return "http://127.0.0.1:" + std::to_string(proxy_.port()); }
  static unsigned status(const std::string& response) {
    return response.size() > 12 ? static_cast<unsigned>(std::stoul(response.substr(9, 3))) : 0;
  }
  static std::string body(const std::string& response) {
    return response.substr(response.find("\r\n\r\n") + 4);
  }

  RunningProxy proxy_;
};

TEST_F(ServerTest, TellsThePageItsTokenAndNobodyElse) {
  const std::string response = request("GET /moonwire.json");
  EXPECT_EQ(status(response), 200u);
  EXPECT_NE(response.find("\"wisp\":\"/wisp/tok/\""), std::string::npos);
  EXPECT_NE(response.find("Cache-Control: no-store"), std::string::npos);
  EXPECT_EQ(response.find("Access-Control"), std::string::npos);
  EXPECT_EQ(status(request("GET /moonwire.json", "Origin: " + own_origin() + "\r\n")), 200u);
  EXPECT_EQ(status(request("GET /moonwire.json", "Sec-Fetch-Site: same-origin\r\n")), 200u);
  for (const char* attack : {"Origin: http://evil.example\r\n", "Origin: null\r\n",
                             "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n"}) {
    const std::string refused = request("GET /moonwire.json", attack);
    EXPECT_EQ(status(refused), 403u) << attack;
    EXPECT_EQ(refused.find("tok/"), std::string::npos) << attack;
  }
}

TEST_F(ServerTest, AReboundNameGetsNothing) {
  for (const char* path : {"/", "/moonwire.json", "/healthz", "/metrics", "/wisp/tok/"}) {
    const std::string response =
        request(std::string{"GET "} + path, {}, "evil.example:" + std::to_string(proxy_.port()));
    EXPECT_EQ(status(response), 421u) << path;
    EXPECT_NE(body(response).find("evil.example"), std::string::npos) << path;
  }
  EXPECT_EQ(status(http(proxy_.port(), "GET / HTTP/1.0\r\n\r\n")), 400u) << "no Host at all";
  EXPECT_EQ(
      status(http(proxy_.port(),
                  "GET / HTTP/1.1\r\nHost: localhost:1\r\nHost: x\r\nConnection: close\r\n\r\n")),
      400u)
      << "two of them";
}

TEST_F(ServerTest, AForeignPageOpensNoTunnel) {
  WispClient client{{.port = proxy_.port(), .origin = "http://evil.example"}};
  ASSERT_TRUE(client.refused());
  EXPECT_EQ(client.refused()->status, 403u);
  WispClient rebound{
      {.port = proxy_.port(), .host = "evil.example:80", .origin = "http://evil.example"}};
  ASSERT_TRUE(rebound.refused());
  EXPECT_EQ(rebound.refused()->status, 421u);
  proxy_.ask([](Server& server) {
    EXPECT_EQ(server.counters().refusals_origin, 1u);
    EXPECT_EQ(server.counters().refusals_host, 1u);
    EXPECT_EQ(server.counters().sessions_total, 0u);
    return 0;
  });
}

TEST_F(ServerTest, ATunnelNeedsTheToken) {
  for (const auto& [path, wanted] :
       {std::pair{"/wisp/", 401u}, std::pair{"/wisp/wrong/", 403u}, std::pair{"/wisp", 401u},
        std::pair{"/wisp/tok/more/", 403u}, std::pair{"/wisp/to%6b/", 403u},
        std::pair{"/elsewhere/", 404u}}) {
    WispClient client{{.port = proxy_.port(), .path = path}};
    ASSERT_TRUE(client.refused()) << path;
    EXPECT_EQ(client.refused()->status, wanted) << path;
  }
}

TEST_F(ServerTest, ABrowserSeesAWrongTokenAsACloseCode) {
  for (const char* path : {"/wisp/", "/wisp/wrong/"}) {
    for (const char* subprotocol : {"", "wisp-v2"}) {
      WispClient client{{.port = proxy_.port(),
                         .path = path,
                         .origin = own_origin(),
                         .subprotocol = subprotocol}};
      ASSERT_FALSE(client.refused()) << path;
      const Received received = client.receive();
      EXPECT_EQ(received.close_code, 4401u) << path;
      EXPECT_NE(received.close_reason.find("token"), std::string::npos) << path;
    }
  }
  EXPECT_TRUE(proxy_.is_empty_at_last());
}

TEST_F(ServerTest, ThePagesOwnOriginGetsIn) {
  WispClient client{{.port = proxy_.port(), .origin = own_origin()}};
  ASSERT_FALSE(client.refused());
  client.expect<wisp::Continue>(0);
}

TEST_F(ServerTest, SpeaksOnlyItsHttp) {
  EXPECT_EQ(status(request("GET /healthz")), 200u);
  EXPECT_EQ(status(request("GET /nothing")), 404u);
  EXPECT_EQ(status(request("GET /wisp/tok/")), 426u);
  EXPECT_EQ(status(request("POST /healthz", "Content-Length: 0\r\n")), 405u);
  EXPECT_EQ(status(request("OPTIONS /moonwire.json", "Access-Control-Request-Method: GET\r\n")),
            405u);
  EXPECT_EQ(status(http(proxy_.port(), "nonsense\r\n\r\n")), 400u);
  EXPECT_EQ(status(http(proxy_.port(), "GET / HTTP/1.1\r\nHost: x\r\nX: " +
                                           std::string(20'000, 'x') + "\r\n\r\n")),
            431u);
  EXPECT_EQ(body(request("HEAD /healthz")), "");
  EXPECT_NE(request("GET /metrics").find("moonwire_refusals_total{check=\"host\"} 0"),
            std::string::npos);
}

TEST_F(ServerTest, AnswersRequestsBackToBack) {
  const std::string one =
      "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(proxy_.port()) + "\r\n";
  const std::string responses =
      http(proxy_.port(), one + "\r\n" + one + "\r\n" + one + "Connection: close\r\n\r\n");
  std::size_t count = 0;
  for (std::size_t at = 0; (at = responses.find("200 OK", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 3u);
}

TEST_F(ServerTest, ForbidsThePageEverythingForeign) {
  const std::string response = request("GET /");
  for (const char* header : {"Content-Security-Policy: default-src 'self'",
                             "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer"}) {
    EXPECT_NE(response.find(header), std::string::npos) << header;
  }
  EXPECT_EQ(response.find("frame-ancestors"), std::string::npos) << "others may embed it";
}

TEST(Server, SendsASlowRequestAway) {
  Options options = test_options();
  options.limits.request_time = std::chrono::milliseconds{30};
  RunningProxy proxy{options};
  EXPECT_EQ(http(proxy.port(), "GET / HTTP/1.1\r\nHost: "), "");
}

TEST(Server, NamesAPortThatIsTaken) {
  RawListener other;
  asio::io_context io;
  Options options = test_options();
  options.listen_port = other.port();
  const auto made = Server::make(io.get_executor(), options);
  ASSERT_TRUE(std::holds_alternative<std::string>(made));
  EXPECT_NE(std::get<std::string>(made).find("port " + std::to_string(other.port()) + " is taken"),
            std::string::npos);
}

TEST(Server, TellsItsSessionsThatItStops) {
  RunningProxy proxy;
  WispClient client = proxy.v1();
  std::thread stopping{[&proxy] { proxy.stop(); }};
  const Received received = client.receive();
  EXPECT_EQ(received.close_code, 1001u);
  EXPECT_EQ(received.close_reason, "the proxy is stopping");
  stopping.join();
}

TEST(Server, RefusesConnectionsBeyondItsLimit) {
  Options options = test_options();
  options.limits.connections = 1;
  RunningProxy proxy{options};
  WispClient first = proxy.v1();
  RawSocket second = RawSocket::connect(proxy.port());
  EXPECT_EQ(second.read_to_end(), "");
}

}  // namespace
}  // namespace moonwire::proxy::test
