-- Title: Long connection: heart beat, back, bin, time
-- 标题: 长连接：心跳、back、bin、time
-- Watch: The lamp tells the network's steps. Type back123, bin or time for the server to send.
-- 看点: 网络每前进一步，指示灯就闪得更快。在服务器控制台输入 back123、bin 或 time 发给模块。
-- Proxy: no
-- Run: main.lua, server.lua

PROJECT = "LONGLINK"
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

-- The watchdog chip beside the module wants to be fed.
require("wdt")
wdt.setup(pio.P0_30, pio.P0_31)

require("longlink")

sys.init(0, 0)
sys.run()
