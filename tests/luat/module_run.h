// A luat project on the virtual module, with peers in the same machine and a clock that jumps: an
// hour of the module's life takes as long as its work.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/machine.h"
#include "support/manual_host.h"

namespace moonwire::testing {

class ModuleRun {
 public:
  /// @param profile "air202" or "air724u"
  explicit ModuleRun(std::string_view profile);

  /// A file of the project: "main.lua", "ca.crt".
  void put(std::string_view name, std::string text);
  /// Where the project's `require` looks before our own library: a folder put under `/lib/vendor`.
  void put_vendor(std::string_view name, std::string text);
  /// A LuaSocket script that runs beside the module from now on.
  void start_peer(std::string text, std::vector<std::string> arguments);
  /// Switches the module on with main.lua.
  void start();
  /// Lets this many seconds pass on the machine's clock, or stops at `enough` looks at the clock.
  void wait(double seconds);
  /// An action of the bench, as web/src/protocol.ts names it.
  void act(std::string_view what, std::string_view text = {}, double first = 0, double second = 0,
           std::string_view bytes = {});

  /// Everything the module has printed, a line each, without carriage returns.
  std::vector<std::string> lines() const;
  bool has_ended() const { return host_.exits.contains(pid_); }
  /// What peers said about their own failures.
  std::string peer_errors() const;

 private:
  ManualHost host_;
  kernel::Machine machine_;
  bool has_vendor_ = false;
  kernel::Pid pid_ = 0;
};

}  // namespace moonwire::testing
