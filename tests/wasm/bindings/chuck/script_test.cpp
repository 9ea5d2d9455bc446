// The acceptance list of the reference, as scripts in tests/lua/chuck: each ends with a line that
// says that all held, and leaves nothing.
#include <gtest/gtest.h>

#include "chuck_machine.h"

namespace moonwire::testing {
namespace {

class ChuckScript : public ::testing::TestWithParam<const char*> {};

TEST_P(ChuckScript, Holds) {
  ChuckMachine machine;
  machine.put("helpers.lua", ChuckMachine::script("helpers.lua"));
  const std::string name = GetParam();
  const kernel::Pid pid = machine.start(ChuckMachine::script(name + ".lua"), {}, name + ".lua");
  machine.run_until_idle();
  ASSERT_TRUE(machine.has_exited(pid));
  EXPECT_EQ(machine.errors(pid), "");
  EXPECT_TRUE(machine.output(pid).ends_with(name + " hold\n")) << machine.output(pid);
  EXPECT_EQ(machine.status(pid), 0);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(ChuckEvents, AnErrorInEachKindOfCallbackIsLogged) {
  ChuckMachine machine;
  machine.put("helpers.lua", ChuckMachine::script("helpers.lua"));
  const std::string output = machine.run(ChuckMachine::script("events.lua"));
  for (int number = 1; number <= 11; ++number) {
    const std::string words = ": callback error " + std::to_string(number) + "\n";
    const std::size_t at = output.find(words);
    ASSERT_NE(at, std::string::npos) << number;
    EXPECT_EQ(output.compare(output.rfind('\n', at) + 1, 7, "[ERROR]"), 0) << number;
  }
}

INSTANTIATE_TEST_SUITE_P(Chuck, ChuckScript,
                         ::testing::Values("packets", "events", "decoders", "http", "websocket",
                                           "autobahn", "later", "names", "framework"));

}  // namespace
}  // namespace moonwire::testing
