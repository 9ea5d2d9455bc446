-- luacheck's settings. Upstream's files are not in the tree; what scripts may see is plain Lua 5.4.
std = "lua54"
max_line_length = 100
codes = true

-- What the module's scripts and its library see beside Lua: the core's tables, and 5.1's names.
local module_core = {
  "adc", "bit", "cc", "cpu", "crypto", "iconv", "module", "pack", "pio", "pmd", "pwm",
  "socketcore", "unpack",
}
files["lua_lib/luat"] = {
  read_globals = module_core,
  globals = {
    "COROUTINE_ERROR_RESTART", "PROJECT", "SCRIPT_LIB_VER", "VERSION", "coroutine", "errDump",
    "io", "json", "os", "pm", "rtos", "string", "table", "uart",
  },
}
-- A LuaTask script sees the library's modules as globals once they are required.
files["examples/luat"] = {
  read_globals = {
    "errDump", "http", "led", "link", "misc", "mqtt", "net", "netLed", "ntp", "pins", "pm", "socket",
    "sys", "wdt", "cpu", "module", "pack", "pio", "pmd",
  },
  globals = { "LOG_LEVEL", "PROJECT", "VERSION", "log", "rtos", "uart" },
  ignore = { "143" }, -- what utils adds to string, table and io
}
