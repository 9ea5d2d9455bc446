// uart, pio, pmd, adc and the watchdog chip, with a hand at the bench.
#include "luat_machine.h"

namespace moonwire::testing {
namespace {

using modem::Profile;

TEST(LuatUart, TellsOnlyWhenItsBufferGoesFromEmptyToNotEmpty) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "rtos.poweron(0) print(uart.setup(1, 115200, 8, uart.PAR_NONE, uart.STOP_1))\n"
      "print(rtos.receive(60000)) pass(1000)\n"
      "print(uart.read(1, '*l'), uart.read(1, 3), uart.read(1, '*l', 0), '[' .. uart.read(1, '*l') "
      ".. ']')\n"
      "print(rtos.receive(60000))");
  machine.pass(second);
  machine.module().arrive_at_uart(1, "one\ntw");
  machine.module().arrive_at_uart(1, "o, three");
  machine.pass(2 * second);
  machine.module().arrive_at_uart(1, "x");
  machine.pass(second);
  EXPECT_EQ(machine.output(pid), "115200\n6 1 14\none\n two , three []\n6 1 1\n");
}

TEST(LuatUart, KeepsTheFirst2048BytesThatNobodyReads) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "rtos.poweron(0) uart.setup(2, 9600, 8, 2, 0) rtos.receive(60000) print(#uart.read(2, "
      "99999))");
  machine.pass(second);
  machine.module().arrive_at_uart(2, std::string(5000, 'a'));
  machine.pass(second);
  EXPECT_EQ(machine.output(pid), "2048\n");
}

TEST(LuatUart, WritesTextAndBytesAndTellsWhenTheyAreSent) {
  LuatMachine machine;
  const std::string told = machine.run(
      "rtos.poweron(0) uart.setup(3, 9600, 8, 2, 0, 0, 1)\n"
      "local began = rtos.tick() print(uart.write(3, 'hello', 0x0d, 10.0, string.rep('x', 89)))\n"
      "print(rtos.receive(60000)) print(((rtos.tick() - began) * 1000 + 8192) // 16384)\n"
      "print(pcall(uart.write, 3, 256)) print(uart.write(1, 'closed'))\n"
      "print(pcall(uart.setup, 4, 9600, 8, 2, 0))");
  EXPECT_EQ(told, "96\n7 3\n100\nfalse invalid number\n0\nfalse uart 4: there is no such port\n");
  std::size_t lost = 0;
  EXPECT_EQ(machine.module().take_uart(3, lost), "hello\r\n" + std::string(89, 'x'));
  EXPECT_EQ(lost, 0u);
}

TEST(LuatUart, AnAir202HasTwo) {
  LuatMachine machine{Profile::air202};
  EXPECT_EQ(machine.run("print(pcall(uart.setup, 3, 9600, 8, 2, 0)) print(uart.USB)"),
            "false uart 3: there is no such port\nnil\n");
}

TEST(LuatUart, AFloodKeepsTheLatestAndCountsTheRest) {
  LuatMachine machine;
  machine.run(
      "uart.setup(1, 115200, 8, 2, 0) for i = 1, 100 do uart.write(1, string.rep('x', 1000)) end");
  std::size_t lost = 0;
  EXPECT_EQ(machine.module().take_uart(1, lost).size(), module::uart_sent_bytes);
  EXPECT_EQ(lost, 100'000 - module::uart_sent_bytes);
}

TEST(LuatUart, TheModemIsSilentUntilTheFirstReceiveAndThenSaysReady) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run(
          "print(uart.setup(uart.ATC, 0, 0, uart.PAR_NONE, uart.STOP_1))\n"
          "rtos.sleep(5000) print('[' .. uart.read(uart.ATC, '*l') .. ']')\n"
          "print((wait_for(rtos.MSG_UART_RXDATA)), (uart.read(uart.ATC, '*l'):gsub('%c', '~')))"),
      "0\n[]\n6 RDY~~\n");
}

TEST(LuatUart, AHeldModemStaysSilent) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run(
          "rtos.poweron(0) print(rtos.receive(20000)) rtos.poweron(1) print(rtos.receive(20000))"),
      "4\n6 127 5\n");
}

TEST(LuatPins, HaveNamesDirectionsPullsAndLevels) {
  LuatMachine machine{Profile::air202};
  EXPECT_EQ(
      machine.run(
          "print(pio.P0_30, pio.P1_1, pio.P2_0, pio.P2_31, pio.P3_0, pio.P0_32, pio.x)\n"
          "pio.pin.setdir(pio.OUTPUT, 1, 2) pio.pin.setval(1, 1) print(pio.pin.getval(1, 2))\n"
          "pio.pin.setlow(1) pio.pin.sethigh(2) print(pio.pin.getval(1, 2))\n"
          "pio.pin.setdir(pio.OUTPUT1, 3) print(pio.pin.getval(3))\n"
          "pio.pin.setdir(pio.INPUT, 4) pio.pin.setpull(pio.PULLUP, 4) print(pio.pin.getval(4))\n"
          "pio.pin.setpull(pio.PULLDOWN, 4) print(pio.pin.getval(4))\n"
          "print(pcall(pio.pin.setval, 2, 1)) print(pcall(pio.pin.setdir, 99, 1))\n"
          "print(pcall(pio.pin.setpull, 99, 1)) print(pcall(pio.pin.getval, 96))"),
      "30 33 64 95 nil nil nil\n1 0\n0 1\n1\n1\n0\n"
      "false invalid pin value\nfalse invalid direction\nfalse invalid pull type\n"
      "false invalid pin\n");
}

TEST(LuatPins, AnInputFollowsTheBenchAndInterruptsOnBothEdges) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "pio.pin.setdir(pio.INT, pio.P0_6)\n"
      "for _ = 1, 2 do local m = wait_for(rtos.MSG_INT)\n"
      "  print(m.int_id == cpu.INT_GPIO_POSEDGE, m.int_resnum, pio.pin.getval(6)) end");
  machine.pass(second);
  EXPECT_TRUE(machine.act("pin", "P0_6", 1));
  EXPECT_TRUE(machine.act("pin", "P0_7", 1));  // nobody listens there
  machine.pass(second);
  machine.act("pin", "P0_6", 0);
  machine.pass(second);
  EXPECT_EQ(machine.output(pid), "true 6 1\nfalse 6 0\n");
  EXPECT_FALSE(machine.act("pin", "P9_9", 1));
}

TEST(LuatPins, APinWithoutItsSupplyIsZero) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("pio.pin.setdir(pio.OUTPUT1, pio.P0_1) print(pio.pin.getval(1))\n"
                        "pmd.ldoset(2, pmd.LDO_VLCD) print(pio.pin.getval(1))\n"
                        "pmd.ldoset(0, pmd.LDO_VLCD) print(pio.pin.getval(1))"),
            "0\n1\n0\n");
}

TEST(LuatPeripherals, ReadTheBatteryAndTheConvertersOfTheBench) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    LuatMachine machine{profile};
    machine.act("battery", {}, 3800);
    machine.act("adc", {}, 2, 925);
    EXPECT_EQ(
        machine.run(
            "print(pmd.param_get()) print(adc.open(2), adc.read(2)) print(pcall(adc.read, 8))"),
        std::string("true 3800 50 false 0\n1 512 ") +
            (profile == Profile::air202 ? "2775" : "925") + "\nfalse adc id 8 must be 0 to 7\n");
  }
}

// As wdt.lua has it: low for two seconds, then an input that is looked at every 100 ms.
constexpr const char* feed_watchdog = R"lua(
rtos.poweron(0)
local function feed()
  pio.pin.setdir(pio.OUTPUT1, 30, 31) pio.pin.setval(0, 31) pass(2000) pio.pin.setdir(pio.INPUT, 31)
  for tries = 1, 30 do if pio.pin.getval(31) == 0 then return tries end pass(100) end
end
)lua";

TEST(LuatWatchdog, TheChipAnswersByPullingItsLineLow) {
  LuatMachine machine{Profile::air202};
  EXPECT_EQ(machine.run(std::string(feed_watchdog) +
                        "print(feed()) pass(120000) print(feed(), rtos.poweron_reason())"),
            "6\n6 0\n");
}

TEST(LuatWatchdog, TheChipResetsAModuleThatForgetsIt) {
  LuatMachine machine{Profile::air202};
  EXPECT_EQ(machine.run(std::string(feed_watchdog) +
                        "print(rtos.poweron_reason()) if rtos.poweron_reason() == 0 then feed() "
                        "pass(400000) end"),
            "0\n8\n");
  EXPECT_EQ(machine.module().state().watchdogs[0].resets, 1u);
}

TEST(LuatBench, TheResetLineBeginsAnewAndForgetsPins) {
  LuatMachine machine;
  const kernel::Pid pid = machine.switch_on(
      "print(rtos.poweron_reason(), pio.pin.getval(8)) pio.pin.setdir(pio.OUTPUT1, 8) "
      "rtos.receive(rtos.INF_TIMEOUT)\n"
      "rtos.receive(rtos.INF_TIMEOUT)");
  machine.pass(second / 10);
  EXPECT_EQ(machine.module().state().pins.size(), 1u);
  machine.act("reset");
  EXPECT_EQ(machine.module().state().pins.size(), 0u);
  machine.pass(second);
  EXPECT_EQ(machine.output(pid), "0 0\n3 0\n");
  machine.machine.stop(pid);
  EXPECT_EQ(machine.module().state().pid, 0u);
  machine.pass(second);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(LuatBench, ItsProfileIsChosenWhileItIsOff) {
  LuatMachine machine;
  EXPECT_FALSE(machine.act("profile", "air303"));
  EXPECT_TRUE(machine.act("profile", "air202"));
  const kernel::Pid pid = machine.switch_on("while true do rtos.receive(rtos.INF_TIMEOUT) end");
  machine.pass(second / 10);
  EXPECT_FALSE(machine.act("profile", "air724u"));
  EXPECT_EQ(machine.module().state().pid, pid);
  EXPECT_EQ(machine.module().state().modem.profile, modem::Profile::air202);
  machine.machine.stop(pid);
}

}  // namespace
}  // namespace moonwire::testing
