-- Title: The time from a server (NTP)
-- 标题: 从服务器获取时间（NTP）
-- Watch: The module's clock may be wrong until the first answer. The server is in this tab.
-- 看点: 收到第一个回答之前模块的时钟是错的；服务器就在这个标签页里。
-- Proxy: no
-- Run: main.lua, server.lua

PROJECT = "NTP"
VERSION = "1.0.0"

require("log")
LOG_LEVEL = log.LOGLEVEL_TRACE

require("sys")

-- Ask for the signal's strength and the cells around, once a minute each.
require("net")
net.startQueryAll(60000, 60000)

-- The lamp tells how far the module is with its network.
require("netLed")
netLed.setup(true)

require("ntp")
require("misc")

-- With the proxy, leave this line out: public servers are asked then.
ntp.setServers({ "127.0.0.1" })

local function print_clock()
  local clock = misc.getClock()
  local date = ("%04d-%02d-%02d"):format(clock.year, clock.month, clock.day)
  log.info("clock", date .. (" %02d:%02d:%02d"):format(clock.hour, clock.min, clock.sec))
end

sys.timerLoopStart(print_clock, 5000)
print_clock()

-- Now, and every hour again.
ntp.timeSync(1, function(_, ok)
  log.info("ntp", ok and "the clock is set" or "the clock could not be set")
end)

sys.init(0, 0)
sys.run()
