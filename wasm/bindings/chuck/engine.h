// The engine (first generation) or event loop (later ones): who has events, and whose turn it is.
// In one round sockets come before timers, timers before posted closures; one callback at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "bindings/chuck/byte_queue.h"
#include "bindings/chuck/object.h"
#include "bindings/chuck/timers.h"
#include "kernel/process.h"
#include "net/readiness.h"

namespace moonwire::bindings::chuck {

class Engine;

/// Which generation's manners an object has: what its callbacks get, what its methods answer.
enum class Style : std::uint8_t { first, later };

// User values of every handle.
inline constexpr int callback_value = 1;
inline constexpr int anchors_value = 2;  // the engine's table that keeps it alive while attached

/// Something attached to an engine. The engine keeps its userdata alive until release().
class Handle : public net::Watcher, public Alarm {
 public:
  static constexpr int no_event = -1;

  ~Handle() override;

  Engine* engine() const { return engine_; }
  /// Pushes the next event's function and its arguments; `self` is the handle's userdata.
  /// @return the number of arguments, or no_event.
  virtual int push_event(lua_State* state, int self) = 0;
  /// Its alarm has come. Runs no Lua.
  virtual void on_alarm() {}
  /// The engine is gone. @return as push_event, what it has to say to that.
  virtual int push_farewell(lua_State*, int) { return no_event; }

  void on_ready(net::Pollable& pollable, net::Ready ready) override;

 protected:
  /// Listens to a pollable; asks for a turn when it is ready already.
  void watch(net::Pollable& pollable, net::Ready interest);
  void unwatch() { watch_.stop(); }

 private:
  friend class Engine;  // the two ends of its lists
  Engine* engine_ = nullptr;
  net::Watch watch_;
  bool is_queued_ = false;
  Handle* previous_ready_ = nullptr;
  Handle* next_ready_ = nullptr;
  Handle* previous_ = nullptr;
  Handle* next_ = nullptr;
};

/// Puts the handle's callback (or nil) on the stack.
inline void push_callback(lua_State* state, int self) {
  lua_getiuservalue(state, self, callback_value);
}

class Engine final : public net::Pollable {
 public:
  static constexpr Kind kind = Kind::engine;
  static constexpr const char* class_name = "engine";

  Engine(lua_State* state, Style style);
  ~Engine() override;

  /// Readable when something is to be done.
  net::Ready ready() const override;

  /// Ties the handle at `handle_index` to this engine at `engine_index`. @return false when it is
  /// tied to one already.
  bool attach(lua_State* state, int engine_index, int handle_index, Handle& handle);
  /// Unties it; its userdata is at `handle_index`.
  static void release(lua_State* state, int handle_index, Handle& handle);
  /// The handle has, or may have, an event.
  void enqueue(Handle& handle);
  void set_alarm(Alarm& alarm, kernel::Micros when);
  void cancel_alarm(Alarm& alarm) { alarms_.cancel(alarm); }
  kernel::Micros now() const;
  Style style() const { return style_; }
  kernel::Process& process() const { return process_; }
  /// A buffer to receive into, lent to whoever reads just now.
  ByteQueue& spare() { return spare_; }

  static const luaL_Reg methods[];

 private:
  friend class Handle;
  void forget(Handle& handle);
  void dequeue(Handle& handle);
  void farewell(lua_State* state, int self);

  // One round's work: see Run.
  enum class Call : std::uint8_t { none, plain, timer };
  void begin_run(lua_Integer milliseconds);
  Call next_call(lua_State* state, int& arguments);
  bool next_of_handles(lua_State* state, int& arguments);
  bool next_timer(lua_State* state);
  bool next_closure(lua_State* state);
  bool next_idle(lua_State* state);
  bool has_work() const;
  kernel::Micros next_moment() const;
  int end_run(lua_State* state);
  static int step(lua_State* state, int status, lua_KContext call);

  static int run(lua_State* state);
  static int stop(lua_State* state);
  static int add_timer(lua_State* state);
  static int add_timer_once(lua_State* state);
  static int post_closure(lua_State* state);
  static int set_idle(lua_State* state);
  static int collect(lua_State* state);

  kernel::Process& process_;
  Style style_;
  bool is_stopped_ = false;
  bool is_running_ = false;
  bool has_idle_ = false;
  Handle* first_ready_ = nullptr;
  Handle* last_ready_ = nullptr;
  std::size_t ready_count_ = 0;
  Handle* handles_ = nullptr;
  AlarmQueue alarms_;
  ByteQueue spare_;
  lua_Integer first_closure_ = 1;  // of those in user value closures_value
  lua_Integer last_closure_ = 0;

  // The round under way.
  enum class Phase : std::uint8_t { handles, timers, closures };
  Phase phase_ = Phase::handles;
  Handle* current_ = nullptr;
  int events_left_ = 0;
  std::size_t handles_left_ = 0;
  lua_Integer closures_left_ = 0;
  kernel::Micros round_began_ = 0;
  std::uint64_t timers_before_ = 0;  // serials set since wait for the next round
  kernel::Micros idle_since_ = 0;
  kernel::Micros deadline_ = 0;
  bool is_single_ = false;  // Run(ms): one round
  bool has_waited_ = false;
  bool was_busy_ = false;
};

/// Makes the classes, and adds to the table on top: engine(), event_loop(), TimingWheel(),
/// systick(), signaler(number), and the table of engine_methods.
void add_engine(lua_State* state);

}  // namespace moonwire::bindings::chuck
