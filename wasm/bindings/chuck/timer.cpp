// Timers and timing wheels.
#include "bindings/chuck/timer.h"

#include <algorithm>

#include "bindings/chuck/engine.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/log.h"
#include "bindings/chuck/traceback.h"
#include "kernel/machine.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr kernel::Micros micros_per_millisecond = 1000;

kernel::Micros now_of(lua_State* state) {
  return kernel::process_of(state).machine().deadlines().now();
}

/// A wheel that turns when the script says so. User value 1: what keeps its timers alive.
class Wheel final {
 public:
  static constexpr Kind kind = Kind::wheel;
  static constexpr const char* class_name = "TimingWheel";
  AlarmQueue alarms;
};

int wheel_register(lua_State* state) {
  Wheel& wheel = check<Wheel>(state);
  const lua_Integer milliseconds = check_milliseconds(state, 2);
  luaL_checktype(state, 3, LUA_TFUNCTION);
  lua_settop(state, 3);
  lua_getiuservalue(state, 1, 1);
  push_timer(state, wheel.alarms, Timer::Repeat::always, 3, 4, milliseconds);
  return 1;
}

// Stack of Tick: the wheel, the moment it ticks to, the handler, the timer whose callback runs.
constexpr int moment_index = 2;
constexpr int handler_index = 3;
constexpr int timer_index = 4;

int tick_on(lua_State* state, int status, lua_KContext has_called) {
  auto& wheel = check<Wheel>(state);
  const kernel::Micros moment = lua_tointeger(state, moment_index);
  if (has_called != 0) {
    find<Timer>(state, timer_index)->settle(state, timer_index, status, moment);
  }
  for (;;) {
    lua_settop(state, handler_index);
    Alarm* alarm = wheel.alarms.first();
    if (alarm == nullptr || alarm->when() > moment) return 0;
    auto& timer = static_cast<Timer&>(*alarm);
    lua_getiuservalue(state, 1, 1);
    lua_rawgetp(state, -1, &timer);
    lua_replace(state, timer_index);
    wheel.alarms.cancel(timer);
    lua_getiuservalue(state, timer_index, callback_value);
    status = lua_pcallk(state, 0, 1, handler_index, 1, tick_on);
    timer.settle(state, timer_index, status, moment);
  }
}

int wheel_tick(lua_State* state) {
  check<Wheel>(state);
  lua_settop(state, 1);
  lua_pushinteger(state, now_of(state));
  lua_pushcfunction(state, traceback);
  return tick_on(state, LUA_OK, 0);
}

int new_wheel(lua_State* state) {
  push_new<Wheel>(state, 1);
  lua_newtable(state);
  lua_setiuservalue(state, -2, 1);
  return 1;
}

int systick(lua_State* state) {
  lua_pushinteger(state, now_of(state) / micros_per_millisecond);
  return 1;
}

int unregister(lua_State* state) {
  check<Timer>(state).stop(state, 1);
  return 0;
}

constexpr luaL_Reg wheel_methods[] = {
    {"Register", wheel_register},
    {"Tick", wheel_tick},
    {"__gc", destroy<Wheel>},
    {nullptr, nullptr},
};

}  // namespace

lua_Integer check_milliseconds(lua_State* state, int index) {
  const lua_Number given = luaL_checknumber(state, index);
  const auto most = static_cast<lua_Number>(timer_span_max);
  return given >= 1 ? static_cast<lua_Integer>(std::min(given, most)) : 1;
}

Timer::Timer(AlarmQueue& queue, Repeat repeat, lua_Integer milliseconds)
    : owner_(&queue), repeat_(repeat), interval_(milliseconds * micros_per_millisecond) {}

void Timer::start(kernel::Micros now) {
  due_ = now + interval_;
  owner_->set(*this, due_);
}

void Timer::settle(lua_State* state, int self, int status, kernel::Micros now) {
  if (status != LUA_OK && status != LUA_YIELD) {
    log_error(state);
    return stop(state, self);
  }
  if (owner_ == nullptr) return;  // it unregistered itself
  if (repeat_ == Repeat::once) return stop(state, self);
  int is_integer = 0;
  const lua_Integer wish =
      lua_type(state, -1) == LUA_TNUMBER ? lua_tointegerx(state, -1, &is_integer) : 0;
  if (is_integer != 0 && wish < 0) return stop(state, self);
  if (is_integer != 0 && wish > 0) {
    interval_ = std::min<lua_Integer>(wish, timer_span_max) * micros_per_millisecond;
  }
  due_ += interval_;
  if (due_ + missed_ticks_max * interval_ < now) due_ = now + interval_;
  owner_->set(*this, due_);
}

void Timer::stop(lua_State* state, int self) {
  if (owner_ == nullptr) return;
  cancel();
  owner_ = nullptr;
  self = lua_absindex(state, self);
  if (lua_getiuservalue(state, self, anchors_value) == LUA_TTABLE) {
    lua_pushnil(state);
    lua_rawsetp(state, -2, this);
  }
  lua_pop(state, 1);
  // What the callback holds can go, although the script may keep the timer.
  for (int value = callback_value; value <= anchors_value; ++value) {
    lua_pushnil(state);
    lua_setiuservalue(state, self, value);
  }
}

const luaL_Reg Timer::methods[] = {
    {"UnRegister", unregister},
    {"__gc", destroy<Timer>},
    {nullptr, nullptr},
};

void push_timer(lua_State* state, AlarmQueue& queue, Timer::Repeat repeat, int callback_index,
                int anchors_index, lua_Integer milliseconds) {
  if (queue.size() >= timers_max) luaL_error(state, "too many timers");
  Timer& timer = push_new<Timer>(state, 2, queue, repeat, milliseconds);
  lua_pushvalue(state, callback_index);
  lua_setiuservalue(state, -2, callback_value);
  lua_pushvalue(state, anchors_index);
  lua_setiuservalue(state, -2, anchors_value);
  lua_pushvalue(state, -1);
  lua_rawsetp(state, anchors_index, &timer);
  timer.start(now_of(state));
}

void add_timers(lua_State* state) {
  new_class(state, &class_key<Timer>, nullptr, Timer::methods);
  new_class(state, &class_key<Wheel>, nullptr, wheel_methods);
  lua_pushcfunction(state, new_wheel);
  lua_setfield(state, -2, "TimingWheel");
  lua_pushcfunction(state, systick);
  lua_setfield(state, -2, "systick");
}

}  // namespace moonwire::bindings::chuck
