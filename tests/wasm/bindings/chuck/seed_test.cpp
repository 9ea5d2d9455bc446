// The three programs of chuck's first reference, unmodified: what they say, how they end, and that
// nothing is left of a hundred connections.
#include <gtest/gtest.h>

#include "chuck_machine.h"

namespace moonwire::testing {
namespace {

std::string seed(const std::string& name) {
  return ChuckMachine::script("../../data/seeds/chuck/" + name);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// Time goes on until the process has ended; others may have timers for ever.
void run_to_end(ChuckMachine& machine, kernel::Pid pid) {
  for (int turns = 0; turns < 500'000 && !machine.has_exited(pid); ++turns) {
    machine.run_until_idle(1);
  }
  ASSERT_TRUE(machine.has_exited(pid));
}

TEST(Seed, TheEchoServerEchoesOnceAndClosesAndStopEndsIt) {
  ChuckMachine machine;
  const kernel::Pid server = machine.start(seed("echoserver.lua"));
  machine.settle();
  EXPECT_EQ(machine.output(server), "server start\t127.0.0.1\t8010\n");
  const kernel::Pid client = machine.start(R"(
    local chuck = require("chuck")
    local engine, helper = chuck.engine(), chuck.socket_helper
    local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
    helper.connect(fd, "127.0.0.1", 8010)
    local conn = chuck.connection(fd, 4096)
    conn:Add2Engine(engine, function(_, p, number)
      print(p and p:ReadBin(), number)
      if not p then conn:Close() engine:Stop() end
    end)
    conn:Send(chuck.packet.rawpacket("hello"))
    engine:Run()
  )");
  run_to_end(machine, client);
  EXPECT_EQ(machine.output(client) + machine.errors(client), "hello\t0\nnil\t0\n");
  EXPECT_EQ(count_of(machine.output(server), "on new client\n\n"), 1u);
  EXPECT_EQ(count_of(machine.output(server), "userdata: 0x"), 1u);
  EXPECT_EQ(count_of(machine.output(server), "packet send finish\n"), 1u);
  machine.machine.stop(server);
  run_to_end(machine, server);
  EXPECT_TRUE(machine.output(server).ends_with("recv sigint\n"));
  EXPECT_EQ(machine.errors(server), "");
  EXPECT_EQ(machine.status(server), 0);
  EXPECT_EQ(machine.leftovers(), 0u);
}

class PacketServer : public ::testing::Test {
 protected:
  PacketServer() {
    machine_.host.step = 20;  // the clock goes on while they are busy
    server_ = machine_.start(seed("rpacket_server.lua"), {}, "server.lua");
    machine_.run_until_idle(3);
    clients_ = machine_.start(seed("rpacket_client.lua"), {}, "client.lua");
    const kernel::Micros counted = machine_.host.steady + 1'100'000;
    while (machine_.host.steady < counted) machine_.run_until_idle(10);
  }
  void stop(kernel::Pid pid) {
    machine_.machine.stop(pid);
    run_to_end(machine_, pid);
    EXPECT_EQ(count_of(machine_.output(pid), "recv sigint\n"), 1u);
    EXPECT_EQ(machine_.errors(pid), "");
    EXPECT_EQ(machine_.status(pid), 0);
  }

  ChuckMachine machine_;
  kernel::Pid server_ = 0;
  kernel::Pid clients_ = 0;
};

TEST_F(PacketServer, CountsWhatAHundredClientsSend) {
  EXPECT_EQ(count_of(machine_.output(server_), "on_new_client\n"), 100u);
  EXPECT_EQ(count_of(machine_.output(clients_), "connect success2\n"), 100u);
  // Each of them bounces its packet, many times over.
  EXPECT_GT(count_of(machine_.output(clients_), "userdata: 0x"), 1000u);
  const std::string& lines = machine_.output(server_);
  const std::size_t last = lines.rfind('\n', lines.size() - 2);
  EXPECT_GT(std::stoi(lines.substr(last + 1)), 100) << "packets of the last second";
  stop(clients_);
  stop(server_);
  EXPECT_EQ(machine_.leftovers(), 0u);
}

TEST_F(PacketServer, MayGoFirst) {
  stop(server_);
  machine_.run_until_idle(2000);
  // Every client has heard of it.
  EXPECT_EQ(count_of(machine_.output(clients_), "nil\t0\n") +
                count_of(machine_.output(clients_), "nil\t104\n"),
            100u);
  stop(clients_);
  EXPECT_EQ(machine_.leftovers(), 0u);
}

TEST_F(PacketServer, BothMayBeKilledInTheMiddle) {
  for (const kernel::Pid pid : {clients_, server_}) {
    machine_.machine.stop(pid);
    machine_.machine.stop(pid);
    EXPECT_TRUE(machine_.has_exited(pid));
  }
  machine_.run_until_idle(100);
  EXPECT_EQ(machine_.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire::testing
