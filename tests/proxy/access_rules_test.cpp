// Rules as text, addresses in every spelling.
#include "proxy/access_rules.h"

#include <gtest/gtest.h>

namespace moonwire::proxy {
namespace {

namespace ip = boost::asio::ip;

std::vector<Rule> rules(std::initializer_list<const char*> texts) {
  std::vector<Rule> all;
  for (const char* text : texts) {
    auto parsed = parse_rule(text);
    if (const auto* error = std::get_if<RuleError>(&parsed)) {
      ADD_FAILURE() << error->why;
      continue;
    }
    for (Rule& rule : std::get<std::vector<Rule>>(parsed)) all.push_back(std::move(rule));
  }
  return all;
}

AccessRules open_rules(std::initializer_list<const char*> allow,
                       std::initializer_list<const char*> deny = {}) {
  return AccessRules{AccessRules::Default::open_internet, rules(allow), rules(deny)};
}

bool may(const AccessRules& all, const char* address, std::uint16_t port,
         const char* asked = nullptr) {
  return all.may_dial(asked != nullptr ? asked : address, ip::make_address(address), port).allowed;
}

TEST(AccessRules, OpenThePublicAndCloseEverythingElse) {
  const AccessRules all = open_rules({});
  for (const char* address : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.1",
                              "192.167.1.1", "100.63.1.1", "100.128.1.1", "2606:4700::1111",
                              "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(may(all, address, 80)) << address;
  }
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "127.0.0.1",
                              "127.255.255.254",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.168.0.1",
                              "198.18.0.1",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::ffff:169.254.169.254",
                              "::7f00:1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::a00:1",
                              "64:ff9b:1::1",
                              "100::1",
                              "2001::1",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "2002:a00:1::",
                              "fc00::1",
                              "fd00:ec2::254",
                              "fe80::1",
                              "fec0::1",
                              "ff02::1",
                              "3fff::1",
                              "4000::1"}) {
    EXPECT_FALSE(may(all, address, 80)) << address;
  }
}

TEST(AccessRules, WithoutADefaultOpenOnlyWhatIsNamed) {
  const AccessRules all{AccessRules::Default::nothing, rules({"*:443"}), {}};
  EXPECT_TRUE(may(all, "8.8.8.8", 443));
  EXPECT_FALSE(may(all, "8.8.8.8", 80));
  EXPECT_FALSE(may(all, "10.0.0.1", 443)) << "* means public addresses";
}

TEST(AccessRules, OpenAnAddressARangeAPortRange) {
  const AccessRules all = open_rules({"127.0.0.1:7777", "10.1.0.0/16:*", "[fd00::]/8:80-90"});
  EXPECT_TRUE(may(all, "127.0.0.1", 7777));
  EXPECT_TRUE(may(all, "::ffff:127.0.0.1", 7777));
  EXPECT_FALSE(may(all, "127.0.0.1", 7778));
  EXPECT_FALSE(may(all, "127.0.0.2", 7777));
  EXPECT_FALSE(may(all, "::1", 7777)) << "a rule for IPv4 says nothing about IPv6";
  EXPECT_TRUE(may(all, "10.1.255.1", 1));
  EXPECT_FALSE(may(all, "10.2.0.1", 1));
  EXPECT_TRUE(may(all, "fd12::1", 85));
  EXPECT_FALSE(may(all, "fd12::1", 91));
  EXPECT_FALSE(may(all, "fe00::1", 85));
}

TEST(AccessRules, LocalhostAndProxyInternalAreTheLoopbackAddresses) {
  for (const char* text : {"localhost:80", "proxy.internal:80", "LOCALHOST.:80"}) {
    const AccessRules all = open_rules({text});
    EXPECT_TRUE(may(all, "127.0.0.1", 80, "proxy.internal")) << text;
    EXPECT_TRUE(may(all, "127.9.9.9", 80)) << text;
    EXPECT_TRUE(may(all, "::1", 80)) << text;
    EXPECT_FALSE(may(all, "127.0.0.1", 81)) << text;
  }
}

TEST(AccessRules, ANamedHostMayBePrivateButNeverOurOwnMachine) {
  const AccessRules all = open_rules({"intra.example:80"});
  EXPECT_TRUE(may(all, "10.0.0.1", 80, "intra.example"));
  EXPECT_TRUE(may(all, "10.0.0.1", 80, "INTRA.example."));
  EXPECT_FALSE(may(all, "10.0.0.1", 80, "other.example"));
  EXPECT_FALSE(may(all, "127.0.0.1", 80, "intra.example")) << "its name server turned against us";
  EXPECT_FALSE(may(all, "169.254.169.254", 80, "intra.example"));
  EXPECT_FALSE(may(all, "10.0.0.1", 80, "10.0.0.1"));
}

TEST(AccessRules, ADenialWinsOverEveryPermission) {
  const AccessRules all =
      open_rules({"127.0.0.1:*", "*:*"}, {"127.0.0.1:22", "8.8.0.0/16:*", "bad.example:*"});
  EXPECT_TRUE(may(all, "127.0.0.1", 23));
  EXPECT_FALSE(may(all, "127.0.0.1", 22));
  EXPECT_FALSE(may(all, "::ffff:127.0.0.1", 22)) << "the same address in IPv6's clothes";
  EXPECT_FALSE(may(all, "8.8.8.8", 53));
  EXPECT_FALSE(may(all, "1.1.1.1", 53, "bad.example"));
}

TEST(AccessRules, SayWhyNot) {
  const Verdict verdict = open_rules({}).may_dial("10.0.0.1", ip::make_address("10.0.0.1"), 80);
  EXPECT_EQ(verdict.why, "10.0.0.1 port 80 (private) is not open: the proxy has no --allow for it");
  EXPECT_EQ(open_rules({"localhost:80", "*:*"}, {"1.1.1.1:1"}).summary(),
            "public addresses, localhost:80, *:*; never 1.1.1.1:1");
}

TEST(ParseRule, RefusesWhatItCannotMean) {
  for (const char* text : {"", ":", "host", "host:", ":80", "host:65536", "host:-1", "host:90-80",
                           "host:8x", "::1:80", "10.0.0.0/33:80", "10.0.0.1/x:80", "256.1.1.1:80",
                           "[::1:80", "a b:80", "127.1:80", "[fd00::]/129:1"}) {
    EXPECT_TRUE(std::holds_alternative<RuleError>(parse_rule(text))) << text;
  }
}

TEST(ParsePublishRule, TakesAnAddressAndPorts) {
  const auto any = std::get<PublishRule>(parse_publish_rule("*:8000-8010"));
  EXPECT_TRUE(any.address.is_unspecified());
  EXPECT_TRUE(any.ports.contains(8010));
  EXPECT_FALSE(any.ports.contains(8011));
  EXPECT_TRUE(std::get<PublishRule>(parse_publish_rule("[::1]:*")).address.is_loopback());
  EXPECT_TRUE(std::holds_alternative<RuleError>(parse_publish_rule("example.com:80")));
}

}  // namespace
}  // namespace moonwire::proxy
