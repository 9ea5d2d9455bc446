// A machine for tests: scripts come as text, time is turned on to the next deadline when nothing
// can run, and what is left over can be asked.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/machine.h"
#include "support/manual_host.h"

namespace moonwire::testing {

class ScriptRunner {
 public:
  /// The product's libraries, and a global pause(seconds), the plainest blocking call.
  explicit ScriptRunner(kernel::Limits limits = {}, net::Limits network_limits = {});
  ScriptRunner(kernel::Limits limits, net::Limits network_limits, kernel::OpenLibraries libraries);

  /// Puts a file into the project.
  void put(std::string_view path, std::string text);
  /// Starts a script given as text. @return its pid.
  kernel::Pid start(std::string text, std::vector<std::string> arguments = {},
                    std::string name = "main.lua");
  /// Gives turns and moves time on until nothing can run and nothing waits for time. Output is
  /// acknowledged at once. Stops after `turns` turns, so that a test of an endless loop ends.
  void run_until_idle(int turns = 1'000'000);
  /// Gives turns until every process waits; time stands still.
  void settle();
  /// One slice of one process; time stands still.
  kernel::Turn turn();
  /// Runs one script to its end. @return what it wrote, standard output first.
  std::string run(std::string text, std::vector<std::string> arguments = {});

  bool has_exited(kernel::Pid pid) const { return host.exits.contains(pid); }
  int status(kernel::Pid pid) const { return host.exits.at(pid).status; }
  const std::string& output(kernel::Pid pid) { return host.consoles[pid].output; }
  const std::string& errors(kernel::Pid pid) { return host.consoles[pid].errors; }
  /// Processes, sockets, timers and parked processes in one number: 0 when nothing is left over.
  std::size_t leftovers() const;

  ManualHost host;
  kernel::Dialect dialect = kernel::Dialect::luasocket;  // of what start() starts
  kernel::Machine machine;
  bool lua51 = false;  // of what start() starts from now on, as in SpawnOptions
  bool debug = false;

 private:
  void acknowledge_all();
};

}  // namespace moonwire::testing
