// Reading the console waits; writing it waits when the console is behind; files have their bounds.
#include "wasm/bindings/base/waiting.h"

namespace moonwire {
namespace {

using kernel::Pid;
using testing::ScriptRunner;

/// Runs a script to which these pieces are typed one after the other, then the end.
std::string run_with_input(const char* script, std::initializer_list<std::string_view> pieces) {
  ScriptRunner runner;
  const Pid pid = runner.start(script);
  runner.run_until_idle();
  for (const std::string_view piece : pieces) {
    runner.machine.type(pid, piece);
    runner.run_until_idle();
  }
  runner.machine.end_input(pid);
  runner.run_until_idle();
  EXPECT_TRUE(runner.has_exited(pid)) << script;
  EXPECT_EQ(runner.leftovers(), 0u) << script;
  return runner.output(pid) + runner.errors(pid);
}

struct Reading {
  const char* script;
  const char* input;
  const char* output;
};

constexpr Reading readings[] = {
    {"print(io.read())", "line\nrest", "line\n"},
    {"print(io.read('L'))", "line\n", "line\n\n"},
    {"print(io.read('l', 'L', 'a'))", "one\ntwo\nthree\nfour", "one\ttwo\n\tthree\nfour\n"},
    {"print(io.read('n', 'n', 'n', 'l'))", "  12 -0x1F.8p1\n 3.5e1 x\n", "12\t-63.0\t35.0\t x\n"},
    {"print(io.read('n', 'l'))", "abc\n", "nil\n"},
    {"print(io.read('n'), io.read('a'))", "1e+", "nil\t\n"},
    {"print(io.read(3, 0, 2))", "abcdef", "abc\t\tde\n"},
    {"print(io.read(10))", "abc", "abc\n"},
    {"print(io.read(0))", "", "nil\n"},
    {"print(io.read(), io.read(), io.read())", "a\n\n", "a\t\tnil\n"},
    {"for line in io.lines() do io.write('[', line, ']') end", "a\nbc\n\nd", "[a][bc][][d]"},
    {"for a, b in io.lines(nil, 'n', 'l') do io.write(a, b, ';') end", "1 x\n2 y\n", "1 x;2 y;"},
    {"for line in io.stdin:lines('L') do io.write(line) end", "a\nb", "a\nb"},
    {"print(pcall(function() return io.stdin:read('l') end))", "in pcall\n", "true\tin pcall\n"},
    {"print(coroutine.wrap(function() return io.read('l', 'l') end)())", "x\ny\n", "x\ty\n"},
    {"print(dofile())", "return 1,\n 2", "1\t2\n"},
    {"print(loadfile()())", "return 'loaded'", "loaded\n"},
    {"io.write(io.read('a'))", "one\ntwo\0three", "one\ntwo"},
    {"print(io.read(math.maxinteger))", "all of it", "all of it\n"},
};

TEST(Io, ReadingIsTheSameHoweverTheBytesCome) {
  for (const Reading& reading : readings) {
    const std::string_view input = reading.input;
    EXPECT_EQ(run_with_input(reading.script, {input}), reading.output) << reading.script;
    for (std::size_t cut = 0; cut <= input.size(); ++cut) {
      EXPECT_EQ(run_with_input(reading.script, {input.substr(0, cut), input.substr(cut)}),
                reading.output)
          << reading.script << " cut at " << cut;
    }
    ScriptRunner bytewise;
    const Pid pid = bytewise.start(reading.script);
    for (const char byte : input) {
      bytewise.run_until_idle();
      bytewise.machine.type(pid, {&byte, 1});
    }
    bytewise.machine.end_input(pid);
    bytewise.run_until_idle();
    EXPECT_EQ(bytewise.output(pid), reading.output) << reading.script << " byte by byte";
  }
}

TEST(Io, ALineLongerThanTheInputBufferIsReadAllTheSame) {
  ScriptRunner runner({.standard_input_bytes = 1000});
  const Pid pid = runner.start("print(#io.read('a'))");
  for (int i = 0; i < 100; ++i) {
    runner.run_until_idle();
    ASSERT_TRUE(runner.machine.type(pid, std::string(900, 'x')));
  }
  runner.machine.end_input(pid);
  runner.run_until_idle();
  EXPECT_EQ(runner.output(pid), "90000\n");
}

TEST(Io, ReadingLeavesWhatComesBehindTheLineToOthers) {
  EXPECT_EQ(
      run_with_input("print(io.read()) pause(1) print(io.read('a'))", {"line\nmore ", "still"}),
      "line\nmore still\n");
}

TEST(Io, DebugConversesOnTheConsole) {
  EXPECT_EQ(run_with_input("debug.debug() print('on', x)",
                           {"x = 5\n", "print(x)\nerror('oops', 0)\n", "cont\n"}),
            "5\non\t5\nlua_debug> lua_debug> lua_debug> oops\nlua_debug> ");
}

TEST(Io, AWriterWaitsForAConsoleThatIsBehind) {
  ScriptRunner runner({.output_burst_bytes = 100});
  const Pid pid = runner.start("for i = 1, 100 do print(('x'):rep(50)) end");
  for (int i = 0; i < 100; ++i) runner.machine.run(1);  // nothing is acknowledged
  EXPECT_FALSE(runner.has_exited(pid));
  EXPECT_LE(runner.output(pid).size(), 300u);
  EXPECT_EQ(runner.machine.census().parked, 1u);
  runner.run_until_idle();
  EXPECT_TRUE(runner.has_exited(pid));
  EXPECT_EQ(runner.output(pid).size(), 5100u);
}

TEST(Io, EveryWayToWriteWaits) {
  for (const char* script :
       {"while true do io.write(('x'):rep(50)) end", "while true do io.stdout:write('y') end",
        "while true do io.stderr:write('z') end", "while true do print(1) end",
        "io.write('a') while true do coroutine.wrap(function() io.write('b') end)() end"}) {
    ScriptRunner runner({.output_burst_bytes = 100});
    const Pid pid = runner.start(script);
    for (int i = 0; i < 200; ++i) runner.machine.run(1);
    EXPECT_LE(runner.output(pid).size() + runner.errors(pid).size(), 200u) << script;
    EXPECT_EQ(runner.machine.census().parked, 1u) << script;
    runner.machine.stop(pid);
    EXPECT_EQ(runner.leftovers(), 0u) << script;
  }
}

TEST(Io, FilesHaveTheirBounds) {
  ScriptRunner runner({.descriptors = 8, .file_system_bytes = 10'000, .file_bytes = 5'000});
  EXPECT_EQ(runner.run("local f = io.open('big', 'w') print(f:write(('x'):rep(5000)) == f) "
                       "print(f:write('y')) print(f:seek('end'), f:close()) "
                       "local open = {} for i = 1, 10 do local g, why, number = io.open('big') "
                       "if not g then print(why, number) break end open[i] = g end "
                       "for _, g in ipairs(open) do g:close() end print(io.type(io.open('big')))"),
            "true\nnil\tNo space left on device\t28\n5000\ttrue\n"
            "big: Too many open files\t24\nfile\n");
  EXPECT_EQ(runner.leftovers(), 0u);
}

TEST(Io, TheHostHearsOfChangedFilesWhenTheyAreClosedOrFlushed) {
  ScriptRunner runner;
  runner.run(
      "local f = io.open('made.txt', 'w') f:write('one') f:close() "
      "local g = io.open('left-open.txt', 'w') g:write('two') io.open('sub/no', 'w')");
  EXPECT_EQ(runner.machine.files().take_changed(),
            (std::vector<std::string>{"/project/left-open.txt", "/project/made.txt"}));
  EXPECT_EQ(runner.machine.files().find("left-open.txt")->bytes, "two");
}

TEST(Io, AFolderOpensButCannotBeRead) {
  ScriptRunner runner;
  runner.put("folder/file.txt", "x");
  EXPECT_EQ(runner.run("local f = io.open('folder') print(io.type(f), f:read('a')) "
                       "print(io.open('folder', 'w')) print(f:close())"),
            "file\tnil\tIs a directory\t21\nnil\tfolder: Is a directory\t21\ntrue\n");
}

TEST(Io, ThereIsNoShell) {
  ScriptRunner runner;
  EXPECT_EQ(runner.run("print(pcall(io.popen, 'ls')) print(os.execute()) print(os.execute('ls'))"),
            "false\t'popen' not supported\nfalse\nnil\texit\t127\n");
}

}  // namespace
}  // namespace moonwire
