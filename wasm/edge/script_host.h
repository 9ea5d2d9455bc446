// The machine's Host as a JavaScript object: clocks, chance, output and news go through host_calls.
#pragma once

#include <cstdint>

#include "edge/host_uplink.h"
#include "kernel/host.h"

namespace moonwire::edge {

class ScriptHost final : public kernel::Host {
 public:
  /// `host` is the index in Module.hosts.
  explicit ScriptHost(std::uint32_t host);

  kernel::Micros wall_clock() override;
  kernel::Micros steady_clock() override;
  std::uint64_t entropy() override;
  void write(kernel::Pid pid, kernel::OutputStream stream, std::string_view bytes) override;
  void exited(kernel::Pid pid, kernel::ExitStatus status) override;
  void reading(kernel::Pid pid, bool waits) override;
  void doors_changed() override;
  void tunnel_changed() override;
  void files_changed() override;
  void module_changed() override;
  net::Uplink* uplink() override;

 private:
  std::uint32_t host_;
  HostUplink uplink_;
  bool has_uplink_;
};

}  // namespace moonwire::edge
