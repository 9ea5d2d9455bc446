// What goes wrong around a module, and what its script hears of it.
#include <gtest/gtest.h>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

// Logs what the library says, and holds one connection, again and again.
constexpr const char* listening_main = R"lua(
  PROJECT, VERSION = "MISHAPS", "1.0.0"
  require "log"
  require "sys"
  require "net"
  require "socket"
  for _, message in ipairs { "SIM_IND", "SIM_IND_SIM_PIN", "NET_STATE_REGISTERED", "NET_STATE_UNREGISTER",
      "GPRS_ATTACH", "IP_READY_IND", "IP_ERROR_IND", "IP_SHUT_IND", "PDP_DEACT_IND", "FLYMODE",
      "SOCKET_ACTIVE", "NET_CELL_CHANGED" } do
    sys.subscribe(message, function(value) print("heard", message, value) end)
  end
  net.startQueryAll(5000, 60000)
  sys.subscribe("GSM_SIGNAL_REPORT_IND", function(_, rssi) print("rssi", rssi) end)
  sys.taskInit(function()
    while true do
      while not socket.isReady() do sys.waitUntil("IP_READY_IND", 1000) end
      local client = socket.tcp()
      print("connected", (client:connect("127.0.0.1", "7000")))
      while true do
        local ok, why = client:recv(100000)
        if not ok then print("recv", ok, why) break end
        print("got", why)
      end
      client:close()
      sys.wait(1000)
    end
  end)
  sys.init(0, 0)
  sys.run()
)lua";

// Holds every connection, and never says a word.
constexpr const char* silent_server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 7000))
  local clients = { listener }
  while true do
    for _, ready in ipairs((socket.select(clients))) do
      if ready == listener then table.insert(clients, (listener:accept()))
      elseif not ready:receive() then
        for at, each in ipairs(clients) do if each == ready then table.remove(clients, at) end end
        ready:close()
      end
    end
  end
)lua";

class Mishaps : public ::testing::TestWithParam<const char*> {
 protected:
  Mishaps() : machine(GetParam()) { peer = machine.start(silent_server, {}, "server.lua"); }

  bool is_2g() const { return std::string_view(GetParam()) == "air202"; }
  void connect() {
    machine.switch_on(listening_main);
    ASSERT_TRUE(machine.reaches("connected true", 20)) << machine.log();
    machine.pass_seconds(2);
    mark = machine.log().size();
  }
  /// What was logged since connect().
  std::string since() { return machine.log().substr(mark); }
  bool heard(std::string_view text) { return since().find(text) != std::string::npos; }

  LuatMachine machine;
  kernel::Pid peer = 0;
  std::size_t mark = 0;
};

TEST_P(Mishaps, ALostBearerEndsTheCallThatWaitsAndComesBack) {
  connect();
  machine.act({.what = "drop-pdp"});
  machine.pass_seconds(1);
  EXPECT_TRUE(heard("heard IP_ERROR_IND nil")) << since();
  EXPECT_TRUE(heard(is_2g() ? "recv false nil" : "recv false IP_ERROR_IND")) << since();
  EXPECT_EQ(heard("heard PDP_DEACT_IND"), is_2g());
  machine.pass_seconds(15);
  EXPECT_TRUE(heard("heard IP_READY_IND")) << since();
  EXPECT_TRUE(heard("connected true")) << since();
}

TEST_P(Mishaps, FlyModeTakesTheAddressAndGivesItBack) {
  connect();
  machine.put("none.lua", "");
  machine.machine.stop(machine.module_pid);
  machine.settle();
  machine.switch_on(with(listening_main, "sys.init(0, 0)", R"(
    sys.timerStart(net.switchFly, 20000, true)
    sys.timerStart(net.switchFly, 40000, false)
    sys.init(0, 0))"));
  machine.pass_seconds(19);
  mark = machine.log().size();
  machine.pass_seconds(10);
  EXPECT_TRUE(heard("heard FLYMODE true")) << since();
  EXPECT_TRUE(heard("heard IP_ERROR_IND")) << since();
  EXPECT_TRUE(heard("[W]-[net.csqQueryPoll] flymode: true")) << since();
  EXPECT_FALSE(machine.state().modem.address.has_value());
  machine.pass_seconds(30);
  EXPECT_TRUE(heard("heard FLYMODE false")) << since();
  EXPECT_TRUE(heard("heard SIM_IND RDY")) << since();
  EXPECT_TRUE(heard("heard NET_STATE_REGISTERED")) << since();
  EXPECT_TRUE(heard("heard IP_READY_IND")) << since();
  EXPECT_TRUE(heard("connected true")) << since();
}

TEST_P(Mishaps, ALostSimIsToldAndItsReturnStartsAnew) {
  connect();
  machine.act({.what = "sim", .text = "absent"});
  machine.pass_seconds(5);
  EXPECT_TRUE(heard("heard SIM_IND NIST")) << since();
  EXPECT_TRUE(heard("heard NET_STATE_UNREGISTER")) << since();
  machine.act({.what = "sim", .text = "ready"});
  machine.pass_seconds(30);
  EXPECT_TRUE(heard("heard SIM_IND RDY")) << since();
  EXPECT_TRUE(heard("heard NET_STATE_REGISTERED")) << since();
  EXPECT_TRUE(heard("heard IP_READY_IND")) << since();
  EXPECT_TRUE(heard("connected true")) << since();
}

TEST_P(Mishaps, ASimThatWantsItsPinSaysSo) {
  machine.act({.what = "sim", .text = "pin"});
  machine.switch_on(listening_main);
  machine.pass_seconds(10);
  EXPECT_TRUE(machine.logged(is_2g() ? "heard SIM_IND_SIM_PIN" : "heard SIM_IND SIM_PIN"));
  EXPECT_TRUE(machine.logged("heard SIM_IND NORDY"));
  EXPECT_FALSE(machine.logged("heard IP_READY_IND"));
  EXPECT_TRUE(machine.act({.what = "enter-pin", .text = "1234"}));
  EXPECT_TRUE(machine.reaches("heard IP_READY_IND", 30)) << machine.log();
}

TEST_P(Mishaps, TheSignalIsReadAtTheNextPoll) {
  connect();
  machine.act({.what = "signal", .first = 7});
  machine.pass_seconds(6);
  EXPECT_TRUE(heard("rssi 7")) << since();
  machine.act({.what = "signal", .first = 99});
  machine.pass_seconds(6);
  EXPECT_TRUE(heard("rssi 0")) << since();
}

TEST_P(Mishaps, TheNetworkGoesAndComesBack) {
  connect();
  machine.act({.what = "network", .first = 0});
  machine.pass_seconds(10);
  machine.act({.what = "network", .first = 1});
  machine.pass_seconds(30);
  EXPECT_TRUE(heard("heard NET_STATE_REGISTERED")) << since();
  EXPECT_TRUE(heard("heard IP_READY_IND")) << since();
}

TEST_P(Mishaps, APeerThatGoesEndsTheCallThatWaits) {
  connect();
  machine.machine.stop(peer);
  machine.pass_seconds(3);
  EXPECT_TRUE(heard(is_2g() ? "recv false nil" : "recv false CLOSED")) << since();
  EXPECT_TRUE(heard(is_2g() ? "heard SOCKET_ACTIVE nil" : "heard SOCKET_ACTIVE false")) << since();
  EXPECT_TRUE(heard("connected false")) << since();
}

TEST_P(Mishaps, ARestartBeginsAnew) {
  connect();
  machine.act({.what = "reset"});
  EXPECT_TRUE(machine.reaches("[I]-[poweron reason:]", 1));
  machine.pass_seconds(20);
  EXPECT_EQ(count_of(machine.log(), "[I]-[poweron reason:]"), 2u);
  EXPECT_TRUE(heard("connected true")) << since();
}

TEST_P(Mishaps, AFloodOfCommandsIsAnsweredOneByOne) {
  machine.switch_on(with(listening_main, "sys.init(0, 0)", R"(
    local answered = 0
    for i = 1, 2000 do
      ril.request("AT+CSQ", nil, function() answered = answered + 1 end)
    end
    sys.timerLoopStart(function() print("answered", answered) end, 60000)
    sys.init(0, 0))"));
  machine.pass_seconds(301);
  EXPECT_TRUE(machine.logged("answered 2000")) << machine.log().substr(0, 2000);
}

TEST_P(Mishaps, AnErrorInATaskIsLoggedAndKeptAndTheOthersGoOn) {
  machine.switch_on(with(listening_main, "sys.init(0, 0)", R"(
    require "errDump"
    sys.taskInit(function() sys.wait(1000) local nothing nothing.field = 1 end)
    sys.timerStart(function() print("kept", #io.readFile("/lib_err.txt") > 20) end, 2000)
    sys.init(0, 0))"));
  machine.pass_seconds(20);
  EXPECT_TRUE(machine.logged("[E]-[coroutine.resume]"));
  EXPECT_TRUE(machine.logged("stack traceback"));
  EXPECT_TRUE(machine.logged("kept true"));
  EXPECT_TRUE(machine.logged("connected true"));
}

INSTANTIATE_TEST_SUITE_P(Modules, Mishaps, ::testing::Values("air202", "air724u"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace moonwire::testing
