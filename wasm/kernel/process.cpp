#include "kernel/process.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <utility>

#include "kernel/machine.h"
#include "kernel/scheduler.h"
#include "kernel/timers.h"
#include "lauxlib.h"
#include "lua.h"
#include "lua/call.h"

namespace moonwire::kernel {

namespace {

// What `lua` calls itself in front of an uncaught error.
constexpr std::string_view program_name = "lua: ";
constexpr ExitStatus status_error{.status = 1, .reason = ExitReason::error};
constexpr ExitStatus status_stopped{.status = 143, .reason = ExitReason::stopped};

/// The path as a script's author wrote it: without the project's folder.
std::string_view short_path(std::string_view path) {
  constexpr std::string_view project = "/project/";
  return path.starts_with(project) ? path.substr(project.size()) : path;
}

/// Drops a first line that begins with '#', but keeps its end, so that lines count on.
std::string_view without_shebang(std::string_view source) {
  if (source.starts_with("\xEF\xBB\xBF")) source.remove_prefix(3);
  if (!source.starts_with('#')) return source;
  return source.substr(std::min(source.find('\n'), source.size()));
}

void set_arguments(lua_State* state, const SpawnOptions& options) {
  lua_createtable(state, static_cast<int>(options.args.size()), 2);
  lua_pushliteral(state, "lua");
  lua_rawseti(state, -2, -1);
  lua_pushlstring(state, options.path.data(), options.path.size());
  lua_rawseti(state, -2, 0);
  lua_Integer place = 1;
  for (const std::string& argument : options.args) {
    lua_pushlstring(state, argument.data(), argument.size());
    lua_rawseti(state, -2, place++);
  }
  lua_setglobal(state, "arg");
}

}  // namespace

std::size_t Process::Output::acknowledge(std::size_t bytes) {
  const std::size_t own = std::min(bytes, unacknowledged_);
  unacknowledged_ -= own;
  if (unacknowledged_ < burst_) notify();
  return bytes - own;
}

Process::Process(Pid pid, SpawnOptions options, const Surroundings& surroundings,
                 std::shared_ptr<Descriptors> descriptors)
    : pid_(pid),
      options_(std::move(options)),
      surroundings_(surroundings),
      host_(surroundings.machine.host()),
      limits_(surroundings.machine.limits()),
      memory_(limits_.process_memory_bytes, surroundings.memory),
      descriptors_(std::move(descriptors)),
      output_(limits_.output_burst_bytes),
      mailbox_(limits_) {
  if (!descriptors_) {
    descriptors_ = std::make_shared<Descriptors>(limits_.descriptors);
    descriptors_->set_standard_input(&input_);
  }
}

Process::~Process() {
  stop();
  if (caretaker_) caretaker_->on_end();
}

bool Process::speaks_5_1() const {
  return options_.dialect == Dialect::luat || options_.lua51;
}

void* Process::allocate(void* owner, void* block, std::size_t old_size, std::size_t new_size) {
  auto& process = *static_cast<Process*>(static_cast<lua::StateOwner*>(owner));
  return process.memory_.reallocate(block, old_size, new_size);
}

std::uint64_t Process::entropy() {
  return host_.entropy();
}

bool Process::write(OutputStream stream, std::string_view bytes) {
  // Nobody reads what the laboratory writes.
  if (!has_console_ || pid_ >= net::first_laboratory_owner) return true;
  const bool had_room = any(output_.ready());
  output_.add(bytes.size());
  host_.write(console(), stream, bytes);
  return had_room;
}

// --- The life of a process
// -------------------------------------------------------------------------

bool Process::begin() {
  state_ = lua_newstate(&Process::allocate, static_cast<lua::StateOwner*>(this));
  if (!state_) {
    write(OutputStream::standard_error, "lua: cannot create state: not enough memory\n");
    return false;
  }
  *static_cast<Process**>(lua_getextraspace(state_)) = this;
  lua_pushcfunction(state_, &Process::run_main);  // cannot fail: the stack is fresh
  return true;
}

// All that a script's start needs runs inside the first resume, where errors are caught; and as a
// C function under the main chunk it is the "[C]: in ?" that closes native tracebacks.
int Process::run_main(lua_State* state) {
  Process& process = process_of(state);
  process.describer_ = lua_newthread(state);
  lua_rawsetp(state, LUA_REGISTRYINDEX, &process.describer_);  // lives as long as the state
  process.surroundings_.open_libraries(state, process.options_.dialect);
  lua_settop(state, 0);
  set_arguments(state, process.options_);
  const std::shared_ptr<FileData> file = process.machine().files().find(process.options_.path);
  if (!file) {
    process.is_plain_error_ = true;
    lua_pushfstring(state, "cannot open %s", process.options_.path.c_str());
    return lua_error(state);
  }
  const std::string_view source = without_shebang(file->bytes);
  const std::string name = "@" + std::string(short_path(process.options_.path));
  if (luaL_loadbufferx(state, source.data(), source.size(), name.c_str(), nullptr) != LUA_OK) {
    process.is_plain_error_ = true;
    return lua_error(state);
  }
  luaL_checkstack(state, static_cast<int>(process.options_.args.size()), "too many arguments");
  for (const std::string& argument : process.options_.args) {
    lua_pushlstring(state, argument.data(), argument.size());
  }
  return lua::call(state, static_cast<int>(process.options_.args.size()), 0, 0,
                   &Process::finish_main);
}

int Process::finish_main(lua_State*, int, lua_KContext) {
  return 0;
}

bool Process::run_slice() {
  if (!state_ && !begin()) {
    exit_status_ = status_error;
    close(Closing::without);
    return true;
  }
  moonwire_speaks_5_1 = speaks_5_1();
  is_suspending_ = false;
  unyieldable_resumes_ = 0;
  unyieldable_used_ = 0;
  counts_used_ = 0;
  running_ = state_;
  slice_end_ = host_.steady_clock() + limits_.slice_micros;
  arm(std::min(limits_.slice_counts, limits_.slice_check_counts));
  is_in_slice_ = true;
  int results = 0;
  const int status = lua_resume(state_, nullptr, 0, &results);
  is_in_slice_ = false;
  if (wants_exit_) {
    close(Closing::without);
    return true;
  }
  if (wants_restart_) {
    restart();
    return false;
  }
  if (status == LUA_YIELD) {
    if (!is_parked_) surroundings_.scheduler.enqueue(*this);
    return false;
  }
  if (status == LUA_OK) {
    exit_status_ = {};
  } else {
    exit_status_ = status_error;
    const bool could_run = !is_plain_error_;
    const std::string words = report_error(status);
    const auto again = caretaker_ && could_run ? caretaker_->on_error(words) : std::nullopt;
    if (again && !wants_exit_) {
      restart_after_ = *again;
      restart();
      return false;
    }
  }
  close(Closing::with_finalizers);
  return true;
}

void Process::request_exit(ExitStatus status) {
  if (wants_exit_ || closing_ != Closing::no) return;
  wants_exit_ = true;
  exit_status_ = status;
  moonwire_counts_left = 0;  // the virtual machine asks on_slice_spent before its next instruction
}

void Process::request_restart(Micros after) {
  if (wants_exit_ || closing_ != Closing::no) return;
  restart_after_ = after;
  if (!is_in_slice_) return restart();
  wants_restart_ = true;
  moonwire_counts_left = 0;
}

void Process::restart() {
  close(Closing::without);
  closing_ = Closing::no;
  wants_restart_ = false;
  is_plain_error_ = false;
  park({}, surroundings_.timers.now() + restart_after_);
}

void Process::stop() {
  if (closing_ != Closing::no) return;
  if (is_in_slice_) return request_exit(status_stopped);
  exit_status_ = status_stopped;
  close(Closing::without);
}

void Process::close(Closing closing) {
  end_wait();
  surroundings_.scheduler.forget(*this);
  closing_ = closing;
  const bool is_thread = options_.thread_of != 0;
  if (closing == Closing::without && !is_thread) descriptors_->close_all();
  const int counts_of_another = moonwire_counts_left;
  if (state_) {
    running_ = state_;
    unyieldable_resumes_ = 1;  // nothing may wait any more
    unyieldable_used_ = 0;
    arm(closing == Closing::without ? 0 : limits_.slice_check_counts);
    const bool other_speaks_5_1 = std::exchange(moonwire_speaks_5_1, speaks_5_1());
    lua_close(state_);
    moonwire_speaks_5_1 = other_speaks_5_1;
    state_ = running_ = describer_ = nullptr;
    possessions_.clear();
  }
  moonwire_counts_left = counts_of_another;
  if (!is_thread) {
    descriptors_->close_all();
    descriptors_->set_standard_input(nullptr);
  }
  ending_.come();
}

bool Process::interrupt() {
  return !std::exchange(was_interrupted_, true) && signals_.raise(signal_interrupt);
}

// --- Errors
// ------------------------------------------------------------------------------------------

// Runs in the describer: (error object) -> message with traceback, as the stand-alone
// interpreter's message handler makes it.
int Process::describe_error(lua_State* state) {
  Process& process = process_of(state);
  const char* message = lua_tostring(state, 1);
  if (!message) {
    if (luaL_callmeta(state, 1, "__tostring") && lua_type(state, -1) == LUA_TSTRING) return 1;
    message = lua_pushfstring(state, "(error object is a %s value)", luaL_typename(state, 1));
  }
  luaL_traceback(state, process.state_, message, 0);
  return 1;
}

std::string Process::report_error(int status) {
  lua_State* speaker = state_;
  if (status == LUA_ERRRUN && !is_plain_error_ && describer_) {
    // The failed state keeps its frames for the traceback; the words are made in another one.
    lua_pushcfunction(describer_, &Process::describe_error);
    lua_xmove(state_, describer_, 1);
    enter_unyieldable();
    arm(limits_.slice_check_counts);
    int results = 0;
    lua_resume(describer_, nullptr, 1, &results);
    leave_unyieldable();
    speaker = describer_;
  }
  std::string text(program_name);
  text +=
      lua_type(speaker, -1) == LUA_TSTRING ? lua_tostring(speaker, -1) : "error in error handling";
  write(OutputStream::standard_error, text + "\n");
  return text;
}

// --- Slices
// ------------------------------------------------------------------------------------------

void Process::arm(int counts) {
  armed_counts_ = surroundings_.preemption ? counts : INT_MAX;
  moonwire_counts_left = armed_counts_;
}

lua::AtSliceEnd Process::on_slice_spent(lua_State* state) {
  const int spent = armed_counts_ - moonwire_counts_left;
  counts_used_ += spent;
  const bool suspends = closing_ == Closing::no && can_suspend(state);
  if (wants_exit_ || wants_restart_ || closing_ == Closing::without) {
    if (!suspends) refuse(state, "the process has ended");
    is_suspending_ = true;
    return lua::AtSliceEnd::yield;
  }
  const Micros now = host_.steady_clock();
  if (suspends) {
    unyieldable_used_ = 0;
    if (counts_used_ >= limits_.slice_counts || (now >= slice_end_ && is_wanted_elsewhere(now))) {
      is_suspending_ = true;
      return lua::AtSliceEnd::yield;
    }
  } else {
    if (unyieldable_used_ == 0) unyieldable_end_ = now + limits_.unyieldable_micros;
    unyieldable_used_ += spent;
    if (unyieldable_used_ > limits_.unyieldable_counts || now >= unyieldable_end_) {
      refuse(state, "took too long in a place that Lua cannot suspend");
    }
  }
  arm(limits_.slice_check_counts);
  return lua::AtSliceEnd::go_on;
}

// A suspension and what follows it cost some 20 microseconds; with working sets of megabytes more
// (bench preemption, strings: 6 % at 2 ms a slice).
bool Process::is_wanted_elsewhere(Micros now) const {
  return !surroundings_.scheduler.has_nobody_else(now) || surroundings_.timers.next() <= now;
}

void Process::refuse(lua_State* state, const char* why) {
  arm(0);  // again at the next instruction: pcall cannot hold it
  luaL_where(state, 0);
  lua_pushstring(state, why);
  lua_concat(state, 2);
  lua_error(state);
  std::abort();  // lua_error does not return
}

// --- Waiting
// -----------------------------------------------------------------------------------------

void Process::park(const Wait& wait) {
  park(wait.items, wait.deadline);
}

void Process::park(std::span<const Wait::Item> items, Micros deadline) {
  is_suspending_ = true;
  is_parked_ = true;
  woke_by_deadline_ = false;
  if (items.size() > watch_capacity_) {
    watch_capacity_ = std::max<std::size_t>(items.size(), 4);
    watches_ = std::make_unique<net::Watch[]>(watch_capacity_);
  }
  for (const Wait::Item& item : items) {
    if (item.pollable == &input_ && !is_reading_) {
      is_reading_ = true;
      host_.reading(console(), true);
    }
    watches_[watch_count_++].start(*item.pollable, item.interest, *this);
    if (any(item.pollable->ready() & item.interest)) return on_ready(*item.pollable, item.interest);
  }
  if (deadline != Wait::never) {
    deadline_ = surroundings_.timers.call_at(deadline, [this] {
      deadline_ = net::no_deadline;
      end_wait();
      woke_by_deadline_ = true;
      surroundings_.scheduler.enqueue(*this);
    });
  }
}

void Process::on_ready(net::Pollable&, net::Ready) {
  if (!is_parked_) return;
  end_wait();
  surroundings_.scheduler.enqueue(*this);
}

void Process::end_wait() {
  is_parked_ = false;
  while (watch_count_ > 0) watches_[--watch_count_].stop();
  if (deadline_ != net::no_deadline) {
    surroundings_.timers.cancel(std::exchange(deadline_, net::no_deadline));
  }
  if (std::exchange(is_reading_, false)) host_.reading(console(), false);
}

}  // namespace moonwire::kernel
