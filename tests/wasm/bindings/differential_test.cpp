// Scripts that native Lua and a process of ours must answer alike: tests/lua/differential by Lua
// 5.4, tests/lua/lua51 by Lua 5.1 and by a process with its spellings.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/script_runner.h"

namespace moonwire {
namespace {

/// A folder of scripts and the Lua that says what they print.
struct Reference {
  std::filesystem::path folder;
  std::string interpreter;
  bool lua51;
};
const Reference lua54{MOONWIRE_TESTS "/lua/differential", "lua5.4", false};
const Reference lua51{MOONWIRE_TESTS "/lua/lua51", "lua5.1", true};

struct Script {
  const Reference* reference;
  std::string name;
};

std::vector<Script> scripts() {
  std::vector<Script> found;
  for (const Reference* reference : {&lua54, &lua51}) {
    for (const auto& entry : std::filesystem::directory_iterator(reference->folder)) {
      found.push_back({reference, entry.path().stem().string()});
    }
  }
  std::sort(found.begin(), found.end(), [](const Script& a, const Script& b) {
    return std::pair(a.reference->lua51, a.name) < std::pair(b.reference->lua51, b.name);
  });
  return found;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Both streams of `INTERPRETER NAME.lua`, run in the scripts' folder; "" without an interpreter.
std::string native_output(const Script& script) {
  const auto& [folder, interpreter, is_lua51] = *script.reference;
  const std::string command = "cd '" + folder.string() + "' && TZ=UTC " + interpreter + " " +
                              script.name + ".lua </dev/null 2>&1";
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  if (!pipe) return output;
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  pclose(pipe);
  // What the interpreter calls itself in front of an uncaught error.
  const std::string called = interpreter + ": ";
  const auto at = output.find("\n" + called);
  if (at != std::string::npos) output.replace(at + 1, called.size(), "lua: ");
  return output;
}

class Differential : public ::testing::TestWithParam<Script> {};

TEST_P(Differential, SaysWhatNativeLuaSays) {
  const auto& [reference, name] = GetParam();
  if (std::system((reference->interpreter + " -v >/dev/null 2>&1").c_str()) != 0)
    GTEST_SKIP() << "no " << reference->interpreter << " here";
  testing::ScriptRunner runner(
      {.process_memory_bytes = 256u << 20,  // frames are larger natively than in wasm
       .slice_counts = 2'000,
       .slice_check_counts = 500});
  runner.lua51 = reference->lua51;
  const auto pid = runner.start(text_of(reference->folder / (name + ".lua")), {}, name + ".lua");
  runner.machine.end_input(pid);
  runner.run_until_idle(200'000);
  EXPECT_EQ(runner.output(pid) + runner.errors(pid), native_output(GetParam()));
  EXPECT_EQ(runner.leftovers(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Scripts, Differential, ::testing::ValuesIn(scripts()),
                         [](const auto& script) {
                           return (script.param.reference->lua51 ? "lua51_" : "") +
                                  script.param.name;
                         });

}  // namespace
}  // namespace moonwire
