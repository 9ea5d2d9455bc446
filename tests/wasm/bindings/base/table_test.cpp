// Sorting waits with its comparator, and no table is too long for the others.
#include "wasm/bindings/base/waiting.h"

namespace moonwire {
namespace {

using testing::ScriptRunner;
using testing::Waiting;

constexpr Waiting waits[] = {
    {"sort's comparator",
     "local t = {3, 1, 2, 5, 4} table.sort(t, function(a, b) pause(0.5) return a < b end) "
     "print(table.concat(t, ' '))",
     "1 2 3 4 5\n"},
    {"a comparator that waits now and then",
     "local t, n = {}, 0 for i = 1, 300 do t[i] = (i * 7919) % 1009 end "
     "table.sort(t, function(a, b) n = n + 1 if n % 50 == 0 then pause(0.1) end return a > b end) "
     "for i = 2, 300 do assert(t[i - 1] > t[i]) end print(#t)",
     "300\n"},
    {"a sort in a comparator",
     "local t = {{3, 2}, {1, 9}, {5, 4}} table.sort(t, function(a, b) table.sort(a, function(x, y) "
     "pause(0.5) return x < y end) table.sort(b) return a[1] < b[1] end) "
     "print(t[1][1], t[2][1], t[3][1])",
     "1\t2\t4\n"},
    {"__lt of the elements",
     "local m = {__lt = function(a, b) pause(0.5) return a.v < b.v end} local t = {} "
     "for i, v in ipairs{3, 1, 2, 4} do t[i] = setmetatable({v = v}, m) end table.sort(t) "
     "print(t[1].v, t[2].v, t[3].v, t[4].v)",
     "1\t2\t3\t4\n"},
    {"an error after waiting",
     "print(pcall(table.sort, {2, 1}, function() pause(1) error('x', 0) end))", "false\tx\n"},
    {"an order that is none",
     "print(pcall(table.sort, {1, 2, 3, 4, 5}, function() pause(0.5) return true end))",
     "false\tinvalid order function for sorting\n"},
};

TEST(Table, AComparatorMayWait) {
  testing::expect_waiting_is_invisible(waits);
}

constexpr const char* long_work[] = {
    "local t = setmetatable({}, {__len = function() return 1 << 40 end, __index = function() "
    "return "
    "'' end}) table.concat(t)",
    "local t = setmetatable({}, {__len = function() return 1 << 40 end, __index = rawlen}) "
    "table.insert(t, 1, 5)",
    "table.move({}, 1, 1 << 40, 2)",
    "table.move({}, 1, 1 << 40, 1, {})",
    "table.remove(setmetatable({}, {__len = function() return 1 << 40 end}), 1)",
    "local t = {} for i = 1, 400000 do t[i] = tostring(i) end while true do table.sort(t) "
    "t[1], t[5] = t[5], t[1] end",
    "while true do table.concat({'a', 'b', 'c'}, ',') end",
    "local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t) end",
};

TEST(Table, NoNumberOfElementsStarvesTheOthers) {
  testing::expect_long_work_gives_turns(long_work);
}

TEST(Table, WhatIsInterruptedIsWholeInTheEnd) {
  ScriptRunner runner({.slice_counts = 3, .slice_check_counts = 3});
  EXPECT_EQ(runner.run("local t = {} for i = 1, 3000 do t[i] = 3000 - i end "
                       "table.insert(t, 1, 'first') table.remove(t, 2) table.move(t, 1, 3000, 2) "
                       "print(#t, t[1], t[2], t[3], t[3001]) "
                       "print(#table.concat(t, ',')) t[1], t[2] = 1, 1 table.sort(t) "
                       "print(t[1], t[2], t[3001])"),
            "3001\tfirst\tfirst\t2998\t0\n13896\n0\t1\t2998\n");
  EXPECT_EQ(runner.leftovers(), 0u);
}

TEST(Table, SortingManyNumbersIsBoundedInMemory) {
  ScriptRunner runner({.process_memory_bytes = 4u << 20, .slice_counts = 100'000});
  EXPECT_EQ(runner.run("local t = {} for i = 1, 100000 do t[i] = -i end "
                       "print(pcall(table.sort, t)) collectgarbage() print(#t)"),
            "true\n100000\n");
}

}  // namespace
}  // namespace moonwire
