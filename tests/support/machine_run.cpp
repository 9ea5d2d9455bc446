// machine_run FILE [ARGUMENT...]: runs a script as `lua FILE ARGUMENT...` would,
// in a machine on this computer's clocks and console. The Lua files beside FILE are its project;
// nothing is written back.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "bindings/bundle.h"
#include "bindings/dialects.h"
#include "bindings/luat/bench.h"
#include "bindings/luat/library.h"
#include "kernel/machine.h"

namespace {

using namespace moonwire;

class TerminalHost final : public kernel::Host {
 public:
  kernel::Micros wall_clock() override { return since_epoch(std::chrono::system_clock::now()); }
  kernel::Micros steady_clock() override { return since_epoch(std::chrono::steady_clock::now()); }
  std::uint64_t entropy() override { return (std::uint64_t{random_()} << 32) | random_(); }
  void write(kernel::Pid, kernel::OutputStream stream, std::string_view bytes) override {
    std::FILE* to = stream == kernel::OutputStream::standard_output ? stdout : stderr;
    std::fwrite(bytes.data(), 1, bytes.size(), to);
    written += bytes.size();
  }
  void exited(kernel::Pid, kernel::ExitStatus ended) override { status = ended.status; }
  void reading(kernel::Pid, bool waits) override { is_reading = waits; }
  void doors_changed() override {}
  void tunnel_changed() override {}
  void files_changed() override {}
  net::Uplink* uplink() override { return nullptr; }

  std::optional<int> status;
  std::size_t written = 0;
  bool is_reading = false;

 private:
  template <class Time>
  static kernel::Micros since_epoch(Time time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  }
  std::random_device random_;
};

void put_project(kernel::FileSystem& files, const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".lua") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files.put(entry.path().filename().string(),
              std::string(std::istreambuf_iterator<char>(in), {}));
  }
}

/// Gives the process what is typed next, or the end.
void read_input(kernel::Machine& machine, kernel::Pid pid) {
  char bytes[65536];
  const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
  if (count > 0)
    machine.type(pid, {bytes, static_cast<std::size_t>(count)});
  else
    machine.end_input(pid);
}

/// MOONWIRE_DIALECT=chuck or luat (on the virtual module) is the script's dialect,
/// MOONWIRE_MODULE=air724u chooses which.
kernel::Dialect dialect_asked_for() {
  const char* const name = std::getenv("MOONWIRE_DIALECT");
  const std::string_view asked = name ? name : "";
  if (asked == "luat") return kernel::Dialect::luat;
  return asked == "chuck" ? kernel::Dialect::chuck : kernel::Dialect::luasocket;
}

int run(const std::filesystem::path& script, std::vector<std::string> arguments) {
  TerminalHost host;
  kernel::Machine machine(
      host, {.limits = {}, .network_limits = {}, .open_libraries = bindings::open_libraries});
  bindings::install_bundle(machine.files());
  put_project(machine.files(), std::filesystem::absolute(script).parent_path());
  if (const char* const profile = std::getenv("MOONWIRE_MODULE")) {
    bindings::act_on_bench(bindings::module_of(machine), {.what = "profile", .text = profile});
  }
  std::string why;
  const auto pid = machine.spawn({.path = script.filename().string(),
                                  .args = std::move(arguments),
                                  .dialect = dialect_asked_for(),
                                  .library_folders = {},
                                  .lua51 = std::getenv("MOONWIRE_LUA51") != nullptr,
                                  .debug = std::getenv("MOONWIRE_SOCKET_DEBUG") != nullptr},
                                 why);
  if (!pid) {
    std::fprintf(stderr, "lua: %s\n", why.c_str());
    return 1;
  }
  constexpr kernel::Micros turn_length = 10'000;
  while (!host.status) {
    const kernel::Turn turn = machine.run(turn_length);
    machine.acknowledge_output(*pid, std::exchange(host.written, 0));
    if (host.status || turn.has_more || machine.has_runnable()) continue;
    if (turn.next_deadline == kernel::Wait::never) {
      if (!host.is_reading) break;
      read_input(machine, *pid);
    } else {
      std::this_thread::sleep_for(
          std::chrono::microseconds(turn.next_deadline - host.steady_clock()));
    }
  }
  return host.status.value_or(1);
}

}  // namespace

int main(int count, char** values) {
  if (count < 2) {
    std::fprintf(stderr, "usage: machine_run FILE [ARGUMENT...]\n");
    return 2;
  }
  return run(values[1], {values + 2, values + count});
}
