// The same scripts in the machine and in native Lua with Debian's LuaSocket: the same words come
// out, call by call.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

const std::string scripts = MOONWIRE_LUA_TESTS;

// What a command of the shell prints.
std::string output_of(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string output;
  std::array<char, 4096> chunk;
  while (const std::size_t size = fread(chunk.data(), 1, chunk.size(), pipe.get())) {
    output.append(chunk.data(), size);
  }
  return output;
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

class Differential : public ::testing::TestWithParam<const char*> {};

TEST_P(Differential, SaysWhatNativeLuaSocketSays) {
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

INSTANTIATE_TEST_SUITE_P(Scripts, Differential,
                         ::testing::Values("surface", "receive", "send", "timeouts", "select",
                                           "endings", "connect", "options", "udp", "dns",
                                           "exceptions", "helpers", "mime_coders", "unix", "ipv6"),
                         [](const auto& script) { return std::string(script.param); });

}  // namespace
}  // namespace moonwire::testing
