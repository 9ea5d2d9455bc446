// The same scripts in the machine and in native Lua with Debian's LuaSocket: the same words come
// out, call by call.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

const std::string scripts = MOONWIRE_LUA_TESTS;

// A command of the shell that has been started; what it prints is there to be read.
using Pipe = std::unique_ptr<FILE, int (*)(FILE*)>;

Pipe start_command(const std::string& command) {
  return {popen(command.c_str(), "r"), &pclose};
}

std::string read_all(const Pipe& pipe) {
  std::string output;
  std::array<char, 4096> chunk;
  while (const std::size_t size = fread(chunk.data(), 1, chunk.size(), pipe.get())) {
    output.append(chunk.data(), size);
  }
  return output;
}

std::string output_of(const std::string& command) {
  return read_all(start_command(command));
}

// A number from the environment, for longer runs than the usual ones.
int setting(const char* name, int usual) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : usual;
}

// Lines, numbered: a difference is then told with its place.
std::map<int, std::string> lines_of(const std::string& text) {
  std::map<int, std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines[int(lines.size()) + 1] = line;
  return lines;
}

// Tells only the lines that differ.
void expect_same(const std::string& ours, const std::string& natives) {
  std::map<int, std::string> our_lines = lines_of(ours);
  std::map<int, std::string> native_lines = lines_of(natives);
  std::erase_if(our_lines, [&](const auto& line) {
    const auto other = native_lines.find(line.first);
    if (other == native_lines.end() || other->second != line.second) return false;
    native_lines.erase(other);
    return true;
  });
  EXPECT_EQ(our_lines, native_lines);
}

bool has_native_luasocket() {
  return output_of("lua5.4 -e 'print(require[[socket]]._VERSION)' 2>&1") == "LuaSocket 3.0.0\n";
}

class DifferentialScript : public ::testing::TestWithParam<const char*> {};

TEST_P(DifferentialScript, SaysWhatNativeLuaSocketSays) {
  if (!has_native_luasocket()) GTEST_SKIP() << "no lua5.4 with lua-socket here";
  const std::string name = std::string(GetParam()) + ".lua";
  const std::string native = output_of("cd '" + scripts + "' && lua5.4 " + name + " 2>&1");

  LuasocketMachine machine;
  machine.put("show.lua", file_text(scripts + "/show.lua"));
  const kernel::Pid pid = machine.start(file_text(scripts + "/" + name), {}, name);
  machine.run_until_idle();
  expect_same(machine.output(pid) + machine.errors(pid), native);
  EXPECT_EQ(machine.leftovers(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Scripts, DifferentialScript,
                         ::testing::Values("surface", "receive", "send", "timeouts", "select",
                                           "endings", "connect", "options", "udp", "dns",
                                           "exceptions", "helpers", "mime_coders", "unix", "ipv6"),
                         [](const auto& script) { return std::string(script.param); });

// A generated sequence of calls: how the two sides are asked for it.
struct Sequence {
  const char* script;
  std::string (*native)(int seed);  // a command of the shell
  std::string (*ours)(int seed);
};

std::string native_calls(int seed) {
  return "cd '" + scripts + "' && timeout 60 lua5.4 random_calls.lua " + std::to_string(seed) +
         " 2>&1";
}

std::string our_calls(int seed) {
  LuasocketMachine machine;
  machine.put("show.lua", file_text(scripts + "/show.lua"));
  const kernel::Pid pid = machine.start(file_text(scripts + "/random_calls.lua"),
                                        {std::to_string(seed)}, "random_calls.lua");
  machine.run_until_idle();
  EXPECT_EQ(machine.leftovers(), 0u);
  return machine.output(pid) + machine.errors(pid);
}

/// Two interpreters; what the driver prints comes first, then what either complains of.
std::string native_peers(int seed) {
  const std::string number = std::to_string(seed);
  const std::string path = "/tmp/moonwire-" + std::to_string(getpid()) + "-" + number;
  const std::string script = "timeout 60 lua5.4 random_peers.lua ";
  return "cd '" + scripts + "' && { " + script + "follower " + number + " " + path + " & " +
         script + "driver " + number + " " + path + "; wait; } 2>&1; rm -f " + path + "*";
}

std::string our_peers(int seed) {
  LuasocketMachine machine;
  machine.put("show.lua", file_text(scripts + "/show.lua"));
  const std::string script = file_text(scripts + "/random_peers.lua");
  const auto start = [&](const char* role) {
    return machine.start(script, {role, std::to_string(seed), "/tmp/control"}, "random_peers.lua");
  };
  const kernel::Pid follower = start("follower");
  const kernel::Pid driver = start("driver");
  machine.run_until_idle();
  EXPECT_EQ(machine.leftovers(), 0u);
  EXPECT_TRUE(machine.has_exited(driver) && machine.has_exited(follower));
  return machine.output(driver) + machine.errors(driver) + machine.errors(follower);
}

#ifdef MOONWIRE_HOSTILE
constexpr int usual_sequences = 50;  // each takes its time there
#else
constexpr int usual_sequences = 200;
#endif

class RandomSequences : public ::testing::TestWithParam<Sequence> {};

// MOONWIRE_SEQUENCES and MOONWIRE_FIRST_SEED make longer runs; see tests/lua/README.md.
TEST_P(RandomSequences, GiveWhatTheyGiveNatively) {
  if (!has_native_luasocket()) GTEST_SKIP() << "no lua5.4 with lua-socket here";
  const Sequence& sequence = GetParam();
  const int first = setting("MOONWIRE_FIRST_SEED", 1);
  const int end = first + setting("MOONWIRE_SEQUENCES", usual_sequences);
  constexpr int at_once = 16;  // native runs spend their time asleep
  for (int start = first; start < end; start += at_once) {
    std::vector<Pipe> natives;
    for (int seed = start; seed < std::min(start + at_once, end); ++seed) {
      natives.push_back(start_command(sequence.native(seed)));
    }
    for (int seed = start; seed < start + int(natives.size()); ++seed) {
      SCOPED_TRACE(std::string(sequence.script) + " with seed " + std::to_string(seed));
      const std::string ours = sequence.ours(seed);
      std::string native = read_all(natives[seed - start]);
      // A busy computer may have let a native wait run out: it is asked again, alone.
      for (int again = 0; again < 3 && native != ours; ++again) {
        native = output_of(sequence.native(seed));
      }
      expect_same(ours, native);
    }
  }
  std::printf("%s: seeds %d to %d\n", sequence.script, first, end - 1);
}

INSTANTIATE_TEST_SUITE_P(Differential, RandomSequences,
                         ::testing::Values(Sequence{"random_calls", native_calls, our_calls},
                                           Sequence{"random_peers", native_peers, our_peers}),
                         [](const auto& sequence) { return std::string(sequence.param.script); });

}  // namespace
}  // namespace moonwire::testing
