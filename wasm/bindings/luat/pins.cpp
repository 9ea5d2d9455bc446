// pio and cpu: the pins as scripts see them.
#include "module/pins.h"

#include "bindings/luat/firmware.h"
#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

using module::PinCode;
using module::PinDirection;
using module::Pins;
using module::Pull;

enum : lua_Integer {
  output = 0,
  input = 1,
  output_high = 2,
  interrupt = 6,
  pull_up = 7,
  pull_down = 8,
  no_pull = 9,
};

Pins& pins_of(lua_State* state) {
  return module_of(state).pins();
}

PinCode check_pin(lua_State* state, int index) {
  const lua_Integer code = luaL_checkinteger(state, index);
  if (code < 0 || code >= static_cast<lua_Integer>(module::pin_count)) {
    luaL_error(state, "invalid pin");
  }
  return static_cast<PinCode>(code);
}

/// Calls `act` for each of the pins from argument `first` on.
template <typename Act>
void for_each_pin(lua_State* state, int first, Act act) {
  const int last = lua_gettop(state);
  for (int index = first; index <= last; ++index) act(check_pin(state, index));
}

int pin_setdir(lua_State* state) {
  const lua_Integer direction = luaL_checkinteger(state, 1);
  if (direction != output && direction != input && direction != output_high &&
      direction != interrupt) {
    return luaL_error(state, "invalid direction");
  }
  for_each_pin(state, 2, [&](PinCode pin) {
    if (direction == output || direction == output_high) {
      pins_of(state).write(pin, direction == output_high);
      pins_of(state).set_up(pin, PinDirection::output);
    } else {
      pins_of(state).set_up(pin,
                            direction == input ? PinDirection::input : PinDirection::interrupt);
    }
  });
  return 0;
}

int write_pins(lua_State* state, int first, bool level) {
  for_each_pin(state, first, [&](PinCode pin) { pins_of(state).write(pin, level); });
  return 0;
}

int pin_setval(lua_State* state) {
  const lua_Integer level = luaL_checkinteger(state, 1);
  if (level != 0 && level != 1) return luaL_error(state, "invalid pin value");
  return write_pins(state, 2, level == 1);
}

int pin_sethigh(lua_State* state) {
  return write_pins(state, 1, true);
}

int pin_setlow(lua_State* state) {
  return write_pins(state, 1, false);
}

int pin_getval(lua_State* state) {
  const int count = lua_gettop(state);
  luaL_checkstack(state, count, "too many pins");
  for (int index = 1; index <= count; ++index) {
    lua_pushinteger(state, pins_of(state).level(check_pin(state, index)));
  }
  return count;
}

int pin_setpull(lua_State* state) {
  const lua_Integer pull = luaL_checkinteger(state, 1);
  if (pull != pull_up && pull != pull_down && pull != no_pull) {
    return luaL_error(state, "invalid pull type");
  }
  const Pull wanted = pull == pull_up ? Pull::up : pull == pull_down ? Pull::down : Pull::none;
  for_each_pin(state, 2, [&](PinCode pin) { pins_of(state).set_pull(pin, wanted); });
  return 0;
}

int pin_close(lua_State* state) {
  for_each_pin(state, 1, [&](PinCode pin) { pins_of(state).close(pin); });
  return 0;
}

/// pio.P1_3 and the like.
int find_pin(lua_State* state) {
  if (lua_type(state, 2) != LUA_TSTRING) return 0;
  const auto code = Pins::code_of(check_text(state, 2));
  if (!code) return 0;
  lua_pushinteger(state, *code);
  return 1;
}

constexpr luaL_Reg none[] = {{nullptr, nullptr}};

constexpr luaL_Reg pin_functions[] = {
    {"setdir", pin_setdir}, {"setval", pin_setval},      {"sethigh", pin_sethigh},
    {"setlow", pin_setlow}, {"getval", pin_getval},      {"setpull", pin_setpull},
    {"close", pin_close},   {"setdebounce", do_nothing}, {"plus", do_nothing},
    {nullptr, nullptr},
};

constexpr Constant pio_constants[] = {
    {"OUTPUT", output},  {"INPUT", input},        {"OUTPUT1", output_high}, {"INT", interrupt},
    {"PULLUP", pull_up}, {"PULLDOWN", pull_down}, {"NOPULL", no_pull},
};

constexpr Constant cpu_constants[] = {{"INT_GPIO_POSEDGE", 1}, {"INT_GPIO_NEGEDGE", 2}};

}  // namespace

void add_pins(lua_State* state) {
  push_module(state, "pio", none);
  set_constants(state, pio_constants);
  luaL_newlib(state, pin_functions);
  lua_setfield(state, -2, "pin");
  lua_createtable(state, 0, 1);
  lua_pushcfunction(state, find_pin);
  lua_setfield(state, -2, "__index");
  lua_setmetatable(state, -2);
  lua_pop(state, 1);
  push_module(state, "cpu", none);
  set_constants(state, cpu_constants);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
