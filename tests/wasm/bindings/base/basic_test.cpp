// print, tostring, ipairs and the warnings.
#include "wasm/bindings/base/waiting.h"

namespace moonwire {
namespace {

using testing::ScriptRunner;
using testing::Waiting;

constexpr Waiting waits[] = {
    {"print's __tostring",
     "local t = setmetatable({}, {__tostring = function() pause(1) return 'text' end}) "
     "print(1, t, 2, t)",
     "1\ttext\t2\ttext\n"},
    {"tostring's __tostring",
     "print(tostring(setmetatable({}, {__tostring = function() pause(1) return 'text' end})))",
     "text\n"},
    {"a __tostring that gives no string",
     "print(pcall(tostring, setmetatable({}, {__tostring = function() pause(1) return {} end})))",
     "false\t'__tostring' must return a string\n"},
    {"ipairs's __index",
     "for i, v in ipairs(setmetatable({'raw'}, {__index = function(_, k) pause(1) if k < 4 then "
     "return k * k end end})) do io.write(i, '=', v, ' ') end print()",
     "1=raw 2=4 3=9 \n"},
    {"ipairs's chain of __index",
     "local far = setmetatable({}, {__index = function(_, k) pause(1) if k < 3 then return k end "
     "end}) for i, v in ipairs(setmetatable({}, {__index = far})) do io.write(i, '=', v, ' ') end "
     "print()",
     "1=1 2=2 \n"},
};

TEST(Basic, MetamethodsMayWait) {
  testing::expect_waiting_is_invisible(waits);
}

TEST(Basic, AnErrorInPrintLeavesWhatWasPrintedBefore) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("pcall(print, 1, 2, setmetatable({}, {__tostring = error})) print('on')"),
            "1\t2on\n");
}

TEST(Basic, LongAndManyValuesArePrintedWhole) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(('x'):rep(300), ('y'):rep(300), ('z'):rep(2000), 'end')"),
            std::string(300, 'x') + "\t" + std::string(300, 'y') + "\t" + std::string(2000, 'z') +
                "\tend\n");
}

constexpr const char* long_work[] = {
    ("local t = {} for i = 1, 100000 do t[i .. ''] = i end for k in pairs(t) do t[k] = nil end "
     "while true do next(t) end"),
    "local t = {} for i = 1, 100000 do t[i] = {} end while true do collectgarbage() end",
    "local t = {} for i = 1, 200000 do t[i] = i end while true do select('#', table.unpack(t)) end",
    "local s = ('x'):rep(200000) while true do select('#', s:byte(1, -1)) end",
    "local s = ('x'):rep(1000000) while true do local t = s:upper() end",
    "local s = ('x'):rep(1000000) while true do local t = s .. s end",
};

TEST(Basic, CallsThatTakeLongUseUpTheSlice) {
  for (const char* script : long_work) {
    ScriptRunner runner;
    runner.host.step = 500;  // each look at the clock; a slice has 2 ms
    const kernel::Pid busy = runner.start(script, {}, "busy.lua");
    const kernel::Pid other = runner.start("for i = 1, 5 do pause(0) end print('done')");
    for (int i = 0; i < 5000 && !runner.has_exited(other); ++i) runner.turn();
    EXPECT_EQ(runner.output(other), "done\n") << script;
    EXPECT_FALSE(runner.has_exited(busy)) << script << runner.errors(busy);
    runner.machine.stop(busy);
    EXPECT_EQ(runner.leftovers(), 0u) << script;
  }
}

TEST(Basic, WarningsAreOffUntilAskedFor) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("warn('no') warn('@on') warn('one ', 'two') warn('@off') warn('no') "
                       "warn('@unknown')"),
            "Lua warning: one two\n");
}

TEST(Basic, BytecodeThatThisMachineDidNotMakeIsRefused) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(load('\\27Lua garbage')) print(load('\\27Lua', 'x', 'b')) "
                       "print(load('\\27Lua', 'x', 't'))"),
            "nil\tbinary chunks are not loaded here: Lua cannot check that they are safe\n"
            "nil\tbinary chunks are not loaded here: Lua cannot check that they are safe\n"
            "nil\tattempt to load a binary chunk (mode is 't')\n");
}

}  // namespace
}  // namespace moonwire
