// What direct.h promises: yields, errors and protected calls cost no exception where only the
// virtual machine stands between them and lua_resume, and behave as ever where more does. What they
// do for scripts is compared with native Lua's in tests/lua/differential/direct.lua.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <typeinfo>

#include "support/script_runner.h"

namespace {
int exceptions = 0;
}

extern "C" {
// The names that the linker's --wrap gives.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
[[noreturn]] void __real___cxa_throw(void* thrown, std::type_info* type, void (*destroy)(void*));
// NOLINTNEXTLINE(bugprone-reserved-identifier)
[[noreturn]] void __wrap___cxa_throw(void* thrown, std::type_info* type, void (*destroy)(void*)) {
  ++exceptions;
  __real___cxa_throw(thrown, type, destroy);
}
}

namespace moonwire {
namespace {

struct Case {
  const char* name;
  const char* script;
  const char* output;
  bool is_free;  // of exceptions
};

// The name says it all; without this the test's parameter is printed as bytes.
void PrintTo(const Case& tried, std::ostream* stream) {
  *stream << tried.script;
}

class DirectTest : public ::testing::TestWithParam<Case> {};

TEST_P(DirectTest, CostsTheExceptionsItMust) {
  testing::ScriptRunner runner;
  exceptions = 0;
  EXPECT_EQ(runner.run(GetParam().script), GetParam().output);
  EXPECT_EQ(exceptions == 0, GetParam().is_free) << exceptions << " exceptions";
  EXPECT_EQ(runner.leftovers(), 0u);
}

constexpr Case cases[] = {
    {"AYield", "print(coroutine.wrap(function(a) return a + coroutine.yield(a) end)(1))", "1\n",
     true},
    {"AYieldUnderProtectedCalls",
     "local co = coroutine.wrap(function() return pcall(function() local x = coroutine.yield(1) "
     "return x end) end) print(co()) print(co(2))",
     "1\ntrue\t2\n", true},
    {"ACoroutineWhoseBodyIsC",
     "local co = coroutine.wrap(pcall) print(co(function() coroutine.yield(1) return 2 end)) "
     "print(co())",
     "1\ntrue\t2\n", true},
    {"ABlockingCall", "pause(1) print('woken')", "woken\n", true},
    {"ABlockingCallInACoroutine", "coroutine.wrap(function() pause(1) print('woken') end)()",
     "woken\n", true},
    {"AnError", "print(pcall(function() error('no', 0) end))", "false\tno\n", true},
    {"AFailedAssertion", "print(pcall(function() assert(false, {}) end) == false)", "true\n", true},
    {"AnErrorThatEndsACoroutine",
     "print(coroutine.resume(coroutine.create(function() error('no', 0) end)))", "false\tno\n",
     true},
    {"ProtectedCallsDeeperThanTheCStack",
     "local function nest(n) if n > 0 then return select(2, pcall(nest, n - 1)) end error('end', "
     "0) end print(pcall(nest, 1000))",
     "true\tend\n", true},
    {"ATurnsEnd", "local n = 0 while n < 300000 do n = n + 1 end print(n)", "300000\n", true},
    {"AYieldInAMetamethod",
     "local t = setmetatable({}, {__index = function() return coroutine.yield(1) end}) local co = "
     "coroutine.wrap(function() return t.x end) print(co()) print(co(2))",
     "1\n2\n", false},
    {"AYieldInAnIterator",
     "local co = coroutine.wrap(function() for x in coroutine.yield do return x end end) co() "
     "print(co(2))",
     "2\n", false},
    {"AYieldAsATailCall",
     "local co = coroutine.wrap(function(...) return coroutine.yield(1) end) print(co(3)) "
     "print(co(2))",
     "1\n2\n", true},
    {"AProtectedCallAsATailCall",
     "local function try(...) return pcall(function(a) return coroutine.yield(a) end, ...) end "
     "local co = coroutine.wrap(function() return 0, try(1) end) print(co()) print(co(2))",
     "1\n0\ttrue\t2\n", true},
    {"AnErrorOfTheVirtualMachine", "print((pcall(function() local x x.y = 1 end)))", "false\n",
     false},
    {"AnErrorWithAMessageHandler",
     "print(xpcall(function() error('no', 0) end, function(m) return m .. '!' end))",
     "false\tno!\n", false},
    {"AnErrorUnderAHook",
     "debug.sethook(function() end, 'l') print(pcall(function() error('no', 0) end)) "
     "debug.sethook()",
     "false\tno\n", false},
};

INSTANTIATE_TEST_SUITE_P(Scripts, DirectTest, ::testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace moonwire
