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
files["examples/luat"] = {
  read_globals = module_core,
  globals = { "LOG_LEVEL", "PROJECT", "VERSION", "rtos", "uart" },
}
