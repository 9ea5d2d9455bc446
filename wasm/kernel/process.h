// One Lua program: its state, its console, its descriptors, its memory. The scheduler runs it; the
// machine owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/descriptors.h"
#include "kernel/host.h"
#include "kernel/limits.h"
#include "kernel/mailbox.h"
#include "kernel/memory.h"
#include "kernel/possessions.h"
#include "kernel/signals.h"
#include "kernel/spawn_options.h"
#include "kernel/standard_input.h"
#include "lua/slice.h"
#include "net/readiness.h"

namespace moonwire::kernel {

class Machine;
class Process;
class Scheduler;
class Timers;

/// Opens the standard libraries and the dialect's modules in a fresh state; given by the bindings,
/// which the kernel does not know.
using OpenLibraries = std::function<void(lua_State*, Dialect)>;

/// Looks after a process that is more than a program: the firmware under a luat script. Lives as
/// long as the process, over all its states.
class Caretaker {
 public:
  virtual ~Caretaker() = default;
  /// An uncaught error ended the main chunk; its words are on the console already. @return after
  /// how many microseconds it starts anew, or nothing: the process ends.
  virtual std::optional<Micros> on_error(std::string_view words) = 0;
  /// The process has ended, its state is gone.
  virtual void on_end() = 0;
};

/// What a process waits for: any of the pollables, or the deadline.
struct Wait {
  struct Item {
    net::Pollable* pollable;
    net::Ready interest;
  };
  std::vector<Item> items;
  Micros deadline = never;  // on the steady clock

  static constexpr Micros never = INT64_MAX;
};

/// A process's place in the scheduler's queue.
struct QueueLink {
  bool is_queued = false;
  Process* previous = nullptr;
  Process* next = nullptr;
};

class Process final : public net::Watcher, public lua::StateOwner {
 public:
  /// What the machine lends to each of its processes.
  struct Surroundings {
    Machine& machine;
    Scheduler& scheduler;
    Timers& timers;
    MachineMemory& memory;
    const OpenLibraries& open_libraries;
    bool preemption;
  };

  /// `descriptors`: those of the process it is a thread of, else null.
  Process(Pid pid, SpawnOptions options, const Surroundings& surroundings,
          std::shared_ptr<Descriptors> descriptors = nullptr);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Pid pid() const { return pid_; }
  Machine& machine() { return surroundings_.machine; }
  Dialect dialect() const { return options_.dialect; }
  const SpawnOptions& options() const { return options_; }
  /// The main state; null before the first slice.
  lua_State* state() { return state_; }
  Descriptors& descriptors() { return *descriptors_; }
  const std::shared_ptr<Descriptors>& shared_descriptors() const { return descriptors_; }
  StandardInput& input() { return input_; }
  Signals& signals() { return signals_; }
  Mailbox& mailbox() { return mailbox_; }
  Possessions& possessions() { return possessions_; }
  /// Readable once the process has ended.
  net::Pollable& ending() { return ending_; }
  /// Whose console it writes to, and with whom it is stopped.
  Pid console() const { return options_.console != 0 ? options_.console : pid_; }
  /// From now on what it writes is lost (daemons).
  void leave_console() { has_console_ = false; }
  const std::string& name() const { return options_.path; }  // argv[0]: the script's path

  /// Sends output to the console. @return false when the host has not taken what was written before
  /// (output_burst_bytes): the writer should park on output() first; the bytes are taken in any
  /// case.
  bool write(OutputStream stream, std::string_view bytes);
  /// Writable when there is room for output.
  net::Pollable& output() { return output_; }
  /// @return the bytes that were not this process's.
  std::size_t acknowledge_output(std::size_t bytes) { return output_.acknowledge(bytes); }

  /// Registers the wait and marks the process suspended; the caller then yields (see
  /// bindings/blocking_call.h, the one caller). A wait that is over already ends at once, which
  /// still is a switch.
  void park(const Wait& wait);
  void park(std::span<const Wait::Item> items, Micros deadline);
  bool is_parked() const { return is_parked_; }
  /// After waking: whether the deadline passed without any pollable becoming ready.
  bool woke_by_deadline() const { return woke_by_deadline_; }

  /// Whether a yield that passes through now is the kernel's (a wait, the end of a slice) and not
  /// the script's: coroutine.resume passes it on.
  bool is_suspending() const { return is_suspending_; }
  /// Whether the running call can be suspended: Lua can yield here, and so can every coroutine
  /// that waits for this one.
  bool can_suspend(lua_State* state) const {
    return unyieldable_resumes_ == 0 && lua_isyieldable(state);
  }
  /// Brackets a resume from where Lua cannot yield; nothing below may be suspended then.
  void enter_unyieldable() { ++unyieldable_resumes_; }
  void leave_unyieldable() { --unyieldable_resumes_; }
  /// The coroutine that runs now. @return the one before, to be put back.
  lua_State* set_running(lua_State* state) { return std::exchange(running_, state); }
  lua_State* running() { return running_; }

  /// Ends the process with this status as soon as the running call returns (os.exit); the script's
  /// code does not go on, whatever encloses the call.
  void request_exit(ExitStatus status);

  /// Begins anew with a fresh state, `after` microseconds from now, under the same pid: sockets and
  /// files are closed, console and caretaker stay. Of the running process: when its call returns.
  void request_restart(Micros after);

  void set_caretaker(std::unique_ptr<Caretaker> caretaker) { caretaker_ = std::move(caretaker); }
  Caretaker* caretaker() const { return caretaker_.get(); }

  /// Where a file that the script calls so is: luat scripts see the project as /lua, /ldata and /.
  std::string file_path(std::string_view name) const;

  std::size_t memory_bytes() const { return memory_.used_bytes(); }
  void on_ready(net::Pollable& pollable, net::Ready ready) override;

  // For the machine and its scheduler.

  /// Runs until the process waits, has had its slice, or ends. @return whether it has ended.
  bool run_slice();
  /// How it ended, once run_slice has said so.
  ExitStatus exit_status() const { return exit_status_; }
  /// Ends it without running it again, sockets first. Of the running process: at its next
  /// instruction.
  void stop();
  /// Whether it is being closed: only finalizers run.
  bool is_ending() const { return closing_ != Closing::no; }
  /// What a first Stop does: @return false when the script does not catch SIGINT, or caught it
  /// before.
  bool interrupt();
  QueueLink& queue_link() { return queue_link_; }

  std::uint64_t entropy() override;
  lua::AtSliceEnd on_slice_spent(lua_State* state) override;

 private:
  class Output final : public net::Pollable {
   public:
    explicit Output(std::size_t burst) : burst_(burst) {}
    net::Ready ready() const override {
      return unacknowledged_ < burst_ ? net::Ready::writable : net::Ready::nothing;
    }
    void add(std::size_t bytes) { unacknowledged_ += bytes; }
    std::size_t acknowledge(std::size_t bytes);

   private:
    std::size_t burst_;
    std::size_t unacknowledged_ = 0;
  };

  class Ending final : public net::Pollable {
   public:
    net::Ready ready() const override {
      return has_come_ ? net::Ready::readable : net::Ready::nothing;
    }
    void come() {
      has_come_ = true;
      notify();
    }

   private:
    bool has_come_ = false;
  };

  /// How Lua code that runs while the state is closed (finalizers, to-be-closed variables) is met.
  enum class Closing : std::uint8_t { no, with_finalizers, without };

  static void* allocate(void* owner, void* block, std::size_t old_size, std::size_t new_size);
  static int run_main(lua_State* state);
  static int finish_main(lua_State* state, int status, lua_KContext context);
  static int describe_error(lua_State* state);

  bool begin();
  void restart();
  bool speaks_5_1() const;
  void arm(int counts);
  void end_wait();
  std::string report_error(int status);
  void close(Closing closing);
  bool is_wanted_elsewhere(Micros now) const;
  [[noreturn]] void refuse(lua_State* state, const char* why);

  const Pid pid_;
  const SpawnOptions options_;
  const Surroundings surroundings_;
  Host& host_;
  const Limits& limits_;
  Memory memory_;
  std::shared_ptr<Descriptors> descriptors_;
  StandardInput input_;
  Output output_;
  Signals signals_;
  Mailbox mailbox_;
  Possessions possessions_;
  Ending ending_;
  bool has_console_ = true;
  bool was_interrupted_ = false;
  QueueLink queue_link_;

  lua_State* state_ = nullptr;
  lua_State* running_ = nullptr;
  lua_State* describer_ = nullptr;  // words the uncaught error of state_

  // The slice.
  int armed_counts_ = 0;  // what moonwire_counts_left was set to last
  std::int64_t counts_used_ = 0;
  std::int64_t unyieldable_used_ = 0;
  Micros unyieldable_end_ = 0;
  int unyieldable_resumes_ = 0;
  Micros slice_end_ = 0;
  bool is_in_slice_ = false;
  bool is_suspending_ = false;

  // The wait.
  std::unique_ptr<net::Watch[]> watches_;
  std::size_t watch_capacity_ = 0;
  std::size_t watch_count_ = 0;
  net::DeadlineId deadline_ = net::no_deadline;
  bool is_parked_ = false;
  bool is_reading_ = false;
  bool woke_by_deadline_ = false;

  // The end.
  bool is_plain_error_ = false;  // the script did not compile: no traceback
  bool wants_exit_ = false;
  bool wants_restart_ = false;
  Micros restart_after_ = 0;
  std::unique_ptr<Caretaker> caretaker_;
  Closing closing_ = Closing::no;
  ExitStatus exit_status_;
};

/// The process that a Lua state belongs to.
inline Process& process_of(lua_State* state) {
  return **static_cast<Process**>(lua_getextraspace(state));
}

}  // namespace moonwire::kernel
