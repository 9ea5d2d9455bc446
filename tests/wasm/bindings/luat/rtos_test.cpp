// rtos: messages in their exact shapes, timers, and every way a module begins anew.
#include "luat_machine.h"

namespace moonwire::testing {
namespace {

using modem::Profile;

TEST(LuatRtos, ReceiveTellsOfTheTimeoutAndOfTimers) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("rtos.poweron(0)\n"
                        "local began = rtos.tick()\n"
                        "print(rtos.receive(1500), (rtos.tick() - began) / 16384)\n"
                        "print(rtos.timer_start(7, 200), rtos.timer_start(8, 100.5))\n"
                        "print(rtos.receive(5000))\n"
                        "print(rtos.receive(rtos.INF_TIMEOUT))\n"
                        "print(rtos.timer_stop(12345), rtos.timer_start(1, 0))"),
            "4 1.5\n1 1\n5 8\n5 7\n1 0\n");
}

TEST(LuatRtos, ATimerThatIsStartedAgainBeginsAgainAndAStoppedOneIsSilent) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("rtos.poweron(0)\n"
                        "rtos.timer_start(1, 1000) rtos.timer_start(2, 600)\n"
                        "print(rtos.receive(500)) rtos.timer_start(1, 1000) rtos.timer_stop(2)\n"
                        "print(rtos.receive(900), rtos.receive(200))"),
            "4\n4 5 1\n");
}

TEST(LuatRtos, KnowsItsProfile) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    LuatMachine machine{profile};
    const bool is_2g = profile == Profile::air202;
    EXPECT_EQ(machine.run("print(rtos.get_version(), rtos.poweron_reason())\n"
                          "print(string.match(rtos.get_version(), 'Luat_V(%d+)_') ~= nil, "
                          "type(rtos.openSoftDog))"),
              is_2g ? "Luat_V0040_8955_SSL_FLOAT 0\ntrue nil\n"
                    : "Luat_V3030_RDA8910_TTS_NOVOLTE_FLOAT 0\ntrue function\n");
  }
}

TEST(LuatRtos, RestartBeginsWithACleanStateUnderTheSamePid) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "print(rtos.poweron_reason(), leftover)\n"
      "leftover = 1\n"
      "if rtos.poweron_reason() == rtos.POWERON_KEY then pcall(function() rtos.restart() "
      "print('not reached') end) end\n"
      "print('second', rtos.tick() < 1000)");
  machine.pass(10 * second);
  EXPECT_EQ(machine.output(pid), "0 nil\n3 nil\nsecond true\n");
  EXPECT_EQ(machine.status(pid), 0);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(LuatRtos, PowerOffEndsTheProcessWithStatusZero) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on("rtos.poweroff() print('not reached')");
  machine.pass(second);
  EXPECT_EQ(machine.output(pid), "");
  EXPECT_EQ(machine.status(pid), 0);
  EXPECT_FALSE(machine.module().is_on());
}

TEST(LuatRtos, ACrashOnceItRanRebootsTheModuleAndKeepsItsWords) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "print(rtos.poweron_reason())\n"
      "rtos.receive(100)\n"
      "if rtos.poweron_reason() == 0 then error('out of order') end\n"
      "print(io.open('/luaerrinfo.txt'):read('*l'))");
  machine.pass(10 * second);
  EXPECT_EQ(machine.output(pid), "0\n6\nlua: main.lua:17: out of order\n");
  EXPECT_NE(machine.errors(pid).find("stack traceback"), std::string::npos);
  EXPECT_EQ(machine.status(pid), 0);
}

TEST(LuatRtos, ACrashBeforeTheFirstReceiveEndsTheProcess) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on("error('at load')");
  machine.pass(10 * second);
  EXPECT_EQ(machine.status(pid), 1);
  EXPECT_NE(machine.machine.files().find("/project/luaerrinfo.txt"), nullptr);
}

TEST(LuatRtos, TheFirmwaresWatchdogResetsAScriptThatSpins) {
  LuatMachine machine;
  machine.host.step = 1000;  // time passes while it runs
  const kernel::Pid pid = machine.switch_on(
      "print(rtos.poweron_reason())\n"
      "if rtos.poweron_reason() ~= 0 then return end\n"
      "rtos.openSoftDog(60000)\n"
      "while true do end");
  machine.pass(70 * second);
  EXPECT_EQ(machine.output(pid), "0\n8\n");
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(LuatRtos, AWatchdogThatIsFedIsQuiet) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("rtos.openSoftDog(5000)\n"
                        "for _ = 1, 10 do pass(4000) rtos.eatSoftDog() end\n"
                        "rtos.closeSoftDog() pass(20000) print(rtos.poweron_reason())"),
            "0\n");
}

TEST(LuatRtos, ATabThatSleptHasItsTurnBeforeTheWatchdogBites) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "rtos.openSoftDog(60000)\n"
      "for _ = 1, 5 do pass(20000) rtos.eatSoftDog() end\n"
      "print(rtos.poweron_reason())");
  for (int nap = 0; nap < 20; ++nap) {
    machine.host.steady += 62 * second;
    machine.pass(0);
  }
  EXPECT_EQ(machine.output(pid), "0\n");
}

TEST(LuatRtos, ThePowerKeyIsAKeypadMessageForThoseWhoAsked) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "rtos.init_module(rtos.MOD_KEYPAD, 0, 0x1f, 0x1f)\n"
      "for _ = 1, 2 do local m = wait_for(rtos.MSG_KEYPAD) print(m.pressed, m.key_matrix_row, "
      "m.key_matrix_col) end\n"
      "print(pcall(rtos.init_module, 9))");
  machine.pass(second);
  machine.act("power-key", {}, 1);
  machine.pass(second);
  machine.act("power-key", {}, 0);
  machine.pass(second);
  EXPECT_EQ(machine.output(pid), "true 255 255\nfalse 255 255\nfalse module id must < 3\n");
}

TEST(LuatRtos, AnAlarmComesAtItsSecond) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run(
          "rtos.set_time(os.time{year = 2020, month = 5, day = 1, hour = 12, min = 12, sec = 12})\n"
          "rtos.init_module(rtos.MOD_ALARM)\n"
          "rtos.set_alarm(1, 2020, 5, 1, 12, 13, 12)\n"
          "print(wait_for(rtos.MSG_ALARM, 100000), os.date('%H:%M:%S'))"),
      "15 12:13:12\n");
}

TEST(LuatRtos, SleepHoldsTheWholeScript) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run("local began = rtos.tick() rtos.sleep(250) print((rtos.tick() - began) / 16384)"),
      "0.25\n");
}

TEST(LuatRtos, FoldersAreMadeAndRemoved) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run(
          "print(rtos.make_dir('/http_down'), rtos.make_dir('/http_down'), rtos.make_dir('/a/b'))\n"
          "local f = io.open('/http_down/x.bin', 'wb') f:write('1') f:close()\n"
          "print(rtos.remove_dir('/http_down'), os.remove('/http_down/x.bin'), "
          "rtos.remove_dir('/http_down'))\n"
          "print(rtos.get_fs_free_size() > 1000000, rtos.get_fs_total_size(0, 1))"),
      "true false false\nfalse true true\ntrue 32768\n");
}

TEST(LuatRtos, APrintThatIsSwitchedOffIsSilent) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("print(1) rtos.set_trace(0) print(2) rtos.set_trace(1) print(3)"),
            "1\n3\n");
}

TEST(LuatRtos, AScriptThatFloodsItsOwnQueuesStaysWithinBounds) {
  LuatMachine machine;
  EXPECT_EQ(machine.run(
                "rtos.poweron(0)\n"
                "local n = 0 for id = 1, 5000 do n = n + rtos.timer_start(id, 60000) end print(n)\n"
                "for id = 1, 5000 do rtos.timer_stop(id) end"),
            "4096\n");
}

// The modem has its own time, as the real one has its own task: a script that never rests, and
// never reads, neither stops it nor anybody else. Its answers wait until they fill uart.ATC.
TEST(LuatRtos, AScriptThatWritesToTheModemForEverHarmsNobody) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    for (const char* command : {"AT\\r", "AT+CSQ\\r", "garbage\\r"}) {
      LuatMachine machine{profile};
      const kernel::Pid flood =
          machine.switch_on(std::string("rtos.receive(1)\nwhile true do uart.write(uart.ATC, '") +
                            command + "') end");
      const kernel::Pid other = machine.start("pause(5) print('my turn')", {}, "other.lua");
      machine.host.step = 20;  // time passes while the script runs
      for (int turns = 0; turns < 200'000 && !machine.has_exited(other); ++turns) machine.turn();
      EXPECT_EQ(machine.output(other), "my turn\n") << command;
      const module::State state = machine.module().state();
      EXPECT_EQ(state.modem.registration, modem::Registration::registered) << command;
      EXPECT_LT(state.memory_bytes, 4u << 20) << command;
      std::size_t answers = 0;
      for (const modem::AtRecord& record : machine.module().modem().take_trace().records) {
        answers += record.direction == modem::AtRecord::Direction::from_modem ? 1 : 0;
      }
      EXPECT_GT(answers, 2u) << "the modem is starved by " << command;
      machine.machine.stop(flood);
      for (int turns = 0; turns < 100 && !machine.has_exited(flood); ++turns) machine.turn();
      EXPECT_TRUE(machine.has_exited(flood)) << command;
      machine.pass(second);
      EXPECT_EQ(machine.leftovers(), 0u) << command;
    }
  }
}

}  // namespace
}  // namespace moonwire::testing
