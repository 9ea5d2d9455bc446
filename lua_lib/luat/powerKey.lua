-- The power key: a short press, a long press, and what each does.

local log = require("log")
local sys = require("sys")

local powerKey = {}
_G.powerKey = powerKey

local long_ms, on_long, on_short = 3000, nil, nil
local is_pressed, is_long = false, false

local function become_long()
  log.info("keypad.longtimercb")
  is_long = true
end

--- Sets what presses do.
-- @param ms how long a long press is, 3000 if nil
-- @param long function, or nil: the module switches off
-- @param short function, or nil: nothing
function powerKey.setup(ms, long, short)
  long_ms, on_long, on_short = ms or 3000, long, short
end

rtos.on(rtos.MSG_KEYPAD, function(message)
  log.info("keyMsg", message.key_matrix_row, message.key_matrix_col, message.pressed)
  if message.pressed then
    is_pressed, is_long = true, false
    sys.timerStart(become_long, long_ms)
    return
  end
  sys.timerStop(become_long)
  local was_pressed = is_pressed
  is_pressed = false
  if was_pressed and is_long then
    (on_long or rtos.poweroff)()
  elseif was_pressed and on_short then
    on_short()
  end
end)
rtos.init_module(rtos.MOD_KEYPAD, 0, 0, 0)

return powerKey
