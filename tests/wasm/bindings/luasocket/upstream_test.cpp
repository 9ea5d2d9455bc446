// Upstream's own tests, unmodified from its release, each in a machine.
#include <gtest/gtest.h>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

const std::string upstream = MOONWIRE_LUASOCKET_TESTS;

std::string upstream_text(const std::string& name) {
  const std::string text = file_text(upstream + "/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

struct Suite {
  const char* name;
  const char* last_words;  // how its output ends when everything held
};

class Upstream : public ::testing::TestWithParam<Suite> {};

TEST_P(Upstream, Passes) {
  LuasocketMachine machine;
  machine.put("testsupport.lua", upstream_text("testsupport.lua"));
  const kernel::Pid pid = machine.start(upstream_text(GetParam().name));
  machine.run_until_idle();
  const std::string output = machine.output(pid) + machine.errors(pid);
  EXPECT_EQ(machine.status(pid), 0) << output;
  EXPECT_NE(output.find(GetParam().last_words), std::string::npos) << output;
  EXPECT_EQ(output.find("ERROR"), std::string::npos) << output;
  EXPECT_EQ(machine.leftovers(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Files, Upstream,
    ::testing::Values(Suite{"hello.lua", "Hello from LuaSocket 3.0.0 and MIME 1.0.3!"},
                      Suite{"excepttest.lua", "OK"}, Suite{"stufftest.lua", "ok"},
                      Suite{"urltest.lua", "the library passed all tests"},
                      Suite{"ltn12test.lua", "ok"}, Suite{"mimetest.lua", "done in"},
                      Suite{"test_bind.lua", "done!"}, Suite{"test_getaddrinfo.lua", "done!"},
                      Suite{"test_socket_error.lua", "Passed! Error is 'connection refused'."},
                      Suite{"udp-zero-length-send", "OK"},
                      Suite{"udp-zero-length-send-recv", "ok"}),
    [](const auto& suite) {
      std::string name = suite.param.name;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

TEST(UpstreamTwoProcesses, ClientAgainstServer) {
  LuasocketMachine machine;
  machine.debug = true;
  const kernel::Pid server = machine.start(upstream_text("testsrvr.lua"), {}, "testsrvr.lua");
  machine.host.step = 10;  // one of its tests polls until half a second has passed
  machine.settle();
  const kernel::Pid client = machine.start(upstream_text("testclnt.lua"), {}, "testclnt.lua");
  machine.run_until_idle(50'000'000);
  const std::string output = machine.output(client) + machine.errors(client);
  EXPECT_NE(output.find("testing: done in"), std::string::npos)
      << output.substr(output.size() > 2000 ? output.size() - 2000 : 0);
  EXPECT_EQ(output.find("ERROR"), std::string::npos) << output;
  ASSERT_TRUE(machine.has_exited(client) && machine.has_exited(server));
  EXPECT_EQ(machine.status(client), 0);
  EXPECT_EQ(machine.status(server), 0) << machine.errors(server);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(UpstreamTwoProcesses, ConnectedDatagramsHearOnlyTheirPeer) {
  LuasocketMachine machine;
  const kernel::Pid server =
      machine.start(upstream_text("udpconnectsrvr.lua"), {}, "udpconnectsrvr.lua");
  machine.settle();
  // "getsockname  127.0.0.1  PORT  inet": the client is told the port.
  const std::string printed = machine.output(server);
  const std::size_t at = printed.find("127.0.0.1\t");
  ASSERT_NE(at, std::string::npos) << printed;
  const std::string port = printed.substr(at + 10, printed.find('\t', at + 10) - at - 10);
  machine.start(upstream_text("udpconnectclnt.lua"), {port}, "udpconnectclnt.lua");
  machine.run_until_idle();
  const std::string output = machine.output(server) + machine.errors(server);
  // Connected to 5061 (sc): the first datagram heard is the second one sent. Afterwards its port
  // has been given up, so nobody can reach it: upstream's server then waits for ever.
  EXPECT_NE(output.find("this is a test from sc"), std::string::npos) << output;
  EXPECT_EQ(output.find("this is a test from se"), std::string::npos) << output;
  machine.machine.stop(server);
  machine.settle();
  EXPECT_EQ(machine.leftovers(), 0u);
}

// The script calls `unpack`, which Lua 5.4 has only as table.unpack.
TEST(UpstreamTwoProcesses, OptionsInEachStateOfATcpObject) {
  LuasocketMachine machine;
  const std::string output =
      machine.run("unpack = table.unpack --" + upstream_text("tcp-getoptions"));
  EXPECT_NE(output.find("getoption\tlinger\ton\tfalse\ttimeout\t0"), std::string::npos) << output;
  EXPECT_NE(output.find("getoption\ttcp-keepidle\ttrue\t7200.0"), std::string::npos) << output;
  EXPECT_EQ(output.find("stack traceback"), std::string::npos) << output;
}

TEST(UpstreamTwoProcesses, UnixStreamDemo) {
  LuasocketMachine machine;
  const kernel::Pid server = machine.start(upstream_text("unixstreamsrvr.lua"), {}, "server.lua");
  machine.settle();
  const kernel::Pid client = machine.start(upstream_text("unixstreamclnt.lua"), {}, "client.lua");
  machine.run_until_idle();
  machine.machine.type(client, "one\ntwo\n");
  machine.run_until_idle();
  EXPECT_EQ(machine.output(server), "one\tnil\tnil\ntwo\tnil\tnil\n") << machine.errors(server);
  machine.machine.stop(client);
  machine.run_until_idle();
  EXPECT_NE(machine.errors(server).find("closed"), std::string::npos);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(UpstreamTwoProcesses, UnixDatagramDemo) {
  LuasocketMachine machine;
  const kernel::Pid server = machine.start(upstream_text("unixdgramsrvr.lua"), {}, "server.lua");
  machine.settle();
  const kernel::Pid client = machine.start(upstream_text("unixdgramclnt.lua"), {}, "client.lua");
  machine.run_until_idle();
  machine.machine.type(client, "one\n");
  machine.run_until_idle();
  EXPECT_EQ(machine.output(server), "one\t/tmp/bar\n") << machine.errors(server);
  EXPECT_EQ(machine.output(client), "1.0\n>one\t/tmp/foo\n") << machine.errors(client);
  machine.machine.stop(client);
  machine.machine.stop(server);
  machine.settle();
  EXPECT_EQ(machine.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire::testing
