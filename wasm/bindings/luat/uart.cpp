// uart: the physical ports, and the AT channel to the modem as port 0x7f.
#include <cstring>

#include "bindings/luat/firmware.h"
#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"

namespace moonwire::bindings::luat {
namespace {

constexpr lua_Integer at_channel = 0x7f;

/// The port, or null for the AT channel. Raises for what is neither.
module::Uart* check_port(lua_State* state) {
  const lua_Integer id = luaL_checkinteger(state, 1);
  if (id == at_channel) return nullptr;
  module::Uart* const uart =
      id > 0 && id < at_channel ? module_of(state).uart(static_cast<int>(id)) : nullptr;
  if (!uart) luaL_error(state, "uart %d: there is no such port", static_cast<int>(id));
  return uart;
}

/// (id, baud, data bits, parity, stop bits [, mode [, tells when sent]])
int uart_setup(lua_State* state) {
  module::Uart* const uart = check_port(state);
  const auto baud = static_cast<int>(luaL_checkinteger(state, 2));
  if (uart && !uart->is_open()) {
    if (baud <= 0) return luaL_error(state, "uart.setup error ret(%d)", -1);
    uart->open({.baud = baud,
                .notifies = luaL_optinteger(state, 6, 0) == 0,
                .tells_sent = luaL_optinteger(state, 7, 0) == 1});
    module_of(state).note_change();
  }
  lua_pushinteger(state, baud);
  return 1;
}

/// Strings as they are; a number is one byte.
int uart_write(lua_State* state) {
  module::Uart* const uart = check_port(state);
  const auto id = static_cast<int>(lua_tointeger(state, 1));
  const int last = lua_gettop(state);
  std::string bytes;
  for (int index = 2; index <= last; ++index) {
    if (lua_type(state, index) == LUA_TNUMBER) {
      const lua_Integer value = luaL_checkinteger(state, index);
      if (value < 0 || value > 0xff) return luaL_error(state, "invalid number");
      bytes += static_cast<char>(value);
    } else {
      bytes += check_text(state, index);
    }
  }
  std::size_t written = bytes.size();
  if (uart) {
    if (!uart->is_open()) written = 0;
    module_of(state).write_uart(id, bytes);
  } else {
    written = module_of(state).write_modem(bytes);
  }
  lua_pushinteger(state, static_cast<lua_Integer>(written));
  return 1;
}

/// (id, "*l" | "*n" | "*s" | count): what is there, never waits.
int uart_read(lua_State* state) {
  module::Uart* const uart = check_port(state);
  modem::Modem& modem = module_of(state).modem();
  if (lua_type(state, 2) == LUA_TNUMBER) {
    const lua_Integer most = luaL_checkinteger(state, 2);
    const std::size_t count = most > 0 ? static_cast<std::size_t>(most) : 0;
    push_text(state, uart ? uart->read(count) : modem.read(count));
    return 1;
  }
  const char* format = luaL_optstring(state, 2, "*l");
  if (std::strcmp(format, "*n") == 0) {
    const std::string text = uart ? uart->read_line() : modem.read_line();
    lua_pushinteger(state, std::strtoll(text.c_str(), nullptr, 10));
    return 1;
  }
  push_text(state, uart ? uart->read_line() : modem.read_line());
  return 1;
}

int uart_getchar(lua_State* state) {
  module::Uart* const uart = check_port(state);
  push_text(state, uart ? uart->read(1) : module_of(state).modem().read(1));
  return 1;
}

int uart_close(lua_State* state) {
  if (module::Uart* const uart = check_port(state)) uart->close();
  module_of(state).note_change();
  return 0;
}

constexpr luaL_Reg functions[] = {
    {"setup", uart_setup},     {"write", uart_write},      {"read", uart_read},
    {"getchar", uart_getchar}, {"close", uart_close},      {"set_rs485_oe", do_nothing},
    {"config", do_nothing},    {"set_buffer", do_nothing}, {"set_flow_control", do_nothing},
    {"sleep", do_nothing},     {nullptr, nullptr},
};

constexpr Constant constants[] = {
    {"ATC", at_channel}, {"PAR_EVEN", 0}, {"PAR_ODD", 1},  {"PAR_NONE", 2},
    {"STOP_1", 0},       {"STOP_1_5", 1}, {"STOP_2", 2},   {"NO_TIMEOUT", 0},
    {"INF_TIMEOUT", -1}, {"FLOW_RTS", 1}, {"FLOW_CTS", 2},
};

}  // namespace

void add_uart(lua_State* state) {
  push_module(state, "uart", functions);
  set_constants(state, constants);
  if (module_of(state).profile() == modem::Profile::air724u) set_number(state, "USB", 0x81);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
