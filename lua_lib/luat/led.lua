-- Lamp patterns. Each call shows its pattern once; a task repeats it.

local sys = require("sys")

local led = {}
_G.led = led

--- Lit for `on` ms, dark for `off` ms. @param set the pin's function
function led.blinkPwm(set, on, off)
  if on > 0 then
    set(1)
    sys.wait(on)
  end
  if off > 0 then
    set(0)
    sys.wait(off)
  end
end

--- Blinks `count` times, then rests for `gap` ms: a level told by counting.
function led.levelLed(set, on, off, count, gap)
  for _ = 1, count do
    led.blinkPwm(set, on, off)
  end
  sys.wait(gap)
end

--- Grows brighter and darker again, over 20 steps of a 20 ms period.
function led.breateLed(set)
  local period = 20
  for step = 1, 2 * period - 1 do
    local bright = step < period and step or 2 * period - step
    led.blinkPwm(set, bright, period - bright)
  end
end

return led
