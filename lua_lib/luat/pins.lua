-- Pins as functions: one that sets, one that reads, or one that is told of a change.

local log = require("log")

local pins = {}
_G.pins = pins

local callbacks = {} -- pin -> function

--- Makes a pin an input. The pull stays as it is unless one is given.
local function set_input(pin, pull)
  pio.pin.setdir(pio.INPUT, pin)
  if pull then pio.pin.setpull(pull, pin) end
end

--- Takes a pin into use.
-- @param pin pio.P0_1, say
-- @param value 0 or 1: an output; nil: an input; a function: told cpu.INT_GPIO_POSEDGE or _NEGEDGE
-- @param pull pio.PULLUP, PULLDOWN or NOPULL
-- @return an output's function sets the pin and returns what it set (called with nil, it turns the
--   pin into an input, reads it, and the next value makes it an output again); the others read
function pins.setup(pin, value, pull)
  pio.pin.close(pin)
  if type(value) == "function" then
    pio.pin.setdir(pio.INT, pin)
    if pull then pio.pin.setpull(pull, pin) end
    callbacks[pin] = value
    return function()
      return pio.pin.getval(pin)
    end
  end
  if value == nil then
    set_input(pin, pull)
    return function()
      return pio.pin.getval(pin)
    end
  end
  local is_output = true
  pio.pin.setdir(value == 1 and pio.OUTPUT1 or pio.OUTPUT, pin)
  return function(level)
    if level == nil then
      if is_output then
        is_output = false
        set_input(pin, pull)
      end
      return pio.pin.getval(pin)
    end
    level = tonumber(level)
    if not is_output then
      is_output = true
      pio.pin.close(pin)
      pio.pin.setdir(level == 1 and pio.OUTPUT1 or pio.OUTPUT, pin)
    end
    pio.pin.setval(level, pin)
    return level
  end
end

--- Lets go of a pin.
function pins.close(pin)
  callbacks[pin] = nil
  pio.pin.close(pin)
end

rtos.on(rtos.MSG_INT, function(message)
  local callback = callbacks[message.int_resnum]
  if callback then
    callback(message.int_id)
  else
    log.warn("pins.rtos.on", "warning:rtos.MSG_INT callback nil", message.int_resnum)
  end
end)

return pins
