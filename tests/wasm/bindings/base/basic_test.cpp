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
