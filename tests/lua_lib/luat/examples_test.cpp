// The examples of the menu, each with its server, as a person would see them.
#include <gtest/gtest.h>

#include <filesystem>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

class Examples : public ::testing::TestWithParam<const char*> {
 protected:
  Examples() : machine(GetParam()) {}

  /// Starts an example's server, if it has one, and switches the module on with the rest.
  void start(const std::string& name) {
    const std::filesystem::path folder = std::filesystem::path(MOONWIRE_EXAMPLES) / name;
    std::string main;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string text =
          test_file("../examples/luat/" + name + "/" + entry.path().filename().string());
      if (entry.path().filename() == "main.lua") {
        main = text;
      } else if (entry.path().filename() == "server.lua") {
        peer = machine.start(text, {}, "server.lua");
      } else {
        machine.put(entry.path().filename().string(), text);
      }
    }
    machine.settle();
    machine.switch_on(main);
  }
  const std::string& peer_said() { return machine.output(peer); }
  bool peer_said(std::string_view text) { return peer_said().find(text) != std::string::npos; }
  void TearDown() override {
    EXPECT_EQ(machine.errors(machine.module_pid), "");
    EXPECT_FALSE(machine.logged("[E]-[coroutine.resume]")) << machine.log();
    machine.machine.stop(machine.module_pid);
    if (peer != 0) {
      EXPECT_EQ(machine.errors(peer), "");
      machine.machine.stop(peer);
    }
    machine.run_until_idle();
    EXPECT_EQ(machine.leftovers(), 0u);
  }

  LuatMachine machine;
  kernel::Pid peer = 0;
};

TEST_P(Examples, LongConnection) {
  start("longlink");
  ASSERT_TRUE(machine.reaches("[I]-[longlink] connect success", 20)) << machine.log();
  machine.pass_seconds(25);
  EXPECT_GE(count_of(peer_said(), "68 65 61 72 74 20 62 65 61 74   heart beat"), 2u) << peer_said();
  machine.machine.type(peer, "back123\n");
  machine.pass_seconds(1);
  machine.machine.type(peer, "bin\n");
  machine.pass_seconds(1);
  machine.machine.type(peer, "time\n");
  machine.pass_seconds(3);
  EXPECT_TRUE(peer_said("back123")) << peer_said();
  EXPECT_TRUE(peer_said("11 22 33 ")) << peer_said();
  EXPECT_TRUE(peer_said("  17000000")) << peer_said();
}

TEST_P(Examples, ShortConnection) {
  start("short-connection");
  machine.pass_seconds(60);
  EXPECT_TRUE(machine.logged("[I]-[report] true got 8 characters")) << machine.log();
  EXPECT_TRUE(peer_said("report 3")) << peer_said();
  EXPECT_FALSE(machine.logged("[report] false"));
}

TEST_P(Examples, Udp) {
  start("udp");
  machine.pass_seconds(60);
  EXPECT_TRUE(machine.logged("[I]-[udp] true true DATAGRAM 1")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[udp] true false timeout"));
  EXPECT_TRUE(peer_said("datagram 5  (not answered)"));
}

TEST_P(Examples, FlyMode) {
  start("fly-mode");
  machine.pass_seconds(120);
  EXPECT_TRUE(machine.logged("[I]-[message] FLYMODE true")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[radio] back again")) << machine.log();
  EXPECT_FALSE(machine.logged("no network for a minute"));
}

TEST_P(Examples, Gpio) {
  start("gpio");
  machine.pass_seconds(1);
  machine.act({.what = "pin", .text = "P0_6", .first = 0});
  machine.pass_seconds(2);
  machine.act({.what = "pin", .text = "P0_6", .first = 1});
  machine.act({.what = "pin", .text = "P0_7", .first = 0});
  machine.pass_seconds(2);
  EXPECT_TRUE(machine.logged("[I]-[switch] went down, now 0")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[switch] went up, now 1")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[button] 0")) << machine.log();
  std::size_t changes = 0;
  std::optional<bool> level = machine.level("P0_1");
  for (int passed = 0; passed < 100; ++passed) {
    machine.pass_seconds(0.1);
    if (machine.level("P0_1") != level) ++changes;
    level = machine.level("P0_1");
  }
  EXPECT_NEAR(static_cast<double>(changes), 20, 2);
}

TEST_P(Examples, UartEcho) {
  start("uart-echo");
  machine.pass_seconds(1);
  std::size_t lost = 0;
  auto& module = bindings::module_of(machine.machine);
  EXPECT_EQ(module.take_uart(1, lost), "Write something.\r\n");
  machine.act({.what = "uart", .first = 1, .bytes = "hel"});
  machine.pass_seconds(0.05);
  machine.act({.what = "uart", .first = 1, .bytes = "lo"});
  machine.pass_seconds(1);
  machine.act({.what = "uart", .first = 1, .bytes = "again"});
  machine.pass_seconds(1);
  EXPECT_EQ(module.take_uart(1, lost), "frame 1: hello\r\nframe 2: again\r\n");
}

TEST_P(Examples, Ntp) {
  start("ntp");
  machine.pass_seconds(30);
  EXPECT_TRUE(machine.logged("[I]-[ntp.timeSync is date:] 2023/11/15,6:13:")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[ntp] the clock is set"));
  EXPECT_TRUE(machine.logged("[I]-[clock] 2023-11-15 06:13:"));
}

TEST_P(Examples, Http) {
  start("http");
  machine.pass_seconds(40);
  EXPECT_TRUE(machine.logged("[I]-[get] true 200 text/plain Hello, module.")) << machine.log();
  EXPECT_TRUE(machine.logged("You sent: name=%E6%9C%88%E7%BA%BF+moon&csq=")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[download] true 200 chunked /download.txt")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[size] 791")) << machine.log();
  EXPECT_TRUE(machine.logged("[I]-[missing] true 404")) << machine.log();
}

TEST_P(Examples, Mqtt) {
  start("mqtt");
  ASSERT_TRUE(machine.reaches("[I]-[mqtt] connected as ", 30)) << machine.log();
  machine.pass_seconds(25);
  EXPECT_GE(count_of(peer_said(), "/report: csq="), 2u) << peer_said();
  machine.machine.type(peer, "on\n");
  machine.pass_seconds(1);
  EXPECT_EQ(machine.level("P0_1"), true);
  machine.machine.type(peer, "off\n");
  machine.pass_seconds(1);
  EXPECT_EQ(machine.level("P0_1"), false);
  EXPECT_FALSE(machine.logged("[E]-[mqtt]"));
}

// The day as the page plays it, and more: nothing that was measured is lost.
TEST_P(Examples, BadDay) {
  start("bad-day");
  machine.pass_seconds(30);
  machine.act({.what = "signal", .first = 3});
  machine.act({.what = "network", .first = 0});
  machine.pass_seconds(10);
  machine.act({.what = "network", .first = 1});
  machine.act({.what = "signal", .first = 24});
  machine.pass_seconds(30);
  machine.act({.what = "drop-pdp"});
  machine.pass_seconds(30);
  machine.act({.what = "sim", .text = "absent"});
  machine.pass_seconds(20);
  machine.act({.what = "sim", .text = "ready"});
  machine.pass_seconds(180);
  EXPECT_TRUE(machine.logged("[W]-[day] connection lost")) << machine.log();
  EXPECT_TRUE(peer_said("reset; got up to "));
  EXPECT_TRUE(peer_said(", missing 0"));
  EXPECT_FALSE(peer_said("missing 1")) << peer_said();
  // 300 seconds are 150 numbers; those of the last seconds may be on their way.
  const auto at = peer_said().rfind("got up to ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_GT(std::stoi(peer_said().substr(at + 10)), 120) << peer_said();
}

INSTANTIATE_TEST_SUITE_P(Modules, Examples, ::testing::Values("air202", "air724u"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace moonwire::testing
