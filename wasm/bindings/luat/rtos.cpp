// rtos: messages, timers, power, time, flash.
#include <cmath>
#include <cstring>

#include "bindings/base/turn.h"
#include "bindings/blocking_call.h"
#include "bindings/luat/base64.h"
#include "bindings/luat/firmware.h"
#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

using module::Message;
using module::MessageKind;
using module::Module;
using net::Micros;

constexpr lua_Integer forever = 0xffff'ffff;
constexpr Micros per_millisecond = 1000;
constexpr std::int64_t zone_seconds = 8 * 3600;

kernel::FileSystem& files_of(lua_State* state) {
  return kernel::process_of(state).machine().files();
}

/// Milliseconds at `index`, as microseconds; fractions count.
Micros check_span(lua_State* state, int index) {
  const double milliseconds = luaL_checknumber(state, index);
  if (!(milliseconds > 0)) return 0;
  constexpr double longest = 1e12;
  return static_cast<Micros>(std::fmin(milliseconds, longest) * 1000);
}

// --- messages ---

int push_kind(lua_State* state, MessageKind kind) {
  lua_pushinteger(state, static_cast<int>(kind));
  return 1;
}

void begin_table(lua_State* state, const Message& message) {
  lua_createtable(state, 0, 4);
  set_number(state, "id", static_cast<int>(message.kind));
}

int push_message(lua_State* state, const Message& message) {
  switch (message.kind) {
    using enum MessageKind;
    case wait_timeout:
    case alarm: return push_kind(state, message.kind);
    case timer:
    case uart_sent:
      push_kind(state, message.kind);
      lua_pushinteger(state, message.first);
      return 2;
    case uart_received: {
      push_kind(state, message.kind);
      lua_pushinteger(state, message.first);
      Module& module = module_of(state);
      module::Uart* const uart = module.uart(message.first);
      lua_pushinteger(
          state, static_cast<lua_Integer>(uart ? uart->readable() : module.modem().readable()));
      return 3;
    }
    case sim_inserted:
      push_kind(state, message.kind);
      lua_pushboolean(state, message.first);
      return 2;
    case keypad:
      begin_table(state, message);
      set_truth(state, "pressed", message.first != 0);
      set_number(state, "key_matrix_row", message.second);
      set_number(state, "key_matrix_col", message.third);
      return 1;
    case interrupt:
      begin_table(state, message);
      set_number(state, "int_id", message.first);
      set_number(state, "int_resnum", message.second);
      return 1;
    case battery:
      begin_table(state, message);
      set_truth(state, "present", message.first != 0);
      set_number(state, "voltage", message.second);
      set_number(state, "level", message.third);
      set_truth(state, "charger", false);
      set_number(state, "state", 0);
      return 1;
    case bearer_lost:
      begin_table(state, message);
      set_number(state, "result", message.first);
      return 1;
    case socket_received:
    case socket_sent:
    case socket_close_confirmed:
    case socket_connected:
    case socket_closed: break;
  }
  begin_table(state, message);
  set_number(state, "socket_index", message.first);
  set_number(state, "result", message.second);
  if (message.kind == MessageKind::socket_received) set_number(state, "recv_len", message.third);
  if (message.kind == MessageKind::socket_sent) set_number(state, "send_len", message.third);
  return 1;
}

int received(lua_State* state, int, lua_KContext) {
  module::MessageQueue& queue = module_of(state).messages();
  return push_message(state, queue.is_empty() ? Message{} : queue.take());
}

int rtos_receive(lua_State* state) {
  const lua_Integer timeout = luaL_optinteger(state, 1, forever);
  Firmware& firmware = firmware_of(state);
  Module& module = firmware.module();
  firmware.note_receive();
  module.start_modem_unless_held();
  if (!module.messages().is_empty()) return received(state, LUA_OK, 0);
  const bool is_endless = timeout < 0 || timeout >= forever;
  const Micros deadline =
      is_endless ? kernel::Wait::never : module.now() + timeout * per_millisecond;
  return park_on(state, module.messages(), net::Ready::readable, deadline, 0, received, "receive");
}

// --- timers ---

int rtos_timer_start(lua_State* state) {
  const lua_Integer id = luaL_checkinteger(state, 1);
  const Micros span = check_span(state, 2);
  const bool is_valid = id >= 0 && id <= INT32_MAX && span > 0;
  const bool has_started =
      is_valid && module_of(state).start_timer(static_cast<std::int32_t>(id), span);
  lua_pushinteger(state, has_started ? 1 : 0);
  return 1;
}

int rtos_timer_stop(lua_State* state) {
  const lua_Integer id = luaL_checkinteger(state, 1);
  if (id >= 0 && id <= INT32_MAX) module_of(state).stop_timer(static_cast<std::int32_t>(id));
  return say_one(state);
}

int rtos_tick(lua_State* state) {
  lua_pushinteger(state, module_of(state).ticks());
  return 1;
}

int slept(lua_State*, int, lua_KContext) {
  return 0;
}

int rtos_sleep(lua_State* state) {
  kernel::Wait wait;
  wait.deadline = module_of(state).now() + check_span(state, 1);
  return park(state, wait, 0, slept, "sleep");
}

// --- power ---

int gone(lua_State*, int, lua_KContext) {
  return 0;  // never called: the state does not go on
}

/// After the process was told to end or to start anew.
int leave(lua_State* state) {
  return base::must_give_turn(state) ? base::give_turn(state, 0, gone) : 0;
}

int rtos_poweron_reason(lua_State* state) {
  lua_pushinteger(state, static_cast<int>(module_of(state).power_on_reason()));
  return 1;
}

int rtos_poweron(lua_State* state) {
  Module& module = module_of(state);
  if (luaL_checkinteger(state, 1) == 0) {
    module.hold_modem();
  } else {
    module.start_modem();
  }
  return 0;
}

int rtos_poweroff(lua_State* state) {
  firmware_of(state).switch_off();
  return leave(state);
}

int rtos_restart(lua_State* state) {
  module_of(state).restart(module::PowerOnReason::restart, module::reboot_delay);
  return leave(state);
}

int rtos_init_module(lua_State* state) {
  enum : lua_Integer { keypad = 0, alarm = 1, touch_panel = 2 };
  const lua_Integer which = luaL_checkinteger(state, 1);
  if (which < keypad || which > touch_panel) return luaL_error(state, "module id must < %d", 3);
  if (which == keypad) module_of(state).watch_keypad();
  return say_one(state);
}

// --- who it is ---

int rtos_get_version(lua_State* state) {
  lua_pushstring(state, module_of(state).core_version());
  return 1;
}

int rtos_get_build_time(lua_State* state) {
  lua_pushliteral(state, "May 24 2021 19:10:09");
  return 1;
}

// --- trace ---

/// Upvalue 1 is the real print.
int rtos_set_trace(lua_State* state) {
  if (luaL_optinteger(state, 1, 1) == 0) {
    lua_pushcfunction(state, do_nothing);
  } else {
    lua_pushvalue(state, lua_upvalueindex(1));
  }
  lua_setglobal(state, "print");
  return say_true(state);
}

// --- flash ---

int push_size(lua_State* state, std::size_t bytes) {
  constexpr int unit_kilobytes = 1;
  const bool in_kilobytes = luaL_optinteger(state, 2, 0) == unit_kilobytes;
  lua_pushinteger(state, static_cast<lua_Integer>(in_kilobytes ? bytes / 1024 : bytes));
  return 1;
}

int rtos_get_fs_total_size(lua_State* state) {
  return push_size(state, kernel::process_of(state).machine().limits().file_system_bytes);
}

int rtos_get_fs_free_size(lua_State* state) {
  const std::size_t total = kernel::process_of(state).machine().limits().file_system_bytes;
  const std::size_t used = files_of(state).used_bytes();
  return push_size(state, used < total ? total - used : 0);
}

int rtos_make_dir(lua_State* state) {
  const std::string path = kernel::process_of(state).file_path(luaL_checkstring(state, 1));
  lua_pushboolean(state, files_of(state).make_folder(path) == kernel::FileError::none);
  return 1;
}

int rtos_remove_dir(lua_State* state) {
  const std::string path = kernel::process_of(state).file_path(luaL_checkstring(state, 1));
  lua_pushboolean(state, files_of(state).remove_folder(path) == kernel::FileError::none);
  return 1;
}

int rtos_get_env_usage(lua_State* state) {
  kernel::Process& process = kernel::process_of(state);
  const std::size_t limit = process.machine().limits().process_memory_bytes;
  lua_pushinteger(state, static_cast<lua_Integer>(process.memory_bytes() * 100 / limit));
  return 1;
}

// --- clock ---

int rtos_set_time(lua_State* state) {
  module_of(state).set_unix_seconds(luaL_checkinteger(state, 1));
  return 0;
}

/// (on, year, month, day, hour, minute, second) in the module's own zone.
int rtos_set_alarm(lua_State* state) {
  Module& module = module_of(state);
  if (luaL_checkinteger(state, 1) == 0) {
    module.set_alarm(std::nullopt);
    return say_one(state);
  }
  lua_getglobal(state, "os");
  lua_getfield(state, -1, "time");
  lua_createtable(state, 0, 6);
  static constexpr const char* fields[] = {"year", "month", "day", "hour", "min", "sec"};
  for (int field = 0; field < 6; ++field) {
    set_number(state, fields[field], luaL_checkinteger(state, field + 2));
  }
  lua_call(state, 1, 1);
  module.set_alarm(static_cast<std::int64_t>(luaL_checknumber(state, -1)));
  return say_one(state);
}

// --- the firmware's watchdog ---

int rtos_open_soft_dog(lua_State* state) {
  module_of(state).open_watchdog(check_span(state, 1));
  return say_true(state);
}

int rtos_eat_soft_dog(lua_State* state) {
  module_of(state).feed_watchdog();
  return 0;
}

int rtos_close_soft_dog(lua_State* state) {
  module_of(state).close_watchdog();
  return 0;
}

// --- odds and ends ---

int rtos_get_fatal_info(lua_State* state) {
  lua_pushliteral(state, "");
  return 1;
}

int rtos_fota(lua_State* state) {
  constexpr int not_started = -94;
  lua_pushinteger(state, not_started);
  return 1;
}

int rtos_base64_encode(lua_State* state) {
  push_text(state, base64_encode(check_text(state, 1)));
  return 1;
}

int rtos_base64_decode(lua_State* state) {
  const std::string bytes = base64_decode(check_text(state, 1));
  lua_createtable(state, 0, 2);
  set_number(state, "len", static_cast<lua_Integer>(bytes.size()));
  push_text(state, bytes);
  lua_setfield(state, -2, "str");
  return 1;
}

/// A decimal number as eight bytes, in either order.
int rtos_toint64(lua_State* state) {
  const std::uint64_t value = std::strtoull(luaL_checkstring(state, 1), nullptr, 10);
  const bool is_little = std::strcmp(luaL_optstring(state, 2, "little"), "big") != 0;
  char bytes[8];
  for (int place = 0; place < 8; ++place) {
    bytes[is_little ? place : 7 - place] = static_cast<char>(value >> (8 * place));
  }
  lua_pushlstring(state, bytes, sizeof bytes);
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"receive", rtos_receive},
    {"timer_start", rtos_timer_start},
    {"timer_stop", rtos_timer_stop},
    {"tick", rtos_tick},
    {"poweron_reason", rtos_poweron_reason},
    {"poweron", rtos_poweron},
    {"poweroff", rtos_poweroff},
    {"restart", rtos_restart},
    {"init_module", rtos_init_module},
    {"get_version", rtos_get_version},
    {"set_trace_port", say_true},
    {"get_trace_port", say_zero},
    {"get_fs_free_size", rtos_get_fs_free_size},
    {"get_fs_total_size", rtos_get_fs_total_size},
    {"make_dir", rtos_make_dir},
    {"remove_dir", rtos_remove_dir},
    {"get_env_usage", rtos_get_env_usage},
    {"set_alarm", rtos_set_alarm},
    {"set_time", rtos_set_time},
    {"sleep", rtos_sleep},
    {"fota_start", rtos_fota},
    {"fota_process", rtos_fota},
    {"fota_end", rtos_fota},
    {"base64_encode", rtos_base64_encode},
    {"base64_decode", rtos_base64_decode},
    {"toint64", rtos_toint64},
    {"sys32k_clk_out", do_nothing},
    {"sms_is_ready", say_false},
    {"keypad_state", say_zero},
    {"notify_sim_detect", do_nothing},
    {"sendevent", do_nothing},
    {nullptr, nullptr},
};

constexpr luaL_Reg functions_2g[] = {
    {"set_script_rollback", do_nothing},
    {"is_vsim", say_false},
    {nullptr, nullptr},
};

constexpr luaL_Reg functions_4g[] = {
    {"get_build_time", rtos_get_build_time}, {"set_lua_info", do_nothing},
    {"openSoftDog", rtos_open_soft_dog},     {"eatSoftDog", rtos_eat_soft_dog},
    {"closeSoftDog", rtos_close_soft_dog},   {"get_fatal_info", rtos_get_fatal_info},
    {"remove_fatal_info", say_true},         {nullptr, nullptr},
};

constexpr Constant constants[] = {
    {"INF_TIMEOUT", forever},
    {"WAIT_MSG_TIMEOUT", 4},
    {"MSG_TIMER", 5},
    {"MSG_UART_RXDATA", 6},
    {"MSG_UART_TX_DONE", 7},
    {"MSG_KEYPAD", 8},
    {"MSG_INT", 9},
    {"MSG_PMD", 10},
    {"MSG_AUDIO", 11},
    {"MSG_WEAR_STATUS", 12},
    {"MSG_RECORD", 13},
    {"MSG_STREAM_RECORD", 14},
    {"MSG_ALARM", 15},
    {"MSG_SIM_INSERT_IND", 27},
    {"MSG_PDP_ACT_CNF", 28},
    {"MSG_PDP_DEACT_CNF", 29},
    {"MSG_PDP_DEACT_IND", 30},
    {"MSG_SOCK_RECV_IND", 31},
    {"MSG_SOCK_SEND_CNF", 32},
    {"MSG_SOCK_CLOSE_CNF", 33},
    {"MSG_SOCK_CONN_CNF", 34},
    {"MSG_SOCK_SEND_IND", 35},
    {"MSG_SOCK_CLOSE_IND", 36},
    {"MSG_TTSPLY_STATUS", 37},
    {"MSG_TTSPLY_ERROR", 38},
    {"MSG_ZBAR", 39},
    {"MSG_WIFI", 40},
    {"MSG_BLUETOOTH", 41},
    {"MSG_HEADSET", 42},
    {"MSG_RTMP", 43},
    {"MSG_TTS", 44},
    {"MOD_KEYPAD", 0},
    {"MOD_ALARM", 1},
    {"MOD_TP", 2},
    {"POWERON_KEY", 0},
    {"POWERON_CHARGER", 1},
    {"POWERON_ALARM", 2},
    {"POWERON_RESTART", 3},
    {"POWERON_OTHER", 4},
    {"POWERON_UNKNOWN", 5},
    {"POWERON_EXCEPTION", 6},
    {"POWERON_HOST", 7},
    {"POWERON_WATCHDOG", 8},
};

// --- what is different about Lua's own libraries ---

/// Upvalue 1 is Lua's own os.time, which knows no zone but UTC.
int os_time(lua_State* state) {
  if (lua_isnoneornil(state, 1)) {
    lua_pushinteger(state, module_of(state).unix_seconds());
    return 1;
  }
  lua_settop(state, 1);
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, 1, 1);
  lua_pushinteger(state, luaL_checkinteger(state, -1) - zone_seconds);
  return 1;
}

/// Upvalue 1 is Lua's own os.date.
int os_date(lua_State* state) {
  const char* format = luaL_optstring(state, 1, "%c");
  const std::int64_t seconds =
      lua_isnoneornil(state, 2) ? module_of(state).unix_seconds() : luaL_checkinteger(state, 2);
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_pushstring(state, format);
  lua_pushinteger(state, *format == '!' ? seconds : seconds + zone_seconds);
  lua_call(state, 2, 1);
  return 1;
}

int coroutine_running(lua_State* state) {
  if (lua_pushthread(state)) lua_pushnil(state);
  return 1;
}

/// Puts `function` in the place of library.name, with the one before as its upvalue.
void wrap(lua_State* state, const char* library, const char* name, lua_CFunction function) {
  lua_getglobal(state, library);
  lua_getfield(state, -1, name);
  lua_pushcclosure(state, function, 1);
  lua_setfield(state, -2, name);
  lua_pop(state, 1);
}

}  // namespace

void add_rtos(lua_State* state) {
  push_module(state, "rtos", functions);
  const bool is_4g = module_of(state).profile() == modem::Profile::air724u;
  luaL_setfuncs(state, is_4g ? functions_4g : functions_2g, 0);
  lua_getglobal(state, "print");
  lua_pushcclosure(state, rtos_set_trace, 1);
  lua_setfield(state, -2, "set_trace");
  set_constants(state, constants);
  lua_pop(state, 1);
}

void adjust_standard_library(lua_State* state) {
  wrap(state, "os", "time", os_time);
  wrap(state, "os", "date", os_date);
  wrap(state, "coroutine", "running", coroutine_running);
}

}  // namespace moonwire::bindings::luat
