-- Feeds the watchdog chip beside the module: every two minutes the module pulls a line down, and
-- the chip answers on the same line. A chip that does not is reset.

local log = require("log")
local pins = require("pins")
local sys = require("sys")

local wdt = {}
_G.wdt = wdt

local feed_ms = 120000 -- the pause between two feedings
local hurry_ms = 1500 -- the pause that makes the chip restart the module
local is_restarting

--- Looks at the line every 100 ms, 30 times at most. @return whether the chip pulled it down
local function has_answered(line)
  for _ = 1, 30 do
    if line() == 0 then return true end
    sys.wait(100)
  end
  return false
end

--- Feeds once; a chip that is silent is reset.
local function feed(reset, line, in_hurry)
  line(0)
  log.info("wdt.taskWdt", "AirM2M --> WATCHDOG : OK", in_hurry, is_restarting)
  sys.wait(2000)
  if has_answered(line) then
    log.info("wdt.taskWdt", "AirM2M <-- WatchDog : OK")
    return
  end
  reset(0)
  log.error("wdt.taskWdt", "WatchDog <--> AirM2M didn't respond : wdt reset 153b")
  sys.wait(100)
  reset(1)
end

--- Feeds until somebody asks for a restart, or on and on to get one.
local function keep_feeding(reset_pin, line_pin, in_hurry)
  local reset = reset_pin and pins.setup(reset_pin, 0, pio.PULLUP) or function() end
  local line = pins.setup(line_pin or pio.P0_29, 0, pio.PULLUP)
  reset(1)
  line(1)
  while in_hurry or not is_restarting do
    feed(reset, line, in_hurry)
    sys.wait(in_hurry and hurry_ms or feed_ms)
  end
end

--- Starts to feed.
-- @param reset_pin the chip's reset line, or nil
-- @param line_pin the line that both pull, pio.P0_29 if nil
function wdt.setup(reset_pin, line_pin)
  sys.taskInit(keep_feeding, reset_pin, line_pin)
end

--- Makes the chip restart the module: feeding it far too often is its sign for that.
function wdt.restart(reset_pin, line_pin)
  if not is_restarting then
    is_restarting = true
    sys.taskInit(keep_feeding, reset_pin, line_pin, true)
  end
end

return wdt
