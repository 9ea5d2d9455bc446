// Runs projects on the module.
#include "luat/module_run.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bindings/bundle.h"
#include "bindings/dialects.h"
#include "bindings/luat/bench.h"
#include "bindings/luat/library.h"

namespace moonwire::testing {

ModuleRun::ModuleRun(std::string_view profile)
    : machine_(host_,
               {.limits = {}, .network_limits = {}, .open_libraries = bindings::open_libraries}) {
  host_.wall_epoch = 1'621'854'600'000'000;  // 2021-05-24 11:10 UTC
  bindings::install_bundle(machine_.files());
  act("profile", profile);
}

void ModuleRun::put(std::string_view name, std::string text) {
  machine_.files().put(name, std::move(text));
}

void ModuleRun::put_vendor(std::string_view name, std::string text) {
  has_vendor_ = true;
  machine_.files().put("/lib/vendor/" + std::string(name), std::move(text));
}

void ModuleRun::start_peer(std::string text, std::vector<std::string> arguments) {
  const std::string path = "/peers/" + std::to_string(host_.consoles.size()) + ".lua";
  machine_.files().put(path, std::move(text));
  std::string why;
  const auto pid = machine_.spawn({.path = path,
                                   .args = std::move(arguments),
                                   .dialect = kernel::Dialect::luasocket,
                                   .library_folders = {},
                                   .lua51 = false,
                                   .debug = false},
                                  why);
  if (!pid) throw std::runtime_error(why);
  host_.consoles[*pid];
  wait(0);
}

void ModuleRun::start() {
  std::string why;
  std::vector<std::string> folders;
  if (has_vendor_) folders.emplace_back("/lib/vendor");
  const auto pid = machine_.spawn({.path = "main.lua",
                                   .args = {},
                                   .dialect = kernel::Dialect::luat,
                                   .library_folders = std::move(folders),
                                   .lua51 = false,
                                   .debug = false},
                                  why);
  if (!pid) throw std::runtime_error(why);
  pid_ = *pid;
}

void ModuleRun::wait(double seconds) {
  const kernel::Micros end = host_.steady + static_cast<kernel::Micros>(seconds * 1e6);
  while (true) {
    const kernel::Turn turn = machine_.run(0);
    for (auto& [pid, console] : host_.consoles) {
      machine_.acknowledge_output(pid, std::exchange(console.written, 0));
    }
    if (turn.has_more || machine_.has_runnable()) continue;
    if (turn.next_deadline > end) break;
    host_.steady = std::max(host_.steady, turn.next_deadline);
  }
  host_.steady = end;
}

void ModuleRun::act(std::string_view what, std::string_view text, double first, double second,
                    std::string_view bytes) {
  const bindings::BenchAction action{what, text, first, second, bytes};
  if (!bindings::act_on_bench(bindings::module_of(machine_), action)) {
    throw std::runtime_error("the bench refuses: " + std::string(what));
  }
}

std::vector<std::string> ModuleRun::lines() const {
  std::vector<std::string> lines;
  const auto console = host_.consoles.find(pid_);
  if (console == host_.consoles.end()) return lines;
  std::string line;
  for (const char c : console->second.output + console->second.errors) {
    if (c == '\r') continue;
    if (c != '\n') {
      line += c;
    } else {
      lines.push_back(std::exchange(line, {}));
    }
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string ModuleRun::peer_errors() const {
  std::string errors;
  for (const auto& [pid, console] : host_.consoles) {
    if (pid != pid_) errors += console.errors;
  }
  return errors;
}

}  // namespace moonwire::testing
