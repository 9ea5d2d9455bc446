// Lua as openLuat's firmware has it.
#include "luat_machine.h"

namespace moonwire::testing {
namespace {

TEST(LuatEnvironment, NumbersAreThoseOfLua51) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("print(10 / 2, 3.5, -0.5, 2 ^ 31, 1e15, 1e100, 7 // 2)\n"
                        "print(5.0 .. '', tostring(4 / 2), table.concat({2 / 1, 'x'}, ','))\n"
                        "io.write(6 / 3, '\\n')"),
            "5 3.5 -0.5 2147483648 1e+15 1e+100 3\n5 2 2,x\n2\n");
}

TEST(LuatEnvironment, CutsAFractionThatIsGivenForAnInteger) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("print(string.format('%d %d %x', 3.7, -3.7, 255.9))\n"
                        "print(string.rep('ab', 2.9), ('hello'):sub(1.9, 3.2), string.char(65.5))\n"
                        "print(pcall(string.rep, 'x', 'y'))"),
            "3 -3 ff\nabab hel A\n"
            "false bad argument #2 to 'string.rep' (number expected, got string)\n");
}

TEST(LuatEnvironment, VarargFunctionsHaveTheirArgUnlessTheySayDots) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("local function f(a, ...) return a, arg.n, arg[1], arg[3] end\n"
                        "print(f(1, 'x', nil, 'z'))\n"
                        "print(f())\n"
                        "local function g(...) local x = ... ; return arg, x end\n"
                        "print(g(7))\n"
                        "local function outer(...) return (function() return arg[1] end)() end\n"
                        "print(outer('up'))\n"
                        "local function many(...) return #arg, arg[200] end\n"
                        "local t = {} for i = 1, 200 do t[i] = i end\n"
                        "print(many(unpack(t)))\n"
                        "print(type(arg), arg[0])"),
            "1 3 x z\nnil 0 nil nil\nnil 7\nup\n200 200\ntable main.lua\n");
}

TEST(LuatEnvironment, OtherDialectsKeepTheNumbersOfLua54) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.ScriptRunner::run("print(10 / 2, pcall(string.rep, 'x', 1.5))\n"
                                "print((function(...) return arg == _G.arg end)(1))"),
      "5.0\tfalse\tbad argument #2 to 'string.rep' (number has no integer representation)\ntrue\n");
}

TEST(LuatEnvironment, TheMainChunkRunsInNoCoroutine) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("print(coroutine.running())\n"
                        "print(type(coroutine.wrap(function() return coroutine.running() end)()))"),
            "nil\nthread\n");
}

TEST(LuatEnvironment, TheFirmwaresModulesAreWritableGlobals) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run("for name in ('rtos uart pio pmd adc bit pack cpu socketcore'):gmatch('%a+') do\n"
                  "  assert(type(_G[name]) == 'table' and require(name) == _G[name], name)\n"
                  "  _G[name].added = name\n"
                  "end\n"
                  "for _, name in ipairs{'net', 'socket', 'sim', 'link', 'log', 'http', 'sys'} do\n"
                  "  assert(_G[name] == nil, name)\n"
                  "end\n"
                  "for name, value in pairs(rtos) do assert(value ~= nil, name) end\n"
                  "print(uart.added)"),
      "uart\n");
}

TEST(LuatEnvironment, TheProjectIsAtLuaAndLdataAndTheRoot) {
  LuatMachine machine;
  machine.put("data.bin", "resource");
  machine.put("extra.lua", "module(..., package.seeall) function f() return _NAME end");
  EXPECT_EQ(
      machine.run(
          "print(io.open('/lua/data.bin'):read('*a'), io.open('/ldata/data.bin'):read('*a'))\n"
          "local f = io.open('/para.lua', 'w') f:write('module(...) k = 5') f:close()\n"
          "package.path = '/?.lua;' .. package.path\n"
          "print(require('para').k, (require 'extra').f(), extra.f())\n"
          "print(os.rename('/para.lua', '/para_bak.lua'), os.remove('/para_bak.lua'), "
          "io.open('/para.lua'))"),
      "resource resource\n5 extra extra\n"
      "true true nil /para.lua: No such file or directory 2\n");
  EXPECT_EQ(machine.machine.files().find("/project/para.lua"), nullptr);
}

TEST(LuatEnvironment, ItsClockIsUtcAndItsCalendarEightHoursAhead) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run(
          "print(os.date('%Y-%m-%d %H:%M:%S', 0), os.date('!%H', 0), os.date('*t', 3600).hour)\n"
          "print(os.time{year = 1970, month = 1, day = 1, hour = 8})\n"
          "rtos.set_time(1621854609)\n"
          "print(os.time(), os.date('%Y/%m/%d,%H:%M:%S'))"),
      "1970-01-01 08:00:00 00 9\n0\n1621854609 2021/05/24,19:10:09\n");
}

TEST(LuatEnvironment, ASecondScriptFindsTheModuleTaken) {
  LuatMachine machine;
  const kernel::Pid first = machine.switch_on("rtos.receive(rtos.INF_TIMEOUT)");
  machine.pass(second / 10);
  const kernel::Pid other = machine.switch_on("print('never')");
  machine.pass(second / 10);
  EXPECT_EQ(machine.status(other), 1);
  EXPECT_NE(machine.errors(other).find("the module is on already"), std::string::npos);
  machine.machine.stop(first);
  EXPECT_EQ(machine.run("print('now')"), "now\n");
}

}  // namespace
}  // namespace moonwire::testing
