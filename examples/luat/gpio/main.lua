-- Title: Pins: a lamp, a switch, an interrupt
-- 标题: 引脚：灯、开关与中断
-- Watch: P0_1 blinks. Turn the switch at P0_6: each change is told. P0_7 is read each second.
-- 看点: P0_1 闪烁。拨动 P0_6 的开关：每次变化都会通知；P0_7 每秒读一次。
-- Proxy: no

PROJECT = "GPIO"
VERSION = "1.0.0"

require("log")
LOG_LEVEL = log.LOGLEVEL_TRACE

require("sys")
require("pins")
require("led")

-- On the 4G module these pins have no voltage until their regulator is on.
pmd.ldoset(15, pmd.LDO_VLCD)

local set_lamp = pins.setup(pio.P0_1, 0)
local read_button = pins.setup(pio.P0_7, nil, pio.PULLUP)

local read_switch
read_switch = pins.setup(pio.P0_6, function(edge)
  local direction = edge == cpu.INT_GPIO_POSEDGE and "up" or "down"
  log.info("switch", "went " .. direction .. ", now " .. read_switch())
end, pio.PULLUP)

sys.taskInit(function()
  while true do
    led.blinkPwm(set_lamp, 200, 800)
  end
end)

sys.taskInit(function()
  while true do
    led.levelLed(pins.setup(pio.P0_2, 0), 100, 150, 3, 1500) -- three short ones, then a pause
  end
end)

local last
sys.timerLoopStart(function()
  local now = read_button()
  if now ~= last then
    log.info("button", now)
    last = now
  end
end, 1000)

sys.init(0, 0)
sys.run()
