// require and its like: their modules may wait; what cannot be loaded says why.
#include "wasm/bindings/base/waiting.h"

namespace moonwire {
namespace {

using testing::ScriptRunner;
using testing::Waiting;

constexpr Waiting waits[] = {
    {"a module's body",
     "package.preload.m = function(name) pause(1) return {name = name} end "
     "print(require('m').name, require('m') == package.loaded.m)",
     "m\ttrue\n"},
    {"a module in a module",
     "package.preload.a = function() pause(0.5) return require('b') .. 'a' end "
     "package.preload.b = function() pause(0.5) return 'b' end print(require('a'))",
     "ba\t:preload:\n"},
    {"a searcher",
     "package.searchers[1] = function(name) pause(1) return function(...) return ... end, 'data' "
     "end "
     "print(require('x'))",
     "x\tdata\n"},
    {"a searcher that finds nothing",
     "package.searchers = {function() pause(1) return 'not here' end, function() pause(1) return "
     "'nor here' end} print(pcall(require, 'x'))",
     "false\tmodule 'x' not found:\n\tnot here\n\tnor here\n"},
    {"a module's error",
     "package.preload.m = function() pause(1) error('x', 0) end "
     "print(pcall(require, 'm')) print(package.loaded.m)",
     "false\tx\nnil\n"},
    {"load's reader",
     "local pieces = {'return ', '1 ', '+ 2'} print(load(function() pause(1) return "
     "table.remove(pieces, 1) end)())",
     "3\n"},
    {"an error of load's reader", "print(load(function() pause(1) error('x', 0) end))", "nil\tx\n"},
};

TEST(Package, ModulesAndReadersMayWait) {
  testing::expect_waiting_is_invisible(waits);
}

TEST(Package, AFileModuleMayWaitAndIsFoundInTheProjectFirst) {
  ScriptRunner runner;
  runner.put("m.lua", "pause(1) return {from = select(2, ...)}");
  runner.put("sub/init.lua", "return 'sub'");
  runner.put("socket/url.lua", "return 'mine'");
  EXPECT_EQ(runner.run("print(require('m').from, require('sub'), require('socket.url'))"),
            "./m.lua\tsub\tmine\t./socket/url.lua\n");
  EXPECT_EQ(runner.leftovers(), 0u);
}

TEST(Package, DofileMayWait) {
  ScriptRunner runner;
  runner.put("part.lua", "pause(1) return 1, 2");
  EXPECT_EQ(runner.run("print(dofile('part.lua'))"), "1\t2\n");
}

TEST(Package, TheBundledLibrariesAreThere) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("for _, name in ipairs{'socket.url', 'ltn12', 'mime', 'socket', "
                       "'socket.http', 'socket.smtp', 'socket.ftp', 'socket.tp', 'socket.headers'} "
                       "do io.write(type(require(name)), ' ') end "
                       "print(package.path)"),
            "table table table table table table table table table "
            "./?.lua;./?/init.lua;/lib/luasocket/?.lua;/lib/luasocket/?/init.lua\n");
}

TEST(Package, BundledFilesCannotBeWritten) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(io.open('/lib/luasocket/ltn12.lua', 'w')) "
                       "print(os.remove('/lib/luasocket/ltn12.lua'))"),
            "nil\t/lib/luasocket/ltn12.lua: Permission denied\t13\n"
            "nil\t/lib/luasocket/ltn12.lua: Permission denied\t13\n");
}

TEST(Package, LoadlibSaysThatThereAreNoCModules) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(package.loadlib('x.so', '*')) print(package.cpath == '')"),
            "nil\tdynamic libraries not enabled; check your Lua installation\tabsent\ntrue\n");
}

}  // namespace
}  // namespace moonwire
