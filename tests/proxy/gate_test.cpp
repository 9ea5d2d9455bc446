// Host, Origin and token: who may come in.
#include "proxy/gate.h"

#include <gtest/gtest.h>

namespace moonwire::proxy {
namespace {

Gate loopback_gate() {
  return Gate{{.hosts = {"127.0.0.1:8080", "localhost:8080", "[::1]:8080", "named.example"},
               .port = "8080",
               .origins = {"https://front.example"},
               .tokens = {"right", "also-right"}}};
}

unsigned status(const std::optional<Refusal>& refusal) {
  return refusal ? refusal->status : 200;
}

TEST(Gate, KnowsItsOwnNames) {
  const Gate gate = loopback_gate();
  for (const char* host : {"127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080",
                           "named.example", "named.example:1234"}) {
    EXPECT_EQ(status(gate.check_host(host)), 200u) << host;
  }
}

TEST(Gate, RefusesAReboundName) {
  const Gate gate = loopback_gate();
  for (const char* host : {"evil.example:8080", "127.0.0.1", "127.0.0.1:8081", "localhost",
                           "127.0.0.1.evil.example:8080", "127.0.0.1:8080.evil", "localhost.:8080",
                           "10.0.0.1:8080", "0.0.0.0:8080", "[::]:8080"}) {
    EXPECT_EQ(status(gate.check_host(host)), 421u) << host;
  }
  EXPECT_EQ(status(gate.check_host("")), 400u);
}

TEST(Gate, OnAWildcardTakesLiteralsWithItsPort) {
  const Gate gate{{.hosts = {}, .any_literal = true, .port = "8080"}};
  EXPECT_EQ(status(gate.check_host("192.168.1.7:8080")), 200u);
  EXPECT_EQ(status(gate.check_host("[fd00::7]:8080")), 200u);
  EXPECT_EQ(status(gate.check_host("192.168.1.7:80")), 421u);
  EXPECT_EQ(status(gate.check_host("pc.example:8080")), 421u);
}

TEST(Gate, TakesItsOwnOriginAndListedOnes) {
  const Gate gate = loopback_gate();
  EXPECT_EQ(status(gate.check_origin(std::nullopt, "127.0.0.1:8080")), 200u);
  EXPECT_EQ(status(gate.check_origin("http://127.0.0.1:8080", "127.0.0.1:8080")), 200u);
  EXPECT_EQ(status(gate.check_origin("http://named.example", "named.example:80")), 200u);
  EXPECT_EQ(status(gate.check_origin("https://front.example", "127.0.0.1:8080")), 200u);
}

TEST(Gate, RefusesAForeignOrigin) {
  const Gate gate = loopback_gate();
  for (const char* origin :
       {"http://evil.example", "null", "", "https://127.0.0.1:8080", "http://127.0.0.1",
        "http://localhost:8080", "http://127.0.0.1:8080.evil.example", "file://",
        "http://127.0.0.1:80800"}) {
    EXPECT_EQ(status(gate.check_origin(origin, "127.0.0.1:8080")), 403u) << origin;
  }
}

TEST(Gate, WantsOneOfItsTokens) {
  const Gate gate = loopback_gate();
  EXPECT_EQ(status(gate.check_token("right")), 200u);
  EXPECT_EQ(status(gate.check_token("also-right")), 200u);
  EXPECT_EQ(status(gate.check_token("")), 401u);
  for (const char* token : {"righ", "right ", "Right", "rightalso-right", "wrong"}) {
    EXPECT_EQ(status(gate.check_token(token)), 403u) << token;
  }
  EXPECT_EQ(gate.wisp_path(), "/wisp/right/");
}

TEST(Gate, WithoutTokensLetsEveryoneWithTheRightHostIn) {
  const Gate gate{{.hosts = {"127.0.0.1:8080"}, .port = "8080"}};
  EXPECT_EQ(status(gate.check_token("")), 200u);
  EXPECT_EQ(gate.wisp_path(), "/wisp/");
}

TEST(RandomToken, Is128BitsAndNeverTheSame) {
  EXPECT_EQ(random_token().size(), 32u);
  EXPECT_NE(random_token(), random_token());
}

TEST(EqualInConstantTime, IsEquality) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

}  // namespace
}  // namespace moonwire::proxy
