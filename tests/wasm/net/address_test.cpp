// Address texts against the system's own inet_pton and inet_ntop.
#include "net/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace moonwire::net {
namespace {

TEST(Address, ReadsLiteralsAsTheSystemDoes) {
  for (const std::string text : {"127.0.0.1",
                                 "0.0.0.0",
                                 "255.255.255.255",
                                 "256.1.1.1",
                                 "1.2.3",
                                 "1.2.3.4.",
                                 "01.2.3.4",
                                 "1.2.3.4 ",
                                 "",
                                 ".",
                                 "1..2.3",
                                 "::",
                                 "::1",
                                 "1::",
                                 "1::2",
                                 "::ffff:1.2.3.4",
                                 "::1.2.3.4",
                                 "1:2:3:4:5:6:7:8",
                                 "1:2:3:4:5:6:7",
                                 "1:2:3:4:5:6:7:8:9",
                                 "1::2::3",
                                 ":",
                                 ":::",
                                 "1:",
                                 ":1",
                                 "fe80::1",
                                 "12345::",
                                 "g::",
                                 "1:2:3:4:5:6:1.2.3.4",
                                 "1:2:3:4:5:6:7:1.2.3.4",
                                 "::1.2.3",
                                 "1:2:3:4:5:6:7::",
                                 "::2:3:4:5:6:7:8",
                                 "1::3:4:5:6:7:8",
                                 "0:0:0:0:0:0:0:0",
                                 "1:2:3:4::5:6:7:8",
                                 "::1:",
                                 "1.2.3.4::",
                                 "ABCD:ef01::",
                                 "localhost"}) {
    in_addr v4{};
    in6_addr v6{};
    const bool is_v4 = inet_pton(AF_INET, text.c_str(), &v4) == 1;
    const bool is_v6 = inet_pton(AF_INET6, text.c_str(), &v6) == 1;
    const auto literal = parse_literal(text);
    ASSERT_EQ(literal.has_value(), is_v4 || is_v6) << text;
    EXPECT_EQ(parse_literal(text, Family::inet).has_value(), is_v4) << text;
    EXPECT_EQ(parse_literal(text, Family::inet6).has_value(), is_v6) << text;
    if (is_v4) {
      EXPECT_EQ(std::memcmp(literal->bytes.data(), &v4, 4), 0) << text;
    }
    if (is_v6) {
      EXPECT_EQ(std::memcmp(literal->bytes.data(), &v6, 16), 0) << text;
    }
  }
}

TEST(Address, PrintsIpv6AsTheSystemDoes) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Address address = Address::any(Family::inet6);
    for (std::uint8_t& byte : address.bytes) {
      byte = random() % 3 == 0 ? std::uint8_t(random()) : std::uint8_t{0};
    }
    if (i % 7 == 0) address = mapped(Address::v4(1, 2, 3, std::uint8_t(i)));
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
    ASSERT_EQ(address.host(), text);
    ASSERT_EQ(parse_literal(text), address);
  }
}

TEST(Address, ReadsLooseNumbersAsInetAtonDoes) {
  for (const std::string text :
       {"127.1", "0x7f000001", "5", "1.2.3", "1.2.65535", "1.2.65536", "1.16777215", "1.16777216",
        "4294967295", "4294967296", "0177.0.0.1", "08", "0x", "1.", "", "1.2.3.4.5", "0xg",
        "1.0x10"}) {
    in_addr expected{};
    const bool is_number = inet_aton(text.c_str(), &expected) != 0;
    const auto parsed = parse_loose_inet(text);
    ASSERT_EQ(parsed.has_value(), is_number) << text;
    if (is_number) {
      EXPECT_EQ(std::memcmp(parsed->bytes.data(), &expected, 4), 0) << text;
    }
  }
}

TEST(Address, KnowsWhereItPoints) {
  EXPECT_TRUE(Address::v4(127, 255, 0, 9).is_loopback());
  EXPECT_TRUE(Address::loopback(Family::inet6).is_loopback());
  EXPECT_TRUE(mapped(Address::v4(127, 0, 0, 1)).is_loopback());
  EXPECT_FALSE(Address::v4(128, 0, 0, 1).is_loopback());
  EXPECT_TRUE(Address::any(Family::inet6).is_any());
  EXPECT_TRUE(Address::v4(239, 1, 2, 3).is_multicast());
  EXPECT_TRUE(Address::v4(255, 255, 255, 255).is_broadcast());
  EXPECT_EQ(Address::loopback(Family::inet6, 80).text(), "[::1]:80");
  EXPECT_EQ(Address::v4(1, 2, 3, 4, 80).text(), "1.2.3.4:80");
  EXPECT_EQ(unmapped(mapped(Address::v4(1, 2, 3, 4, 80))), Address::v4(1, 2, 3, 4, 80));
}

}  // namespace
}  // namespace moonwire::net
