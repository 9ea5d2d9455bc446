// A timer as scripts hold it: of an engine or of a timing wheel.
#pragma once

#include <cstdint>

#include "bindings/chuck/object.h"
#include "bindings/chuck/timers.h"

namespace moonwire::bindings::chuck {

/// User values: 1 the callback, 2 the table that keeps it alive while it is set.
class Timer final : public Alarm {
 public:
  static constexpr Kind kind = Kind::timer;
  static constexpr const char* class_name = "timer";
  enum class Repeat : std::uint8_t { always, once };

  Timer(AlarmQueue& queue, Repeat repeat, lua_Integer milliseconds);

  bool is_timer() const override { return true; }
  /// Sets it for the first time.
  void start(kernel::Micros now);
  /// After its callback, whose one result (or error) is on top of the stack; the timer's userdata
  /// is at `self`.
  void settle(lua_State* state, int self, int status, kernel::Micros now);
  /// Never again.
  void stop(lua_State* state, int self);

  static const luaL_Reg methods[];

 private:
  AlarmQueue* owner_;  // null: stopped
  Repeat repeat_;
  kernel::Micros interval_;
  kernel::Micros due_ = 0;
};

/// Makes a timer with the callback at `callback_index`, anchored in the table at `anchors_index`;
/// leaves it on the stack.
void push_timer(lua_State* state, AlarmQueue& queue, Timer::Repeat repeat, int callback_index,
                int anchors_index, lua_Integer milliseconds);

/// Milliseconds as scripts give them, within a timer's bounds.
lua_Integer check_milliseconds(lua_State* state, int index);

void add_timers(lua_State* state);

}  // namespace moonwire::bindings::chuck
