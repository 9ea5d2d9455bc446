#include "support/script_runner.h"

#include <algorithm>
#include <utility>

#include "bindings/blocking_call.h"
#include "bindings/bundle.h"
#include "bindings/dialects.h"
#include "lauxlib.h"

namespace moonwire::testing {

namespace {

int pause_over(lua_State*, int, lua_KContext) {
  return 0;
}

/// pause(seconds): the plainest blocking call there is.
int pause(lua_State* state) {
  const auto span = static_cast<kernel::Micros>(luaL_checknumber(state, 1) * 1e6);
  kernel::Wait wait;
  wait.deadline = kernel::process_of(state).machine().deadlines().now() + span;
  return bindings::park(state, wait, 0, pause_over, "pause");
}

void open_with_pause(lua_State* state, kernel::Dialect dialect) {
  bindings::open_libraries(state, dialect);
  lua_register(state, "pause", pause);
}

}  // namespace

ScriptRunner::ScriptRunner(kernel::Limits limits, net::Limits network_limits)
    : ScriptRunner(limits, network_limits, open_with_pause) {}

ScriptRunner::ScriptRunner(kernel::Limits limits, net::Limits network_limits,
                           kernel::OpenLibraries libraries)
    : machine(host, {.limits = limits,
                     .network_limits = network_limits,
                     .open_libraries = std::move(libraries)}) {
  bindings::install_bundle(machine.files());
}

void ScriptRunner::put(std::string_view path, std::string text) {
  machine.files().put(path, std::move(text));
}

kernel::Pid ScriptRunner::start(std::string text, std::vector<std::string> arguments,
                                std::string name) {
  put(name, std::move(text));
  std::string why;
  return machine
      .spawn({.path = std::move(name),
              .args = std::move(arguments),
              .dialect = dialect,
              .library_folders = {},
              .lua51 = lua51,
              .debug = debug},
             why)
      .value();
}

kernel::Turn ScriptRunner::turn() {
  const kernel::Turn turn = machine.run(0);
  acknowledge_all();
  return turn;
}

void ScriptRunner::settle() {
  while (machine.has_runnable()) turn();
}

void ScriptRunner::acknowledge_all() {
  for (auto& [pid, console] : host.consoles) {
    machine.acknowledge_output(pid, std::exchange(console.written, 0));
  }
}

void ScriptRunner::run_until_idle(int turns) {
  while (turns-- > 0) {
    const kernel::Turn turn = this->turn();
    if (turn.has_more || machine.has_runnable()) continue;
    if (turn.next_deadline == kernel::Wait::never) return;
    host.steady = std::max(host.steady, turn.next_deadline);
  }
}

std::string ScriptRunner::run(std::string text, std::vector<std::string> arguments) {
  const kernel::Pid pid = start(std::move(text), std::move(arguments));
  run_until_idle();
  return output(pid) + errors(pid);
}

std::size_t ScriptRunner::leftovers() const {
  const kernel::Census census = machine.census();
  return census.processes + census.sockets + census.timers + census.parked +
         census.network.lookups + census.network.tunnel_streams + census.network.buffered_bytes;
}

}  // namespace moonwire::testing
