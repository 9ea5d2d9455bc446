// The network lamp and the watchdog line, measured at the module's pins.
#include <gtest/gtest.h>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

constexpr const char* lamp = "P1_1";

constexpr const char* lamp_main = R"lua(
  PROJECT, VERSION = "LAMP", "1.0.0"
  require "log"
  require "sys"
  require "net"
  require "netLed"
  require "socket"
  netLed.setup(true, pio.P1_1)
  sys.taskInit(function()
    while not TALKS do sys.wait(100) end
    local client = socket.tcp()
    client:connect("127.0.0.1", 7000)
    while client:recv() do end
    client:close()
  end)
  sys.init(0, 0)
  sys.run()
)lua";

/// How long the lamp was lit and dark, in milliseconds: the last whole period within `seconds`.
struct Blink {
  int on = 0;
  int off = 0;
};

Blink measure(LuatMachine& machine, double seconds) {
  constexpr int step = 10;
  Blink last;
  int run = 0;
  bool level = machine.level(lamp).value_or(false);
  for (int passed = 0; passed < static_cast<int>(seconds * 1000); passed += step) {
    machine.pass(step * 1000);
    const bool now = machine.level(lamp).value_or(false);
    run += step;
    if (now == level) continue;
    (level ? last.on : last.off) = run;
    level = now;
    run = 0;
  }
  return last;
}

void expect_blink(LuatMachine& machine, int on, int off) {
  machine.pass_seconds(7);  // what was before ends
  const Blink blink = measure(machine, 3 * (on + off) / 1000.0 + 0.5);
  constexpr int tolerance = 30;
  EXPECT_NEAR(blink.on, on, tolerance);
  EXPECT_NEAR(blink.off, off, tolerance);
}

void expect_dark(LuatMachine& machine) {
  machine.pass_seconds(7);
  for (int passed = 0; passed < 80; ++passed) {
    machine.pass_seconds(0.1);
    ASSERT_EQ(machine.level(lamp), false);
  }
}

class Lamp : public ::testing::TestWithParam<const char*> {};

TEST_P(Lamp, IsDarkUntilTheSimSpeaks) {
  LuatMachine machine(GetParam());
  machine.switch_on(lamp_main);
  for (int passed = 0; passed < 8; ++passed) {
    machine.pass_seconds(0.05);
    EXPECT_NE(machine.level(lamp), true);
  }
}

TEST_P(Lamp, BlinksSlowlyWhileThereIsNoNetwork) {
  LuatMachine machine(GetParam());
  machine.act({.what = "network", .first = 0});
  machine.switch_on(lamp_main);
  expect_blink(machine, 300, 3700);
}

TEST_P(Lamp, BlinksOnceInSixSecondsWithoutASim) {
  LuatMachine machine(GetParam());
  machine.act({.what = "sim", .text = "absent"});
  machine.switch_on(lamp_main);
  expect_blink(machine, 300, 5700);
}

TEST_P(Lamp, BlinksEachSecondWithTheNetworkAndFiveTimesWithASocket) {
  LuatMachine machine(GetParam());
  const kernel::Pid peer = machine.start(R"lua(
    local client = assert(require "socket".bind("127.0.0.1", 7000)):accept()
    client:receive()
  )lua",
                                         {}, "server.lua");
  machine.switch_on(with(lamp_main, "not TALKS", "not socket.isReady() or os.time() < 1700000060"));
  machine.pass_seconds(12);
  expect_blink(machine, 300, 700);
  machine.pass_seconds(40);
  expect_blink(machine, 100, 100);
  machine.machine.stop(peer);  // the connection ends: as before
  expect_blink(machine, 300, 700);
}

TEST_P(Lamp, IsDarkInFlyModeAndComesBack) {
  LuatMachine machine(GetParam());
  machine.switch_on(with(lamp_main, "sys.init(0, 0)", R"(
    sys.timerStart(net.switchFly, 20000, true)
    sys.timerStart(net.switchFly, 50000, false)
    sys.init(0, 0))"));
  machine.pass_seconds(21);
  expect_dark(machine);
  machine.pass_seconds(30);
  expect_blink(machine, 300, 700);
}

TEST_P(Lamp, ShowsGsmBetweenRegistrationAndAttach) {
  LuatMachine machine(GetParam());
  machine.act({.what = "network", .first = 0});
  machine.switch_on(with(lamp_main, "sys.init(0, 0)", R"(
    sys.timerStart(sys.publish, 20000, "NET_STATE_REGISTERED")
    sys.init(0, 0))"));
  machine.pass_seconds(21);
  expect_blink(machine, 300, 1700);
}

TEST_P(Lamp, TakesOtherTimes) {
  LuatMachine machine(GetParam());
  machine.switch_on(with(lamp_main, "sys.init(0, 0)", R"(
    netLed.updateBlinkTime("GPRS", 0xFFFF, 0)
    netLed.updateBlinkTime("NONE", 1, 1)
    sys.init(0, 0))"));
  EXPECT_TRUE(machine.reaches("[E]-[netLed.updateBlinkTime]", 1));
  machine.pass_seconds(15);
  for (int passed = 0; passed < 40; ++passed) {
    machine.pass_seconds(0.1);
    ASSERT_EQ(machine.level(lamp), true);
  }
}

TEST_P(Lamp, CanBeSwitchedOff) {
  LuatMachine machine(GetParam());
  machine.switch_on(with(lamp_main, "sys.init(0, 0)", R"(
    sys.timerStart(netLed.setup, 15000, false)
    sys.init(0, 0))"));
  machine.pass_seconds(16);
  expect_dark(machine);
}

constexpr const char* watchdog_main = R"lua(
  PROJECT, VERSION = "DOG", "1.0.0"
  require "log"
  require "sys"
  require "wdt"
  wdt.setup(pio.P0_5, pio.P0_6)
  sys.init(0, 0)
  sys.run()
)lua";

TEST(Watchdog, IsFedEveryTwoMinutes) {
  LuatMachine machine("air202");
  machine.switch_on(watchdog_main);
  machine.pass_seconds(0.1);
  EXPECT_TRUE(machine.logged("[I]-[wdt.taskWdt] AirM2M --> WATCHDOG : OK nil nil"));
  EXPECT_EQ(machine.level("P0_5"), true);
  EXPECT_EQ(machine.level("P0_6"), false);
  machine.pass_seconds(1.8);
  EXPECT_EQ(machine.level("P0_6"), false);
  machine.pass_seconds(0.2);  // now the line is an input, and the chip has not answered yet
  EXPECT_EQ(machine.level("P0_6"), true);
  EXPECT_TRUE(machine.reaches("[I]-[wdt.taskWdt] AirM2M <-- WatchDog : OK", 4));
  machine.pass_seconds(600);
  const std::size_t fed = count_of(machine.log(), "<-- WatchDog : OK");
  EXPECT_EQ(fed, count_of(machine.log(), "--> WATCHDOG : OK"));
  EXPECT_NEAR(static_cast<double>(fed), 5, 1);  // 120 s and what feeding takes
  EXPECT_FALSE(machine.logged("didn't respond"));
  EXPECT_EQ(count_of(machine.log(), "[I]-[poweron reason:]"), 1u);
}

// The 4G module has no such chip beside it: nobody pulls the line down.
TEST(Watchdog, ThatIsNotThereIsReset) {
  LuatMachine machine("air724u");
  machine.switch_on(watchdog_main);
  machine.act({.what = "pin", .text = "P0_6", .first = 1});
  ASSERT_TRUE(machine.reaches("WatchDog <--> AirM2M didn't respond : wdt reset 153b", 8));
  EXPECT_EQ(machine.level("P0_5"), false);
  machine.pass_seconds(0.2);
  EXPECT_EQ(machine.level("P0_5"), true);
}

TEST(Watchdog, FedByNobodyRestartsTheModule) {
  LuatMachine machine("air202");
  machine.switch_on(with(watchdog_main, "sys.init(0, 0)", R"(
    sys.taskInit(function() sys.wait(3000) sys.wait = function() coroutine.yield() end end)
    sys.init(0, 0))"));
  machine.pass_seconds(400);
  EXPECT_TRUE(machine.logged("[I]-[poweron reason:] 8 DOG")) << machine.log();
}

TEST(Watchdog, IsFedInAHurryToGetARestart) {
  LuatMachine machine("air202");
  machine.switch_on(with(watchdog_main, "sys.init(0, 0)", R"(
    sys.timerStart(wdt.restart, 10000, pio.P0_5, pio.P0_6)
    sys.init(0, 0))"));
  machine.pass_seconds(40);
  EXPECT_GE(count_of(machine.log(), "--> WATCHDOG : OK true true"), 3u) << machine.log();
}

INSTANTIATE_TEST_SUITE_P(Modules, Lamp, ::testing::Values("air202", "air724u"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace moonwire::testing
