// Run, and all that an engine keeps for it.
#include "bindings/chuck/engine.h"

#include <algorithm>
#include <utility>

#include "bindings/base/turn.h"
#include "bindings/blocking_call.h"
#include "bindings/chuck/errors.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/log.h"
#include "bindings/chuck/timer.h"
#include "bindings/chuck/traceback.h"
#include "kernel/machine.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

// User values of an engine.
constexpr int handles_value = 1;   // address -> userdata of all that is attached
constexpr int closures_value = 2;  // a queue
constexpr int idle_value = 3;

// Stack of Run.
constexpr int handler_index = 2;
constexpr int anchors_index = 3;
constexpr int subject_index = 4;  // whose callback runs

}  // namespace

// --- Handles

Handle::~Handle() {
  if (engine_ != nullptr) engine_->forget(*this);
}

void Handle::on_ready(net::Pollable&, net::Ready) {
  if (engine_ != nullptr) engine_->enqueue(*this);
}

void Handle::watch(net::Pollable& pollable, net::Ready interest) {
  watch_.start(pollable, interest, *this);
  if (engine_ != nullptr && any(pollable.ready() & interest)) engine_->enqueue(*this);
}

bool Engine::attach(lua_State* state, int engine_index, int handle_index, Handle& handle) {
  if (handle.engine_ != nullptr) return false;
  engine_index = lua_absindex(state, engine_index);
  handle_index = lua_absindex(state, handle_index);
  lua_getiuservalue(state, engine_index, handles_value);
  lua_pushvalue(state, handle_index);
  lua_rawsetp(state, -2, &handle);
  lua_setiuservalue(state, handle_index, anchors_value);
  handle.engine_ = this;
  handle.previous_ = nullptr;
  handle.next_ = handles_;
  if (handles_ != nullptr) handles_->previous_ = &handle;
  handles_ = &handle;
  return true;
}

void Engine::release(lua_State* state, int handle_index, Handle& handle) {
  if (handle.engine_ != nullptr) handle.engine_->forget(handle);
  handle_index = lua_absindex(state, handle_index);
  if (lua_getiuservalue(state, handle_index, anchors_value) == LUA_TTABLE) {
    lua_pushnil(state);
    lua_rawsetp(state, -2, &handle);
    lua_pushnil(state);
    lua_setiuservalue(state, handle_index, anchors_value);
  }
  lua_pop(state, 1);
}

void Engine::forget(Handle& handle) {
  dequeue(handle);
  alarms_.cancel(handle);
  handle.watch_.stop();
  if (current_ == &handle) current_ = nullptr;
  (handle.previous_ != nullptr ? handle.previous_->next_ : handles_) = handle.next_;
  if (handle.next_ != nullptr) handle.next_->previous_ = handle.previous_;
  handle.previous_ = handle.next_ = nullptr;
  handle.engine_ = nullptr;
}

void Engine::enqueue(Handle& handle) {
  if (handle.is_queued_) return;
  handle.is_queued_ = true;
  handle.previous_ready_ = last_ready_;
  handle.next_ready_ = nullptr;
  (last_ready_ != nullptr ? last_ready_->next_ready_ : first_ready_) = &handle;
  last_ready_ = &handle;
  ++ready_count_;
  notify();
}

void Engine::dequeue(Handle& handle) {
  if (!handle.is_queued_) return;
  handle.is_queued_ = false;
  (handle.previous_ready_ != nullptr ? handle.previous_ready_->next_ready_ : first_ready_) =
      handle.next_ready_;
  (handle.next_ready_ != nullptr ? handle.next_ready_->previous_ready_ : last_ready_) =
      handle.previous_ready_;
  --ready_count_;
}

void Engine::set_alarm(Alarm& alarm, kernel::Micros when) {
  alarms_.set(alarm, when);
}

kernel::Micros Engine::now() const {
  return process_.machine().deadlines().now();
}

// --- Life

Engine::Engine(lua_State* state, Style style)
    : process_(kernel::process_of(state)), style_(style), spare_(state) {}

Engine::~Engine() {
  while (handles_ != nullptr) forget(*handles_);
}

net::Ready Engine::ready() const {
  return is_stopped_ || has_work() ? net::Ready::readable : net::Ready::nothing;
}

bool Engine::has_work() const {
  return first_ready_ != nullptr || first_closure_ <= last_closure_;
}

/// Whoever is still attached hears that the engine is closing, unless the whole process is.
void Engine::farewell(lua_State* state, int self) {
  lua_getiuservalue(state, self, handles_value);
  const int anchors = lua_gettop(state);
  while (handles_ != nullptr) {
    Handle& handle = *handles_;
    forget(handle);
    lua_pushcfunction(state, traceback);
    lua_rawgetp(state, anchors, &handle);
    const int arguments = handle.push_farewell(state, anchors + 2);
    if (arguments != Handle::no_event && lua_isfunction(state, -arguments - 1)) {
      if (lua_pcall(state, arguments, 0, anchors + 1) != LUA_OK) log_error(state);
    }
    lua_settop(state, anchors);
    lua_pushnil(state);
    lua_rawsetp(state, anchors, &handle);
  }
}

int Engine::collect(lua_State* state) {
  Engine* engine = find<Engine>(state, 1);
  if (engine != nullptr && !engine->process_.is_ending()) engine->farewell(state, 1);
  return destroy<Engine>(state);
}

// --- Run

void Engine::begin_run(lua_Integer milliseconds) {
  is_running_ = true;
  is_single_ = milliseconds >= 0;
  has_waited_ = was_busy_ = false;
  const kernel::Micros now = this->now();
  deadline_ = is_single_ ? now + milliseconds * 1000 : kernel::Wait::never;
  phase_ = Phase::handles;
  handles_left_ = ready_count_;
  round_began_ = now;
  current_ = nullptr;
}

int Engine::run(lua_State* state) {
  Engine& engine = check<Engine>(state);
  const lua_Integer milliseconds =
      lua_isnoneornil(state, 2) ? -1 : std::max<lua_Integer>(0, luaL_checkinteger(state, 2));
  if (engine.is_running_) return luaL_error(state, "the engine runs already");
  engine.begin_run(std::min<lua_Integer>(milliseconds, timer_span_max));
  lua_settop(state, 1);
  lua_pushcfunction(state, traceback);
  lua_getiuservalue(state, 1, handles_value);
  lua_pushnil(state);
  return step(state, LUA_OK, lua_KContext(Call::none));
}

int Engine::end_run(lua_State* state) {
  is_running_ = is_stopped_ = false;
  if (style_ == Style::later) return 0;
  lua_pushinteger(state, 0);
  return 1;
}

int Engine::step(lua_State* state, int status, lua_KContext context) {
  auto& engine = static_cast<Box<Engine>*>(lua_touserdata(state, 1))->value;
  auto call = static_cast<Call>(context);
  for (;;) {
    if (call == Call::timer) {
      find<Timer>(state, subject_index)->settle(state, subject_index, status, engine.now());
    } else if (call == Call::plain && status != LUA_OK && status != LUA_YIELD) {
      log_error(state);
    }
    status = LUA_OK;
    lua_settop(state, subject_index);
    base::charge(1);
    if (base::must_give_turn(state)) return base::give_turn(state, lua_KContext(Call::none), step);
    int arguments = 0;
    call = engine.next_call(state, arguments);
    if (call == Call::none) {
      const bool is_over = engine.is_stopped_ ||
                           (engine.is_single_ && engine.now() >= engine.deadline_) ||
                           (engine.is_single_ && engine.was_busy_);
      if (is_over) return engine.end_run(state);
      engine.has_waited_ = true;
      return park_on(state, engine, net::Ready::readable, engine.next_moment(),
                     lua_KContext(Call::none), step, "Run");
    }
    engine.was_busy_ = true;
    const int results = call == Call::timer ? 1 : 0;
    status = lua_pcallk(state, arguments, results, handler_index, lua_KContext(call), step);
  }
}

/// Pushes what is to be called next; none when all waits.
Engine::Call Engine::next_call(lua_State* state, int& arguments) {
  if (std::exchange(has_waited_, false)) handles_left_ = ready_count_;
  for (;;) {
    if (is_stopped_) return Call::none;
    switch (phase_) {
      case Phase::handles:
        if (next_of_handles(state, arguments)) return Call::plain;
        phase_ = Phase::timers;
        round_began_ = now();
        timers_before_ = alarms_.next_serial();
        break;
      case Phase::timers:
        arguments = 0;
        if (next_timer(state)) return Call::timer;
        phase_ = Phase::closures;
        closures_left_ =
            std::min<lua_Integer>(closures_per_round, last_closure_ - first_closure_ + 1);
        break;
      case Phase::closures:
        arguments = 0;
        if (next_closure(state) || next_idle(state)) return Call::plain;
        phase_ = Phase::handles;
        handles_left_ = ready_count_;
        if (is_single_ && was_busy_) return Call::none;
        if (!has_work()) {
          const Alarm* alarm = alarms_.first();
          if (alarm == nullptr || alarm->when() > now()) return Call::none;
        }
        break;
    }
  }
}

bool Engine::next_of_handles(lua_State* state, int& arguments) {
  for (;;) {
    if (current_ == nullptr) {
      if (handles_left_ == 0 || first_ready_ == nullptr) return false;
      --handles_left_;
      current_ = first_ready_;
      dequeue(*current_);
      events_left_ = events_per_turn;
      lua_rawgetp(state, anchors_index, current_);
      lua_replace(state, subject_index);
    }
    Handle& handle = *current_;
    if (events_left_-- > 0) {
      arguments = handle.push_event(state, subject_index);
      if (arguments != Handle::no_event) {
        if (lua_isfunction(state, -arguments - 1)) return true;
        lua_settop(state, subject_index);  // nobody wants to hear it
        continue;
      }
      lua_settop(state, subject_index);
    } else {
      enqueue(handle);
    }
    current_ = nullptr;
  }
}

bool Engine::next_timer(lua_State* state) {
  for (;;) {
    Alarm* const alarm = alarms_.first();
    if (alarm == nullptr || alarm->when() > round_began_) return false;
    if (AlarmQueue::serial_of(*alarm) >= timers_before_) return false;
    alarms_.cancel(*alarm);
    if (!alarm->is_timer()) {
      static_cast<Handle*>(alarm)->on_alarm();
      continue;
    }
    lua_rawgetp(state, anchors_index, static_cast<Timer*>(alarm));
    lua_replace(state, subject_index);
    lua_getiuservalue(state, subject_index, callback_value);
    return true;
  }
}

bool Engine::next_closure(lua_State* state) {
  if (closures_left_ <= 0) return false;
  --closures_left_;
  lua_getiuservalue(state, 1, closures_value);
  lua_rawgeti(state, -1, first_closure_);
  lua_pushnil(state);
  lua_rawseti(state, -3, first_closure_++);
  lua_remove(state, -2);
  return true;
}

bool Engine::next_idle(lua_State* state) {
  if (!has_idle_ || round_began_ < idle_since_ + idle_period) return false;
  idle_since_ = round_began_;
  lua_getiuservalue(state, 1, idle_value);
  return true;
}

kernel::Micros Engine::next_moment() const {
  kernel::Micros moment = deadline_;
  if (const Alarm* alarm = alarms_.first()) moment = std::min(moment, alarm->when());
  if (has_idle_) moment = std::min(moment, idle_since_ + idle_period);
  return moment;
}

// --- What scripts call

int Engine::stop(lua_State* state) {
  Engine& engine = check<Engine>(state);
  engine.is_stopped_ = true;
  engine.notify();
  return 0;
}

int Engine::add_timer(lua_State* state) {
  Engine& engine = check<Engine>(state);
  const lua_Integer milliseconds = check_milliseconds(state, 2);
  luaL_checktype(state, 3, LUA_TFUNCTION);
  lua_settop(state, 3);
  lua_getiuservalue(state, 1, handles_value);
  push_timer(state, engine.alarms_, Timer::Repeat::always, 3, 4, milliseconds);
  return 1;
}

int Engine::add_timer_once(lua_State* state) {
  Engine& engine = check<Engine>(state);
  const lua_Integer milliseconds = check_milliseconds(state, 2);
  luaL_checktype(state, 3, LUA_TFUNCTION);
  lua_settop(state, 3);
  lua_getiuservalue(state, 1, handles_value);
  push_timer(state, engine.alarms_, Timer::Repeat::once, 3, 4, milliseconds);
  return 1;
}

int Engine::post_closure(lua_State* state) {
  Engine& engine = check<Engine>(state);
  luaL_checktype(state, 2, LUA_TFUNCTION);
  lua_settop(state, 2);
  lua_getiuservalue(state, 1, closures_value);
  lua_insert(state, 2);
  lua_rawseti(state, 2, engine.last_closure_ + 1);
  ++engine.last_closure_;
  engine.notify();
  return 0;
}

int Engine::set_idle(lua_State* state) {
  Engine& engine = check<Engine>(state);
  if (!lua_isnoneornil(state, 2)) luaL_checktype(state, 2, LUA_TFUNCTION);
  lua_settop(state, 2);
  engine.has_idle_ = !lua_isnil(state, 2);
  engine.idle_since_ = engine.now();
  lua_setiuservalue(state, 1, idle_value);
  return 0;
}

const luaL_Reg Engine::methods[] = {
    {"Run", run},
    {"Stop", stop},
    {"AddTimer", add_timer},
    {"AddTimerOnce", add_timer_once},
    {"PostClosure", post_closure},
    {"SetIdle", set_idle},
    {"__gc", collect},
    {nullptr, nullptr},
};

namespace {

int push_engine(lua_State* state, Style style) {
  push_new<Engine>(state, 3, state, style);
  lua_newtable(state);
  lua_setiuservalue(state, -2, handles_value);
  lua_newtable(state);
  lua_setiuservalue(state, -2, closures_value);
  return 1;
}

int new_engine(lua_State* state) {
  return push_engine(state, Style::first);
}

int new_event_loop(lua_State* state) {
  return push_engine(state, Style::later);
}

// --- signals

class Signaler final : public Handle {
 public:
  static constexpr Kind kind = Kind::signaler;
  static constexpr const char* class_name = "signaler";

  Signaler(kernel::Signals& signals, int number) : signals_(signals), number_(number) {
    signals_.watch(number);
  }
  ~Signaler() override { forget(); }

  void forget() {
    if (number_ != 0) signals_.forget(number_);
    number_ = 0;
  }

  void listen() { watch(signals_, net::Ready::readable); }
  int push_event(lua_State* state, int self) override {
    if (number_ == 0 || !signals_.take(number_)) return no_event;
    push_callback(state, self);
    lua_pushinteger(state, number_);
    return 1;
  }

 private:
  kernel::Signals& signals_;
  int number_;
};

int new_signaler(lua_State* state) {
  const lua_Integer number = luaL_checkinteger(state, 1);
  luaL_argcheck(state, number > 0 && number <= kernel::signal_max, 1, "no such signal");
  kernel::Signals& signals = kernel::process_of(state).signals();
  if (signals.is_watched(static_cast<int>(number))) return 0;
  push_new<Signaler>(state, 2, signals, static_cast<int>(number));
  return 1;
}

int signaler_register(lua_State* state) {
  Signaler& signaler = check<Signaler>(state);
  Engine* engine = find<Engine>(state, 2);
  const bool is_good =
      engine != nullptr && lua_isfunction(state, 3) && engine->attach(state, 2, 1, signaler);
  if (is_good) {
    lua_pushvalue(state, 3);
    lua_setiuservalue(state, 1, callback_value);
    signaler.listen();
  }
  lua_pushboolean(state, is_good);
  return 1;
}

int signaler_remove(lua_State* state) {
  Engine::release(state, 1, check<Signaler>(state));
  return 0;
}

/// Frees the signal for another signaler, or for what it does by itself.
int signaler_forget(lua_State* state) {
  check<Signaler>(state).forget();
  return 0;
}

constexpr luaL_Reg signaler_methods[] = {
    {"Forget", signaler_forget}, {"Register", signaler_register},
    {"Remove", signaler_remove}, {"__gc", destroy<Signaler>},
    {nullptr, nullptr},
};

constexpr luaL_Reg functions[] = {
    {"engine", new_engine},
    {"event_loop", new_event_loop},
    {"signaler", new_signaler},
    {nullptr, nullptr},
};

}  // namespace

void add_engine(lua_State* state) {
  new_class(state, &class_key<Engine>, nullptr, Engine::methods);
  new_class(state, &class_key<Signaler>, nullptr, signaler_methods);
  luaL_setfuncs(state, functions, 0);
  // The Lua side adds the methods that are not hot.
  lua_rawgetp(state, LUA_REGISTRYINDEX, &class_key<Engine>);
  lua_getfield(state, -1, "__index");
  lua_setfield(state, -3, "engine_methods");
  lua_pop(state, 1);
  add_timers(state);
}

}  // namespace moonwire::bindings::chuck
