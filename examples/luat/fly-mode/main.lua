-- Title: Fly mode: start the radio anew
-- 标题: 飞行模式：让无线重新开始
-- Watch: The radio goes off every 30 s: the lamp goes dark, the address is lost and comes back.
-- 看点: 每 30 秒关闭无线 10 秒：指示灯熄灭，IP 地址丢失，随后恢复。
-- Proxy: no

PROJECT = "FLY-MODE"
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

require("socket")

-- What the library tells, as it happens.
local messages = {
  "FLYMODE",
  "SIM_IND",
  "NET_STATE_REGISTERED",
  "GPRS_ATTACH",
  "IP_READY_IND",
  "IP_ERROR_IND",
}
for _, message in ipairs(messages) do
  sys.subscribe(message, function(value)
    log.info("message", message, value)
  end)
end

sys.taskInit(function()
  while true do
    if not socket.isReady() then sys.waitUntil("IP_READY_IND") end
    log.info("radio", "there is an address; off in 30 seconds")
    sys.wait(30000)
    net.switchFly(true)
    sys.wait(10000)
    net.switchFly(false)
    local ok = sys.waitUntil("IP_READY_IND", 60000)
    log.info("radio", ok and "back again" or "no network for a minute")
  end
end)

sys.init(0, 0)
sys.run()
