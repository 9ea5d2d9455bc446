// The tutorial about a long connection, step by step, against a server in the same machine.
#include <gtest/gtest.h>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

// Tells what each client says, in its own words; says `script`'s lines to the first client at their
// seconds, "close" closes it.
constexpr const char* server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 50798))
  local started = socket.gettime()
  local script = { {20, "back123"}, {25, "bin"}, {30, "time"}, {45, "close"} }
  local client
  while true do
    local due = script[1] and math.max(0, started + script[1][1] - socket.gettime())
    local ready = socket.select({ client or listener }, nil, due)[1]
    if ready == listener then
      client = listener:accept()
      client:settimeout(0)
      print("came")
    elseif ready then
      local bytes, why, partial = client:receive(1000)
      bytes = bytes or partial
      if #bytes > 0 then
        print(("%.0f %s"):format(socket.gettime() - started,
            (bytes:gsub("[^%w ]", function(c) return ("\\x%02X"):format(c:byte()) end))))
      end
      if why == "closed" then print("gone") client:close() client = nil end
    else
      local what = table.remove(script, 1)[2]
      if client and what == "close" then client:close() client = nil
      elseif client then client:send(what) end
    end
  end
)lua";

constexpr std::string_view fail = "[I]-[longlink.socketClient] connect fail";
constexpr std::string_view success = "[I]-[longlink.socketClient] connect success";

std::string seed(const std::string& name) {
  return test_file("data/seeds/luat/" + name);
}

/// A step's longlink.lua, with the local server where the tutorial has its reader put one.
std::string step(const std::string& name, const std::string& port = "50798") {
  std::string text = seed(name);
  text = with(text, R"("180.97.81.180","50798")", "\"127.0.0.1\",\"" + port + "\"");
  return with(text, R"(testip,testport = "","")",
              "testip,testport = \"127.0.0.1\",\"" + port + "\"");
}

class Tutorial : public ::testing::TestWithParam<const char*> {};

TEST_P(Tutorial, TheEndSpeaksItsProtocol) {
  LuatMachine machine(GetParam());
  const kernel::Pid peer = machine.start(server, {}, "server.lua");
  machine.put("longlink.lua", step("longlink.lua"));
  machine.switch_on(seed("main.lua"));

  ASSERT_TRUE(machine.reaches(success, 20)) << machine.log();
  machine.pass_seconds(20);
  const std::string& said = machine.output(peer);
  EXPECT_NE(said.find("heart beat"), std::string::npos) << said;
  machine.pass_seconds(20);
  EXPECT_TRUE(machine.logged("[I]-[longlink.inMsgProcess] back123"));
  EXPECT_NE(said.find("back123"), std::string::npos) << said;
  EXPECT_NE(said.find("\\x11\\x223"), std::string::npos) << said;  // 11 22 33
  EXPECT_NE(said.find(" 17000000"), std::string::npos) << said;    // the manual clock's seconds
  const std::size_t beats = count_of(said, "heart beat");
  machine.pass_seconds(10);

  // The server has closed: the script notices, and is back five seconds later.
  EXPECT_TRUE(machine.logged("[E]-[longlink.inMsgProcess error]")) << machine.log();
  machine.pass_seconds(40);
  EXPECT_EQ(count_of(machine.log(), success), 2u) << machine.log();
  // One every ten seconds; those of the pause come together with the next.
  EXPECT_GE(count_of(said, "heart beat"), beats + 4) << said;

  machine.machine.stop(machine.module_pid);
  machine.machine.stop(peer);
  machine.run_until_idle();
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST_P(Tutorial, FiveFailuresShutTheLink) {
  LuatMachine machine(GetParam());
  machine.put("longlink.lua", step("longlink.lua", "9"));  // nobody listens there
  machine.switch_on(seed("main.lua"));
  machine.pass_seconds(60);
  EXPECT_GE(count_of(machine.log(), fail), 5u);
  if (std::string_view(GetParam()) == "air202") {
    EXPECT_TRUE(machine.logged("[I]-[ril.sendat] AT+CIPSHUT"));
    EXPECT_TRUE(machine.logged("[I]-[ril.proatc] SHUT OK"));
  } else {
    EXPECT_GE(count_of(machine.log(), "[I]-[publish IP_READY_IND]"), 2u);
  }
  // It goes on trying with the new address.
  const std::size_t failures = count_of(machine.log(), fail);
  machine.pass_seconds(30);
  EXPECT_GT(count_of(machine.log(), fail), failures);
}

TEST_P(Tutorial, WithoutANetworkForFiveMinutesItBouncesFlyMode) {
  LuatMachine machine(GetParam());
  machine.act({.what = "sim", .text = "absent"});
  machine.put("longlink.lua", step("longlink.lua"));
  machine.switch_on(seed("main.lua"));
  machine.pass_seconds(290);
  EXPECT_FALSE(machine.logged("AT+CFUN=0"));
  machine.pass_seconds(20);
  EXPECT_TRUE(machine.logged("AT+CFUN=0"));
  EXPECT_FALSE(machine.logged("AT+CFUN=1"));
  machine.pass_seconds(20);
  EXPECT_TRUE(machine.logged("AT+CFUN=1"));
}

TEST_P(Tutorial, TheFirstFilesBoot) {
  LuatMachine machine(GetParam());
  machine.put("longlink.lua", step("longlink_1_files.lua"));
  machine.switch_on(seed("main_first.lua"));
  machine.pass_seconds(15);
  EXPECT_TRUE(machine.logged("[I]-[poweron reason:] 0 SOCKET-TEST 1.0.0 2.3.7 Luat_V"));
  EXPECT_TRUE(machine.state().modem.address.has_value());
  EXPECT_TRUE(machine.errors(machine.module_pid).empty()) << machine.errors(machine.module_pid);
}

TEST_P(Tutorial, TheTaskThatNeverYieldsStopsNobodyElse) {
  LuatMachine machine(GetParam());
  machine.put("longlink.lua", step("longlink_2_task.lua"));
  machine.switch_on(seed("main_first.lua"));
  const kernel::Pid other = machine.start("print('I have my turn')", {}, "other.lua");
  for (int turn = 0; turn < 1000 && !machine.has_exited(other); ++turn) machine.turn();
  EXPECT_EQ(machine.output(other), "I have my turn\n");
  machine.machine.stop(machine.module_pid);
  for (int turn = 0; turn < 1000 && !machine.has_exited(machine.module_pid); ++turn) machine.turn();
  EXPECT_TRUE(machine.has_exited(machine.module_pid));
  machine.run_until_idle();
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST_P(Tutorial, TheTaskThatConnectsWithoutAPauseDoesNoHarm) {
  LuatMachine machine(GetParam());
  const kernel::Pid peer = machine.start(server, {}, "server.lua");
  machine.put("longlink.lua", step("longlink_3_connect.lua"));
  machine.switch_on(seed("main_first.lua"));
  // It never closes: when no socket is left, the 2G module's task dies and the 4G one's spins.
  const std::string_view end = std::string_view(GetParam()) == "air202"
                                   ? "[E]-[coroutine.resume]"
                                   : "socket:connect: core sock conn error";
  for (int turn = 0; turn < 200'000 && !machine.logged(end); ++turn) {
    const kernel::Turn given = machine.turn();
    if (given.has_more || machine.machine.has_runnable()) continue;
    machine.host.steady = std::max(machine.host.steady, given.next_deadline);
  }
  EXPECT_TRUE(machine.logged(end));
  EXPECT_GE(count_of(machine.log(), success), 8u);
  if (std::string_view(GetParam()) == "air202") {
    EXPECT_TRUE(machine.logged("socket.socket: too many sockets"));
  }
  machine.machine.stop(machine.module_pid);
  machine.machine.stop(peer);
  for (int turn = 0; turn < 1000 && machine.leftovers() > 0; ++turn) machine.turn();
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST_P(Tutorial, AnEmptyPortFailsInTheTaskAndTheModuleGoesOn) {
  LuatMachine machine(GetParam());
  machine.put("longlink.lua", seed("longlink_4_fly_mode.lua"));  // its address is still ""
  machine.switch_on(seed("main_first.lua"));
  machine.pass_seconds(60);
  EXPECT_FALSE(machine.has_exited(machine.module_pid));
  EXPECT_TRUE(machine.logged("AirM2M <-- WatchDog : OK"));
}

TEST_P(Tutorial, RetryingStepsComeBackEveryFiveSeconds) {
  LuatMachine machine(GetParam());
  const kernel::Pid peer = machine.start(server, {}, "server.lua");
  machine.put("longlink.lua", step("longlink_5_retry.lua"));
  machine.switch_on(seed("main_first.lua"));
  machine.pass_seconds(40);
  EXPECT_GE(count_of(machine.log(), success), 4u);
  EXPECT_EQ(count_of(machine.output(peer), "came"), count_of(machine.log(), success));
}

TEST_P(Tutorial, ReceivingStepsLogWhatComes) {
  for (const char* name : {"longlink_6_receive.lua", "longlink_7_queue.lua"}) {
    LuatMachine machine(GetParam());
    machine.start(server, {}, "server.lua");
    machine.put("longlink.lua", step(name));
    machine.switch_on(seed("main_first.lua"));
    machine.pass_seconds(60);
    EXPECT_TRUE(machine.logged("[I]-[longlink.inMsgProcess] back123")) << name;
    EXPECT_TRUE(machine.logged("[E]-[longlink.inMsgProcess error]")) << name;
    EXPECT_EQ(count_of(machine.log(), success), 2u) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Modules, Tutorial, ::testing::Values("air202", "air724u"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace moonwire::testing
