#include "edge/script_host.h"

#include "edge/host_calls.h"

namespace moonwire::edge {
namespace {

const char* reason_name(kernel::ExitReason reason) {
  switch (reason) {
    using enum kernel::ExitReason;
    case finished: return "finished";
    case error: return "error";
    case exit: return "exit";
    case stopped: return "stopped";
  }
  return "error";
}

}  // namespace

ScriptHost::ScriptHost(std::uint32_t host)
    : host_(host), uplink_(host), has_uplink_(moonwire_has_uplink(host)) {}

kernel::Micros ScriptHost::wall_clock() {
  return static_cast<kernel::Micros>(moonwire_wall_clock(host_));
}

kernel::Micros ScriptHost::steady_clock() {
  return static_cast<kernel::Micros>(moonwire_steady_clock(host_));
}

std::uint64_t ScriptHost::entropy() {
  std::uint64_t bits = 0;
  moonwire_entropy(host_, &bits, sizeof bits);
  return bits;
}

void ScriptHost::write(kernel::Pid pid, kernel::OutputStream stream, std::string_view bytes) {
  moonwire_write(host_, pid, static_cast<int>(stream), bytes.data(), bytes.size());
}

void ScriptHost::exited(kernel::Pid pid, kernel::ExitStatus status) {
  moonwire_exited(host_, pid, status.status, reason_name(status.reason));
}

void ScriptHost::reading(kernel::Pid pid, bool waits) {
  moonwire_reading(host_, pid, waits);
}

void ScriptHost::doors_changed() {
  moonwire_doors_changed(host_);
}

void ScriptHost::tunnel_changed() {
  moonwire_tunnel_changed(host_);
}

void ScriptHost::files_changed() {
  moonwire_files_changed(host_);
}

void ScriptHost::module_changed() {
  moonwire_module_changed(host_);
}

net::Uplink* ScriptHost::uplink() {
  return has_uplink_ ? &uplink_ : nullptr;
}

}  // namespace moonwire::edge
