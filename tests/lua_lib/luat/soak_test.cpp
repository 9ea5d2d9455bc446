// Days of the tutorial's long connection: as many heart beats as there must be, and no memory that
// grows. MOONWIRE_SOAK_HOURS makes it longer than the hours that every run of the tests lasts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

// Counts heart beats and throws everything else away; says how many each hour.
constexpr const char* counting_server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 50798))
  local beats, clients = 0, 0
  local hour = socket.gettime() + 3600
  while true do
    local client = listener:accept()
    clients = clients + 1
    while true do
      local bytes = client:receive(#"heart beat")
      if not bytes then break end
      assert(bytes == "heart beat", bytes)
      beats = beats + 1
      if socket.gettime() >= hour then
        hour = hour + 3600
        print(beats, clients)
      end
    end
    client:close()
  end
)lua";

class Soak : public ::testing::TestWithParam<const char*> {};

TEST_P(Soak, TheLongConnectionBeatsForHoursInTheSameMemory) {
  const char* const wanted = std::getenv("MOONWIRE_SOAK_HOURS");
  const int hours = wanted ? std::atoi(wanted) : 12;
  LuatMachine machine(GetParam());
  const kernel::Pid peer = machine.start(counting_server, {}, "server.lua");
  machine.put("longlink.lua",
              with(test_file("data/seeds/luat/longlink.lua"), "180.97.81.180", "127.0.0.1"));
  machine.switch_on(
      with(test_file("data/seeds/luat/main.lua"), "log.LOGLEVEL_TRACE", "log.LOGLEVEL_ERROR"));
  // Between two collections memory climbs; what must not climb is where each begins.
  std::vector<std::size_t> memory;
  for (int minutes = 0; minutes < hours * 60; minutes += 10) {
    machine.pass_seconds(600);
    memory.push_back(machine.state().memory_bytes);
  }
  const auto third = static_cast<std::ptrdiff_t>(memory.size() / 3);
  const std::size_t at_first = *std::min_element(memory.begin(), memory.begin() + third);
  const std::size_t at_last = *std::min_element(memory.end() - third, memory.end());
  EXPECT_LT(at_last, at_first + at_first / 10);
  RecordProperty("least_memory_at_first", static_cast<int>(at_first));
  RecordProperty("least_memory_at_last", static_cast<int>(at_last));

  const std::string& said = machine.output(peer);
  std::size_t beats = 0;
  std::size_t at = 0;
  for (int hour = 1; hour < hours; ++hour) {
    const std::size_t now = std::stoul(said.substr(at));
    // One every ten seconds, and what sending takes.
    EXPECT_NEAR(static_cast<double>(now - beats), 357, 4) << "hour " << hour << " of " << said;
    beats = now;
    at = said.find('\n', at) + 1;
  }
  EXPECT_EQ(machine.log().find("[E]-"), std::string::npos) << machine.log();
  EXPECT_EQ(machine.errors(machine.module_pid), "");
  EXPECT_NE(said.find("\t1\n"), std::string::npos) << "one connection: " << said;
  EXPECT_EQ(said.find("\t2\n"), std::string::npos) << "one connection: " << said;
}

INSTANTIATE_TEST_SUITE_P(Modules, Soak, ::testing::Values("air202", "air724u"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace moonwire::testing
