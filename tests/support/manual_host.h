// A host whose clock is turned by hand and whose console is a string: what a machine does with it
// is the same in every run.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "kernel/host.h"

namespace moonwire::testing {

class ManualHost : public kernel::Host {
 public:
  struct Console {
    std::string output;  // standard output
    std::string errors;  // standard error
    bool is_reading = false;
    std::size_t written = 0;  // bytes of both since the last acknowledgement
  };

  kernel::Micros wall_clock() override { return wall_epoch + steady; }
  kernel::Micros steady_clock() override { return steady += step; }
  std::uint64_t entropy() override {  // splitmix64
    std::uint64_t bits = (seed += 0x9e3779b97f4a7c15);
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
  }
  void write(kernel::Pid pid, kernel::OutputStream stream, std::string_view bytes) override {
    Console& console = consoles[pid];
    (stream == kernel::OutputStream::standard_output ? console.output : console.errors) += bytes;
    console.written += bytes.size();
  }
  void exited(kernel::Pid pid, kernel::ExitStatus status) override { exits[pid] = status; }
  void reading(kernel::Pid pid, bool waits) override { consoles[pid].is_reading = waits; }
  void doors_changed() override { ++doors_changes; }
  void tunnel_changed() override { ++tunnel_changes; }
  void files_changed() override { ++files_changes; }
  net::Uplink* uplink() override { return link; }

  kernel::Micros wall_epoch = 1'700'000'000'000'000;
  kernel::Micros steady = 1'000'000;
  kernel::Micros step = 0;  // how far each look at the clock moves it
  std::uint64_t seed = 1;
  net::Uplink* link = nullptr;
  std::map<kernel::Pid, Console> consoles;
  std::map<kernel::Pid, kernel::ExitStatus> exits;
  int doors_changes = 0;
  int tunnel_changes = 0;
  int files_changes = 0;
};

}  // namespace moonwire::testing
