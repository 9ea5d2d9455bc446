// pmd, adc, pwm, watchdog: supplies, the battery, the converters. i2c and spi are absent, which the
// firmware's libraries allow for.
#include "bindings/luat/firmware.h"
#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

using module::Supply;

// --- pmd ---

int pmd_ldoset(lua_State* state) {
  const auto level = static_cast<int>(luaL_checkinteger(state, 1));
  const int last = lua_gettop(state);
  for (int index = 2; index <= last; ++index) {
    const lua_Integer supply = luaL_checkinteger(state, index);
    if (supply < 0 || supply >= static_cast<lua_Integer>(module::supply_count)) {
      return luaL_error(state, "invalid ldo id");
    }
    module_of(state).pins().set_supply(static_cast<Supply>(supply), level);
  }
  return 0;
}

int percent_of(int millivolts) {
  constexpr int empty = 3400;
  constexpr int full = 4200;
  if (millivolts <= empty) return 0;
  return millivolts >= full ? 100 : (millivolts - empty) * 100 / (full - empty);
}

/// present, millivolts, percent, charger, state
int pmd_param_get(lua_State* state) {
  const int millivolts = module_of(state).battery();
  lua_pushboolean(state, millivolts > 0);
  lua_pushinteger(state, millivolts);
  lua_pushinteger(state, percent_of(millivolts));
  lua_pushboolean(state, 0);
  lua_pushinteger(state, 0);
  return 5;
}

constexpr luaL_Reg pmd_functions[] = {
    {"ldoset", pmd_ldoset}, {"sleep", do_nothing},    {"param_get", pmd_param_get},
    {"charger", say_false}, {"chrcurrent", say_zero}, {"init", say_one},
    {nullptr, nullptr},
};

constexpr Constant pmd_constants[] = {
    {"LDO_VLCD", static_cast<int>(Supply::lcd)},
    {"LDO_VMMC", static_cast<int>(Supply::mmc)},
    {"LDO_VSIM1", static_cast<int>(Supply::sim1)},
    {"LDO_VCAMA", static_cast<int>(Supply::camera_a)},
    {"LDO_VCAMD", static_cast<int>(Supply::camera_d)},
    {"LDO_VIBR", static_cast<int>(Supply::vibrator)},
    {"LDO_VBACKLIGHT_R", static_cast<int>(Supply::backlight_r)},
    {"LDO_VBACKLIGHT_G", static_cast<int>(Supply::backlight_g)},
    {"LDO_VBACKLIGHT_B", static_cast<int>(Supply::backlight_b)},
    {"LDO_VBACKLIGHT_W", static_cast<int>(Supply::backlight_w)},
    {"LDO_HMICBIAS", static_cast<int>(Supply::headset)},
};

constexpr Constant pmd_constants_2g[] = {
    {"LDO_VCAM", static_cast<int>(Supply::camera)},
    {"LDO_VIB", static_cast<int>(Supply::vibrator)},
    {"KP_LEDR", static_cast<int>(Supply::keypad_led)},
};

// --- adc ---

std::size_t check_channel(lua_State* state) {
  const lua_Integer channel = luaL_checkinteger(state, 1);
  if (channel < 0 || channel >= static_cast<lua_Integer>(module::adc_channels)) {
    luaL_error(state, "adc id %d must be 0 to %d", static_cast<int>(channel),
               static_cast<int>(module::adc_channels) - 1);
  }
  return static_cast<std::size_t>(channel);
}

int adc_open(lua_State* state) {
  check_channel(state);
  return say_one(state);
}

/// The raw value, and millivolts: on the Air202 three times the real ones.
int adc_read(lua_State* state) {
  constexpr int steps = 1024;
  constexpr int full_scale = 1850;  // millivolts
  module::Module& module = module_of(state);
  const int millivolts = module.adc(check_channel(state));
  const int raw = millivolts * steps / full_scale;
  lua_pushinteger(state, raw < steps ? raw : steps - 1);
  const bool is_2g = module.profile() == modem::Profile::air202;
  lua_pushinteger(state, is_2g ? 3 * millivolts : millivolts);
  return 2;
}

int adc_close(lua_State* state) {
  check_channel(state);
  return 0;
}

constexpr luaL_Reg adc_functions[] = {
    {"open", adc_open}, {"read", adc_read}, {"close", adc_close}, {nullptr, nullptr}};

// --- i2c: a bus with nothing on it ---

int i2c_setup(lua_State* state) {
  lua_pushinteger(state, luaL_optinteger(state, 2, 0));  // the speed
  return 1;
}

int i2c_recv(lua_State* state) {
  lua_pushliteral(state, "");
  return 1;
}

constexpr luaL_Reg i2c_functions[] = {
    {"setup", i2c_setup}, {"send", say_zero},    {"recv", i2c_recv}, {"write", say_zero},
    {"read", i2c_recv},   {"close", do_nothing}, {nullptr, nullptr}};
constexpr Constant i2c_constants[] = {{"SLOW", 100'000}, {"FAST", 400'000}};

// --- pwm, watchdog: taken note of by nobody ---

constexpr luaL_Reg pwm_functions[] = {
    {"open", say_one}, {"set", say_one}, {"close", say_one}, {nullptr, nullptr}};

constexpr luaL_Reg watchdog_functions[] = {
    {"open", say_one}, {"kick", say_one}, {"close", say_one}, {nullptr, nullptr}};

}  // namespace

void add_peripherals(lua_State* state) {
  const bool is_2g = module_of(state).profile() == modem::Profile::air202;
  push_module(state, "pmd", pmd_functions);
  set_constants(state, pmd_constants);
  if (is_2g) set_constants(state, pmd_constants_2g);
  lua_pop(state, 1);
  push_module(state, "adc", adc_functions);
  lua_pop(state, 1);
  push_module(state, "i2c", i2c_functions);
  set_constants(state, i2c_constants);
  lua_pop(state, 1);
  push_module(state, "watchdog", watchdog_functions);
  set_number(state, "DEFAULT", 0);
  lua_pop(state, 1);
  if (is_2g) return;
  push_module(state, "pwm", pwm_functions);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
