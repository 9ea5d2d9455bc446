#include "kernel/machine.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <utility>

#include "kernel/scheduler.h"
#include "kernel/timers.h"
#include "lauxlib.h"
#include "lua.h"

namespace moonwire::kernel {

namespace {

/// Where the script stands that acts on the network: the innermost function of the project, since a
/// line in a bundled library tells its author nothing.
net::CallSite call_site_of(Process& process) {
  net::CallSite site{.pid = process.console(), .file = {}, .line = 0};
  lua_State* const state = process.running();
  if (!state) return site;
  lua_Debug frame;
  for (int level = 0; lua_getstack(state, level, &frame); ++level) {
    lua_getinfo(state, "Sl", &frame);
    if (frame.currentline <= 0) continue;
    std::string_view source(frame.source, frame.srclen);
    if (source.starts_with('@')) source.remove_prefix(1);
    if (site.line == 0 || !source.starts_with("/lib/")) {
      site.file = source;
      site.line = frame.currentline;
    }
    if (!source.starts_with("/lib/")) break;
  }
  return site;
}

constexpr const char* laboratory_path = "/lib/lab/main.lua";

/// What bind says when no socket file can be made.
net::NetError bind_error_of(FileError error) {
  switch (error) {
    using enum FileError;
    case none: return net::NetError::none;
    case exists: return net::NetError::address_in_use;
    case no_entry: return net::NetError::no_such_path;
    case not_directory: return net::NetError::not_a_folder;
    default: return net::NetError::permission_denied;
  }
}

/// A state that only compiles.
class Compiler final : public lua::StateOwner {
 public:
  Compiler(Host& host, MachineMemory& machine, std::size_t limit)
      : host_(host), memory_(limit, machine) {
    state_ = lua_newstate(&Compiler::allocate, static_cast<lua::StateOwner*>(this));
  }
  ~Compiler() {
    if (state_) lua_close(state_);
  }
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  /// @return Lua's message, or "" when it compiles.
  std::string compile(std::string_view chunk_name, std::string_view source) {
    if (!state_) return "not enough memory";
    const std::string name = "@" + std::string(chunk_name);
    if (luaL_loadbufferx(state_, source.data(), source.size(), name.c_str(), "t") == LUA_OK) {
      return "";
    }
    return lua_tostring(state_, -1);
  }

  std::uint64_t entropy() override { return host_.entropy(); }
  lua::AtSliceEnd on_slice_spent(lua_State*) override { return lua::AtSliceEnd::go_on; }

 private:
  static void* allocate(void* owner, void* block, std::size_t old_size, std::size_t new_size) {
    auto& compiler = *static_cast<Compiler*>(static_cast<lua::StateOwner*>(owner));
    return compiler.memory_.reallocate(block, old_size, new_size);
  }

  Host& host_;
  Memory memory_;
  lua_State* state_ = nullptr;
};

/// Whether a process that does not catch this signal ends by it, as on Linux.
bool ends_by_default(int number) {
  constexpr int ignored[] = {0, 17, 18, 23, 28};  // none, SIGCHLD, SIGCONT, SIGURG, SIGWINCH
  return std::find(std::begin(ignored), std::end(ignored), number) == std::end(ignored);
}

/// The number in "name:12: ..."; 0 when there is none.
int line_in(std::string_view message) {
  for (std::size_t colon = message.find(':'); colon != std::string_view::npos;
       colon = message.find(':', colon + 1)) {
    int line = 0;
    std::size_t at = colon + 1;
    while (at < message.size() && std::isdigit(static_cast<unsigned char>(message[at]))) {
      line = line * 10 + (message[at++] - '0');
    }
    if (at > colon + 1 && at < message.size() && message[at] == ':') return line;
  }
  return 0;
}

}  // namespace

struct Machine::Parts {
  Parts(Machine& machine, Host& world, Options settings)
      : host(world),
        options(std::move(settings)),
        files(options.limits),
        timers(world),
        network(
            net::Network::Environment{
                .deadlines = timers,
                .uplink = world.uplink(),
                .entropy = [&world] { return world.entropy(); },
                .call_site = [this] { return current ? call_site_of(*current) : net::CallSite{}; },
                .on_doors_changed = [&world] { world.doors_changed(); },
                .on_tunnel_changed = [&world] { world.tunnel_changed(); },
                .full_path = &FileSystem::resolve,
                .check_new_path =
                    [this](const std::string& path) {
                      return bind_error_of(files.why_not_creatable(path));
                    },
                .start_laboratory = [this] { start_laboratory(); },
            },
            options.network_limits),
        surroundings{.machine = machine,
                     .scheduler = scheduler,
                     .timers = timers,
                     .memory = memory,
                     .open_libraries = options.open_libraries,
                     .preemption = options.preemption} {
    memory.limit = options.limits.machine_memory_bytes;
  }

  void end(Process& process);
  void kill(Process& process);
  void tell_end(Pid console);
  void start_laboratory();
  void close_laboratory();

  Host& host;
  const Options options;
  FileSystem files;
  Timers timers;
  Scheduler scheduler;
  MachineMemory memory;
  Process* current = nullptr;
  net::Network network;
  const Process::Surroundings surroundings;
  std::shared_ptr<module::Module> module;
  std::map<Pid, std::unique_ptr<Process>> processes;  // last, so that they go before the network
  std::map<Pid, ExitStatus> ended;  // consoles whose first process is gone, but not all it started
  Pid next_pid = 1;
  Pid next_laboratory_pid = net::first_laboratory_owner;
};

/// Its threads end with a process; the host is told when the last that wrote to a console is gone.
void Machine::Parts::end(Process& process) {
  const Pid pid = process.pid();
  const Pid console = process.console();
  if (pid == console && pid < net::first_laboratory_owner) ended[console] = process.exit_status();
  for (auto at = processes.begin(); at != processes.end();) {
    Process& other = *(at++)->second;
    if (other.options().thread_of == pid) kill(other);
  }
  processes.erase(pid);
  if (pid >= net::first_laboratory_owner) return network.laboratory_is_closed();
  tell_end(console);
  if (!processes.empty() && processes.begin()->first >= net::first_laboratory_owner)
    close_laboratory();
}

void Machine::Parts::kill(Process& process) {
  process.stop();
  if (&process != current) end(process);  // else it ends with its slice
}

void Machine::Parts::tell_end(Pid console) {
  const auto entry = ended.find(console);
  if (entry == ended.end()) return;
  for (const auto& [pid, process] : processes) {
    if (process->console() == console) return;
  }
  const ExitStatus status = entry->second;
  ended.erase(entry);
  host.exited(console, status);
}

// A process like the others but for its number: nobody sees its console, and it goes with the last
// of them.
void Machine::Parts::start_laboratory() {
  if (!files.find(laboratory_path)) return network.laboratory_is_open();
  SpawnOptions options;
  options.path = laboratory_path;
  const Pid pid = next_laboratory_pid++;
  auto process = std::make_unique<Process>(pid, std::move(options), surroundings);
  scheduler.enqueue(*process);
  processes.emplace(pid, std::move(process));
}

void Machine::Parts::close_laboratory() {
  Process& process = *processes.begin()->second;
  process.stop();
  end(process);
}

Machine::Machine(Host& host, Options options)
    : parts_(std::make_unique<Parts>(*this, host, std::move(options))) {}

Machine::~Machine() = default;

std::optional<Pid> Machine::spawn(const SpawnOptions& options, std::string& why) {
  if (parts_->processes.size() >= parts_->options.limits.processes) {
    why = "too many processes";
    return std::nullopt;
  }
  if (!parts_->files.find(options.path)) {
    why = "cannot open " + options.path;
    return std::nullopt;
  }
  const Pid pid = parts_->next_pid++;
  Process* const owner = options.thread_of != 0 ? find(options.thread_of) : nullptr;
  auto process = std::make_unique<Process>(pid, options, parts_->surroundings,
                                           owner ? owner->shared_descriptors() : nullptr);
  if (options.console != 0) process->input().end();
  parts_->scheduler.enqueue(*process);
  parts_->processes.emplace(pid, std::move(process));
  return pid;
}

void Machine::stop(Pid pid) {
  // One after the other, from the start each time: an end may take others with it.
  std::vector<Pid> group;
  for (const auto& [member, process] : parts_->processes) {
    if (process->console() == pid && process->options().thread_of == 0) group.push_back(member);
  }
  for (const Pid member : group) {
    Process* const process = find(member);
    if (process && !process->interrupt()) parts_->kill(*process);
  }
}

bool Machine::send_signal(Pid pid, int number) {
  Process* const process = find(pid);
  if (!process) return false;
  if (number != signal_kill && process->signals().raise(number)) return true;
  if (!ends_by_default(number)) return true;
  parts_->kill(*process);
  return true;
}

bool Machine::type(Pid pid, std::string_view bytes) {
  Process* const process = find(pid);
  if (!process || process->input().has_ended()) return false;
  const std::size_t unread = process->input().unread().size();
  const std::size_t limit = parts_->options.limits.standard_input_bytes;
  if (bytes.size() > limit - std::min(unread, limit)) return false;
  process->input().append(bytes);
  return true;
}

void Machine::end_input(Pid pid) {
  if (Process* const process = find(pid)) process->input().end();
}

void Machine::acknowledge_output(Pid pid, std::size_t bytes) {
  Process* const process = find(pid);
  if (process) bytes = process->acknowledge_output(bytes);
  if (bytes == 0) return;
  for (const auto& [member, other] : parts_->processes) {
    if (other->console() == pid) bytes = other->acknowledge_output(bytes);
  }
}

Turn Machine::run(Micros budget) {
  Parts& parts = *parts_;
  Micros now = parts.host.steady_clock();
  const Micros end = now + budget;
  parts.scheduler.begin_turn(end);
  for (;;) {
    parts.timers.fire_due(now);
    Process* const process = parts.scheduler.take();
    if (!process) break;
    parts.current = process;
    parts.network.set_owner(process->console());
    const bool has_ended = process->run_slice();
    parts.current = nullptr;
    parts.network.set_owner(0);
    if (has_ended)
      parts.end(*process);
    else if (process->pid() >= net::first_laboratory_owner && process->is_parked())
      parts.network.laboratory_is_open();
    now = parts.host.steady_clock();
    if (now >= end) break;
  }
  if (parts.files.has_changed()) parts.host.files_changed();
  return {.has_more = !parts.scheduler.is_idle(), .next_deadline = parts.timers.next()};
}

bool Machine::has_runnable() const {
  return !parts_->scheduler.is_idle();
}

std::optional<CompileError> Machine::check(std::string_view chunk_name, std::string_view source) {
  Compiler compiler(parts_->host, parts_->memory, parts_->options.limits.process_memory_bytes);
  std::string message = compiler.compile(chunk_name, source);
  if (message.empty()) return std::nullopt;
  return CompileError{.line = line_in(message), .message = std::move(message)};
}

Host& Machine::host() {
  return parts_->host;
}

FileSystem& Machine::files() {
  return parts_->files;
}

net::Network& Machine::network() {
  return parts_->network;
}

net::Deadlines& Machine::deadlines() {
  return parts_->timers;
}

const Limits& Machine::limits() const {
  return parts_->options.limits;
}

Census Machine::census() const {
  Census census;
  census.processes = parts_->processes.size();
  census.network = parts_->network.census();
  census.sockets = census.network.sockets;
  census.timers = parts_->timers.count();
  for (const auto& [pid, process] : parts_->processes) census.parked += process->is_parked();
  census.memory_bytes = parts_->memory.used;
  return census;
}

module::Module* Machine::module() const {
  return parts_->module.get();
}

void Machine::set_module(std::shared_ptr<module::Module> module) {
  parts_->module = std::move(module);
}

Process* Machine::find(Pid pid) {
  const auto entry = parts_->processes.find(pid);
  return entry == parts_->processes.end() ? nullptr : entry->second.get();
}

void Machine::for_each(const std::function<void(const Process&)>& visit) const {
  for (const auto& [pid, process] : parts_->processes) visit(*process);
}

}  // namespace moonwire::kernel
