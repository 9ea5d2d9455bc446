// Names and services that the machine answers itself.
#include <gtest/gtest.h>

#include "world.h"

namespace moonwire::tests {
namespace {

struct Answer {
  NetError error;
  std::string name;
  std::string addresses;
};

Answer ask(World& world, std::string_view name, Family family = Family::unspecified) {
  const auto lookup = world->resolver().forward(name, family);
  EXPECT_TRUE(lookup->is_done()) << name;
  EXPECT_EQ(lookup->ready(), Ready::readable);
  Answer answer{lookup->error(), lookup->name(), ""};
  for (const Address& address : lookup->addresses()) answer.addresses += address.host() + " ";
  return answer;
}

TEST(Resolver, AnswersLiteralsWithoutAskingAnybody) {
  World world;
  EXPECT_EQ(ask(world, "127.0.0.1").addresses, "127.0.0.1 ");
  EXPECT_EQ(ask(world, "127.1").addresses, "127.0.0.1 ");
  EXPECT_EQ(ask(world, "0x7f000001").addresses, "127.0.0.1 ");
  EXPECT_EQ(ask(world, "5").addresses, "0.0.0.5 ");
  EXPECT_EQ(ask(world, "::1").addresses, "::1 ");
  EXPECT_EQ(ask(world, "10.1.2.3").addresses, "10.1.2.3 ");
  EXPECT_EQ(ask(world, "127.0.0.1", Family::inet6).error, NetError::name_wrong_family);
  EXPECT_EQ(ask(world, "::1", Family::inet).error, NetError::name_wrong_family);
}

TEST(Resolver, LocalhostIsIpv4Alone) {
  World world;
  EXPECT_EQ(ask(world, "localhost").addresses, "127.0.0.1 ");
  EXPECT_EQ(ask(world, "LOCALHOST").addresses, "127.0.0.1 ");
  EXPECT_EQ(ask(world, "localhost", Family::inet6).addresses, "::1 ");
  EXPECT_EQ(ask(world, net::machine_name).addresses, "127.0.0.1 ");
}

TEST(Resolver, WithoutAProxyOtherNamesAreUnreachableAtOnce) {
  World world;
  EXPECT_EQ(ask(world, "example.org").error, NetError::network_unreachable);
  EXPECT_EQ(ask(world, net::proxy_name).error, NetError::network_unreachable);
  EXPECT_EQ(ask(world, "").error, NetError::name_unknown);
  EXPECT_EQ(ask(world, "two words").error, NetError::name_unknown);
  EXPECT_EQ(ask(world, std::string(256, 'a')).error, NetError::name_unknown);
}

TEST(Resolver, KnowsTheNameOfLoopback) {
  World world;
  EXPECT_EQ(world->resolver().reverse(at(0))->name(), "localhost");
  EXPECT_EQ(world->resolver().reverse(Address::v4(10, 0, 0, 1))->error(), NetError::name_unknown);
}

TEST(Resolver, ReadsPortsAsGetaddrinfoDoes) {
  const auto port = [](std::string_view text) {
    std::uint16_t value = 0;
    return net::parse_service(text, value) ? int(value) : -1;
  };
  EXPECT_EQ(port("12345"), 12345);
  EXPECT_EQ(port(" 8090"), 8090);
  EXPECT_EQ(port(""), 0);
  EXPECT_EQ(port("70000"), 4464);
  EXPECT_EQ(port("65536"), 0);
  EXPECT_EQ(port("http"), 80);
  EXPECT_EQ(port("domain"), 53);
  for (const char* bad : {"-1", "1.5", "0.0", "9e3", "0x1F90", "nope", "8080.0", " ", "80 "}) {
    EXPECT_EQ(port(bad), -1) << bad;
  }
  EXPECT_EQ(net::service_name(80), "http");
  EXPECT_EQ(net::service_name(12345), "12345");
}

}  // namespace
}  // namespace moonwire::tests
