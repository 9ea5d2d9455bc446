-- Makes a few standard functions fit a module's life: a task's error is logged instead of lost,
-- the clock always answers, JSON that is none does not raise, and writing wakes the chip.

local log = require("log")
local pm = require("pm")

--- Milliseconds since the module was switched on.
function os.clockms()
  return rtos.tick() // 16
end

local time, date = os.time, os.date

--- As Lua's, but 0 where a date has no time.
function os.time(fields)
  local ok, seconds = pcall(time, fields)
  return ok and seconds or 0
end

--- As Lua's, but the format "%c" where one is wrong.
function os.date(format, seconds)
  local ok, text = pcall(date, format, seconds)
  return ok and text or date("%c", seconds)
end

local resume = coroutine.resume

local function report(task, ok, ...)
  if not ok then
    local text = tostring((...)) .. "\r\n" .. debug.traceback(task)
    log.error("coroutine.resume", text)
    if errDump and errDump.appendErr then errDump.appendErr(text) end
    if COROUTINE_ERROR_RESTART then rtos.restart() end
  end
  return ok, ...
end

--- As Lua's; an error is logged with its traceback and kept by errDump.
function coroutine.resume(task, ...)
  return report(task, resume(task, ...))
end

if json and json.decode then
  local decode = json.decode

  --- Decodes JSON. @return the table and true, or {}, false and what is wrong
  function json.decode(text)
    local ok, value = pcall(decode, text)
    if ok then return value, true end
    return {}, false, value
  end
end

--- Lets `call` run with the chip awake.
local function awake(call)
  return function(...)
    pmd.sleep(0)
    local result = call(...)
    if pm.isSleep() then pmd.sleep(1) end
    return result
  end
end

uart.write = awake(uart.write)

return true
