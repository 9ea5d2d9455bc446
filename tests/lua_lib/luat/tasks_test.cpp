// Tasks, timers and messages, and the small libraries, each by a script that says what it found.
#include <gtest/gtest.h>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

class Tasks : public ::testing::TestWithParam<const char*> {
 protected:
  Tasks() : machine(GetParam()) {}

  /// Runs a script's body in a task. @return what it printed, a line for each print
  std::string run(const std::string& body, double seconds = 30, const std::string& before = {}) {
    machine.switch_on(R"lua(
      PROJECT, VERSION = "TASKS", "1.0.0"
      require "log"
      require "sys"
      local lines = {}
      local function say(...) print("say", ...) end
      )lua" + before + R"lua(
      sys.taskInit(function()
      )lua" + body + R"lua(
      end)
      sys.init(0, 0)
      sys.run()
    )lua");
    machine.pass_seconds(seconds);
    std::string said;
    std::size_t at = 0;
    const std::string& log = machine.log();
    while (at < log.size()) {
      const std::size_t end = log.find('\n', at);
      const std::string line = log.substr(at, end - at);
      if (line.starts_with("say ")) said += line.substr(4) + "\n";
      if (line.find("[E]-[coroutine.resume]") != std::string::npos) said += log.substr(at);
      at = end == std::string::npos ? log.size() : end + 1;
    }
    return said + machine.errors(machine.module_pid);
  }

  LuatMachine machine;
};

TEST_P(Tasks, SleepForTheirTime) {
  EXPECT_EQ(run(R"(
    local began = rtos.tick()
    sys.wait(1000)
    say(math.abs((rtos.tick() - began) / 16384 - 1) < 0.01)
  )"),
            "true\n");
}

TEST_P(Tasks, WakeEarlyWithWhatTheyAreGiven) {
  EXPECT_EQ(run(R"(
    local me = coroutine.running()
    sys.timerStart(function() coroutine.resume(me, "early", 2) end, 100)
    say(sys.wait(10000))
    say(sys.wait(50) or "nothing")
    say((sys.waitUntil("NEVER", 50)))
    say(sys.waitUntilExt("NEVER", 50))
  )"),
            "early 2\nnothing\nfalse\nfalse\n");
}

TEST_P(Tasks, HearMessagesInOrderWithTheirParameters) {
  EXPECT_EQ(run(R"(
    sys.subscribe("A", function(...) say("function", ...) end)
    sys.publish("A", 1, nil, 3)
    sys.publish("A", "x")
    say(sys.waitUntil("A", 1000))
    sys.timerStart(sys.publish, 100, "B", true, "b")
    say(sys.waitUntilExt("B", 1000))
  )"),
            "function 1 nil 3\ntrue 1 nil 3\nfunction x\nB true b\n");
}

TEST_P(Tasks, StopTimersByNumberAndByFunction) {
  EXPECT_EQ(run(R"(
    local count = 0
    local function tick(step) count = count + step end
    local id = sys.timerLoopStart(tick, 100, 1)
    say(sys.timerIsActive(id) == tick, sys.timerIsActive(tick, 1), sys.timerIsActive(tick, 2))
    sys.wait(1050)
    sys.timerStop(tick, 1)
    say(count, sys.timerIsActive(id))
    sys.wait(500)
    say(count)
    sys.timerStart(tick, 100, 10)
    sys.timerStart(tick, 100, 10)  -- the same again: the first is cancelled
    sys.timerStart(tick, 100, 100)
    sys.wait(200)
    say(count)
    sys.timerStart(tick, 100, 1) sys.timerStart(tick, 100, 2)
    sys.timerStopAll(tick)
    sys.wait(200)
    say(count)
    local loop
    loop = function() count = count + 1000 sys.timerStop(loop) end
    sys.timerLoopStart(loop, 50)
    sys.wait(500)
    say(count)
  )"),
            "true true nil\n10 nil\n10\n120\n120\n1120\n");
}

TEST_P(Tasks, SayWhatIsWrongWithASubscription) {
  run("sys.subscribe(1, function() end) sys.unsubscribe('x', 'y')");
  EXPECT_TRUE(machine.logged("[W]-[warning: sys.subscribe invalid parameter] 1 function"));
  EXPECT_TRUE(machine.logged("[W]-[warning: sys.unsubscribe invalid parameter] x y"));
}

TEST_P(Tasks, RunAsPartOfAProjectWithAName) {
  machine.switch_on("require 'sys' sys.init(0, 0) sys.run()");
  machine.pass_seconds(1);
  const std::string said = machine.log() + machine.errors(machine.module_pid);
  EXPECT_NE(said.find("Undefine PROJECT or VERSION"), std::string::npos) << said;
}

TEST_P(Tasks, LogByLevelAndLayout) {
  run(R"(
    LOG_LEVEL = log.LOGLEVEL_WARN
    log.info("quiet", 1) log.warn("loud", 1, nil, true) log.error("alone") log.fatal(7, "x")
    LOG_LEVEL = log.LOG_SILENT
    log.fatal("never")
    LOG_LEVEL = log.LOGLEVEL_TRACE
    log.trace("fine", "t") log.debug("fine", "d")
  )");
  EXPECT_FALSE(machine.logged("quiet"));
  EXPECT_TRUE(machine.logged("[W]-[loud] 1 nil true\n"));
  EXPECT_TRUE(machine.logged("[E]-[alone]\n"));
  EXPECT_TRUE(machine.logged("[F]-[] x\n"));
  EXPECT_FALSE(machine.logged("never"));
  EXPECT_TRUE(machine.logged("[T]-[fine] t\n[D]-[fine] d\n"));
}

TEST_P(Tasks, HaveTheStringHelpers) {
  EXPECT_EQ(run(R"(
    say(("\1\171"):toHex(), ("ab"):toHex(" "))
    say((string.fromHex("11 22,33")):byte(1, 3))
    say(string.fromHex("112233") == "\x11\x22\x33", select(2, string.fromHex("112233")))
    say((string.toValue("12")):byte(1, 2))
    say(("月a"):utf8Len(), #("月a"):utf8ToTable(), ("月a"):utf8ToTable()[1])
    say(("a b&月"):urlEncode(), ("a b~"):rawurlEncode())
    say(string.formatNumberThousands(1234567.5), string.formatNumberThousands(-100))
    say(table.concat(("1,2,,3"):split(","), "|"), table.concat(("a.b"):split("."), "|"))
    say(("\255\255"):checkSum(), ("\255\255"):checkSum(2))
    say(table.rconcat { "a", { "b", { "c" } }, "d" })
    local keys = {}
    for key in table.gsort { b = 1, a = 2, c = 3 } do keys[#keys + 1] = key end
    say(table.concat(keys))
  )"),
            "01AB 61 62  2\n17 34 51\ntrue 3\n1 2\n2 2 月\na+b%26%E6%9C%88 a%20b~\n"
            "1,234,567.5 -100\n1|2||3 a|b\n254 510\nabcd\nabc\n");
}

TEST_P(Tasks, HaveTheFileHelpers) {
  EXPECT_EQ(run(R"(
    say(io.exists("/a.txt"), io.fileSize("/a.txt"), io.readFile("/a.txt"))
    say(io.writeFile("/a.txt", "hello"), io.exists("/a.txt"), io.fileSize("/a.txt"))
    say(io.writeFile("/a.txt", " again", "a+"), io.readFile("/a.txt"), io.readStream("/a.txt", 6, 3))
    local parts = io.pathInfo("/lua/sub/main.tar.gz")
    say(parts.dirname, parts.filename, parts.basename, parts.extname)
  )"),
            "false 0 nil\ntrue true 5\ntrue hello again aga\n/lua/sub/ main.tar.gz main.tar .gz\n");
}

TEST_P(Tasks, ConvertDigits) {
  EXPECT_EQ(run(R"(
    require "common"
    say(common.ucs2ToAscii("00310032"), common.nstrToUcs2Hex("+86"))
    say((common.numToBcdNum("12345"):toHex()), common.bcdNumToNum("\x21\x43\xF5"))
    say((common.numToBcdNum("12", 4):toHex()))
    local t = common.timeZoneConvert(21, 12, 31, 20, 30, 1, 0, 8)
    say(t.year, t.month, t.day, t.hour, t.min, t.sec)
  )"),
            "12 002B00380036\n2143F5 12345\n21FFFFFF\n22 1 1 4 30 1\n");
}

TEST_P(Tasks, KeepParametersOverARestart) {
  machine.put("config.lua", "module(...)\nname = 'moon'\ncount = 1\nlist = { 1, { two = 2 } }\n");
  const std::string body = R"(
    require "nvm"
    nvm.init("config.lua")
    say(nvm.get("name"), nvm.get("count"), nvm.get("list")[2].two, nvm.gett("list", 1))
    sys.subscribe("PARA_CHANGED_IND", function(...) say("changed", ...) end)
    if nvm.get("count") == 1 then
      nvm.set("count", 2, "test")
      nvm.set("count", 2, "test")
      nvm.sett("list", 1, "one")
      sys.wait(100)
      sys.restart("test")
    end
    nvm.restore()
    say(nvm.get("count"), nvm.gett("list", 1))
  )";
  EXPECT_EQ(run(body), "moon 1 2 1\nchanged count 2 test\nmoon 2 2 one\n1 1\n");
  EXPECT_TRUE(machine.logged("[I]-[nvm.set] true count 2 test nil"));
  EXPECT_TRUE(machine.logged("[I]-[nvm.set] false count 2 test nil"));
  EXPECT_TRUE(machine.logged("[I]-[poweron reason:] 3 TASKS"));
}

TEST_P(Tasks, TypeAtTheConsole) {
  machine.switch_on(R"lua(
    PROJECT, VERSION = "CONSOLE", "1.0.0"
    require "log"
    require "sys"
    require "console"
    console.setup(1, 115200)
    sys.init(0, 0)
    sys.run()
  )lua");
  machine.pass_seconds(2);
  std::size_t lost = 0;
  auto& module = bindings::module_of(machine.machine);
  EXPECT_EQ(module.take_uart(1, lost), "\r\nWelcome to Luat Console\r\n\r\n> ");
  const auto type = [&](std::string_view line) {
    machine.act({.what = "uart", .first = 1, .bytes = line});
    machine.pass_seconds(1);
    return module.take_uart(1, lost);
  };
  EXPECT_EQ(type("print(1+1, PROJECT)\r\n"), "print(1+1, PROJECT)\r\n\n2\tCONSOLE\r\n\r\n> ");
  EXPECT_EQ(type("sendat('AT+CSQ')\r\n").find("sendat('AT+CSQ')\r\n\n\r\n+CSQ: "), 0u);
  EXPECT_NE(type("error('no')\r\n").find("no"), std::string::npos);
  EXPECT_NE(type("x ==\r\n").find("> "), std::string::npos);
}

TEST_P(Tasks, WatchPins) {
  machine.switch_on(R"lua(
    PROJECT, VERSION = "PINS", "1.0.0"
    require "log"
    require "sys"
    require "pins"
    pmd.ldoset(15, pmd.LDO_VLCD)
    local read
    read = pins.setup(pio.P0_6, function(edge)
      print("edge", edge == cpu.INT_GPIO_POSEDGE, read())
    end)
    local both = pins.setup(pio.P0_7, 0)
    print("set", both(1), both())
    sys.init(0, 0)
    sys.run()
  )lua");
  machine.pass_seconds(1);
  EXPECT_TRUE(machine.logged("set 1 ")) << machine.log();
  machine.act({.what = "pin", .text = "P0_6", .first = 1});
  machine.pass_seconds(1);
  EXPECT_TRUE(machine.logged("edge true 1")) << machine.log();
  machine.act({.what = "pin", .text = "P0_6", .first = 0});
  machine.pass_seconds(1);
  EXPECT_TRUE(machine.logged("edge false 0")) << machine.log();
}

TEST_P(Tasks, KnowWhoTheyAre) {
  EXPECT_EQ(run(R"(
    require "misc" require "sim"
    sys.waitUntil("IP_READY_IND", 20000)
    say(#misc.getImei(), #sim.getImsi(), #sim.getIccid(), sim.getMcc(), sim.getStatus())
    say(#misc.getSn() > 0, misc.getVersion() ~= nil, misc.getCalib(), misc.getVbatt() > 3000)
    say(net.getState(), net.getRssi() > 0, #net.getLac() > 0, #net.getCi() > 0)
    say(net.getCellInfoExt():match("^%d+%.%d+%.%d+%.%d+%.%d+;") ~= nil, net.getMcc())
    misc.setClock({ year = 2021, month = 5, day = 24, hour = 19, min = 10, sec = 9 }, function(t, ok)
      say("clock", ok, t.year, t.month, t.day, t.hour, t.min)
    end)
    sys.wait(1000)
    say(misc.getWeek())
  )",
                40, "require 'net' net.startQueryAll(1000, 1000)"),
            "15 15 20 460 true\ntrue true true true\nREGISTERED true true true\ntrue 460\n"
            "clock true 2021 5 24 19 10\n1\n");
}

INSTANTIATE_TEST_SUITE_P(Modules, Tasks, ::testing::Values("air202", "air724u"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace moonwire::testing
