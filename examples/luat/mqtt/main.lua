-- Title: MQTT: publish and subscribe
-- 标题: MQTT：发布与订阅
-- Watch: The module reports each 10 s and obeys commands: type on or off for the broker to publish.
-- 看点: 模块每 10 秒上报一次，并执行命令：在代理服务器控制台输入 on 或 off 即可下发。
-- Proxy: no
-- Run: main.lua, server.lua

PROJECT = "MQTT"
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

require("mqtt")
require("misc")
require("pins")

local testip, testport = "127.0.0.1", "1883"

-- On the 4G module this pin has no voltage until its regulator is on.
pmd.ldoset(15, pmd.LDO_VLCD)
local set_lamp = pins.setup(pio.P0_1, 0)

-- A report is due: this message ends the client's waiting.
sys.timerLoopStart(function()
  sys.publish("REPORT", "csq=" .. net.getRssi() .. " time=" .. os.time())
end, 10000)

--- Serves one connection until it breaks.
local function serve(client, name)
  while true do
    local ok, packet, report = client:receive(60000, "REPORT")
    if ok then
      log.info("mqtt.received", packet.topic, packet.payload)
      set_lamp(packet.payload == "on" and 1 or 0)
    elseif packet == "REPORT" then
      if not client:publish("/" .. name .. "/report", report, 1) then return end
    elseif packet ~= "timeout" then
      return
    end
  end
end

sys.taskInit(function()
  while true do
    if not socket.isReady() then sys.waitUntil("IP_READY_IND") end
    local name = misc.getImei()
    local client = mqtt.client(name, 60)
    if client:connect(testip, testport) and client:subscribe("/" .. name .. "/lamp", 1) then
      log.info("mqtt", "connected as " .. name)
      serve(client, name)
      log.error("mqtt", "the connection is gone")
    end
    client:disconnect()
    sys.wait(5000)
  end
end)

sys.init(0, 0)
sys.run()
