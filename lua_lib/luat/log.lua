-- Lines with a level and a tag: [I]-[tag] text. Which levels are printed is the global LOG_LEVEL.

local log = {}
_G.log = log

log.LOG_SILENT = 0
log.LOGLEVEL_TRACE = 1
log.LOGLEVEL_DEBUG = 2
log.LOGLEVEL_INFO = 3
log.LOGLEVEL_WARN = 4
log.LOGLEVEL_ERROR = 5
log.LOGLEVEL_FATAL = 6

--- Makes the function for one level. A tag that is no string is left out.
local function writer(level, letter)
  return function(tag, ...)
    local wanted = _G.LOG_LEVEL or log.LOGLEVEL_INFO
    if wanted == log.LOG_SILENT or wanted > level then return end
    print("[" .. letter .. "]-[" .. (type(tag) == "string" and tag or "") .. "]", ...)
  end
end

log.trace = writer(log.LOGLEVEL_TRACE, "T")
log.debug = writer(log.LOGLEVEL_DEBUG, "D")
log.info = writer(log.LOGLEVEL_INFO, "I")
log.warn = writer(log.LOGLEVEL_WARN, "W")
log.error = writer(log.LOGLEVEL_ERROR, "E")
log.fatal = writer(log.LOGLEVEL_FATAL, "F")

--- Turns printing on or off, on a serial port if one is named.
-- @param on whether lines are printed
-- @param port a serial port's number, or nil for the trace port
-- @param baud its speed, 115200 if nil
function log.openTrace(on, port, baud)
  if port then
    if on then
      uart.setup(port, baud or 115200, 8, uart.PAR_NONE, uart.STOP_1)
    else
      uart.close(port)
    end
  end
  rtos.set_trace(on and 1 or 0, port)
end

return log
