// Any text as a script in a small machine: it may say what it wants, but not crash, hang or leave
// anything over.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "support/script_runner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moonwire::testing::ScriptRunner runner({.process_memory_bytes = 2 << 20,
                                          .slice_counts = 2'000,
                                          .slice_check_counts = 500,
                                          .unyieldable_counts = 4'000});
  runner.host.step = 1;
  const auto pid = runner.start(std::string(data, data + size));
  runner.run_until_idle(50);
  runner.machine.stop(pid);
  if (runner.leftovers() != 0 || runner.machine.census().memory_bytes != 0) std::abort();
  return 0;
}
