// Scripts that native Lua and a process of ours must answer alike: tests/lua/differential.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/script_runner.h"

namespace moonwire {
namespace {

const std::filesystem::path folder = MOONWIRE_TESTS "/lua/differential";

std::vector<std::string> scripts() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Both streams of `lua5.4 NAME.lua`, run in the scripts' folder; "" when there is no native Lua.
std::string native_output(const std::string& name) {
  const std::string command =
      "cd '" + folder.string() + "' && TZ=UTC lua5.4 " + name + ".lua </dev/null 2>&1";
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  if (!pipe) return output;
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  pclose(pipe);
  // What the interpreter calls itself in front of an uncaught error.
  const std::string called = "lua5.4: ";
  const auto at = output.find("\n" + called);
  if (at != std::string::npos) output.replace(at + 1, called.size(), "lua: ");
  return output;
}

class Differential : public ::testing::TestWithParam<std::string> {};

TEST_P(Differential, SaysWhatNativeLuaSays) {
  if (std::system("lua5.4 -v >/dev/null 2>&1") != 0) GTEST_SKIP() << "no lua5.4 here";
  testing::ScriptRunner runner(
      {.process_memory_bytes = 256u << 20,  // frames are larger natively than in wasm
       .slice_counts = 2'000,
       .slice_check_counts = 500});
  const auto pid = runner.start(text_of(folder / (GetParam() + ".lua")), {}, GetParam() + ".lua");
  runner.machine.end_input(pid);
  runner.run_until_idle(200'000);
  EXPECT_EQ(runner.output(pid) + runner.errors(pid), native_output(GetParam()));
  EXPECT_EQ(runner.leftovers(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Scripts, Differential, ::testing::ValuesIn(scripts()),
                         [](const auto& script) { return script.param; });

}  // namespace
}  // namespace moonwire
