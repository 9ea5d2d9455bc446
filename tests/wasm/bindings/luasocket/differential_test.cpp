// The same scripts in the machine and in native Lua with Debian's LuaSocket: the same words come
// out, call by call.
#include <gtest/gtest.h>

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

// Only the lines that differ.
void expect_same(std::map<int, std::string> ours, std::map<int, std::string> natives) {
  std::erase_if(ours, [&](const auto& line) {
    const auto other = natives.find(line.first);
    if (other == natives.end() || other->second != line.second) return false;
    natives.erase(other);
    return true;
  });
  EXPECT_EQ(ours, natives);
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
  expect_same(lines_of(machine.output(pid) + machine.errors(pid)), lines_of(native));
  EXPECT_EQ(machine.leftovers(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Scripts, DifferentialScript,
                         ::testing::Values("surface", "receive", "send", "timeouts", "select",
                                           "endings", "connect", "options", "udp", "dns",
                                           "exceptions", "helpers", "mime_coders", "unix", "ipv6"),
                         [](const auto& script) { return std::string(script.param); });

// MOONWIRE_SEQUENCES and MOONWIRE_FIRST_SEED make longer runs.
TEST(Differential, RandomCallsGiveWhatTheyGiveNatively) {
  if (!has_native_luasocket()) GTEST_SKIP() << "no lua5.4 with lua-socket here";
  const int first = setting("MOONWIRE_FIRST_SEED", 1);
  const int end = first + setting("MOONWIRE_SEQUENCES", 200);
  constexpr int at_once = 16;  // native runs spend their time asleep
  const std::string script = file_text(scripts + "/random_calls.lua");
  for (int seed = first; seed < end; seed += at_once) {
    std::vector<Pipe> natives;
    for (int i = seed; i < std::min(seed + at_once, end); ++i) {
      natives.push_back(start_command("cd '" + scripts + "' && lua5.4 random_calls.lua " +
                                      std::to_string(i) + " 2>&1"));
    }
    for (std::size_t i = 0; i < natives.size(); ++i) {
      const std::string seed_text = std::to_string(seed + int(i));
      SCOPED_TRACE("random_calls.lua " + seed_text);
      LuasocketMachine machine;
      machine.put("show.lua", file_text(scripts + "/show.lua"));
      const kernel::Pid pid = machine.start(script, {seed_text}, "random_calls.lua");
      machine.run_until_idle();
      expect_same(lines_of(machine.output(pid) + machine.errors(pid)),
                  lines_of(read_all(natives[i])));
      EXPECT_EQ(machine.leftovers(), 0u);
    }
  }
}

}  // namespace
}  // namespace moonwire::testing
