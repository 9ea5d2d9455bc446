-- Title: UDP: datagrams there and back
-- 标题: UDP：数据报的发送与接收
-- Watch: No connection, no order, no promise: the module waits 3 s for each answer at most.
-- 看点: 没有连接、没有顺序、没有保证：每个数据报得到一个回答，模块最多等 3 秒。
-- Proxy: no
-- Run: main.lua, server.lua

PROJECT = "UDP"
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

local testip, testport = "127.0.0.1", "50800"

sys.taskInit(function()
  local count = 0
  while true do
    if not socket.isReady() then sys.waitUntil("IP_READY_IND") end
    local client = socket.udp()
    if client:connect(testip, testport) then
      repeat
        count = count + 1
        local sent = client:send("datagram " .. count)
        local ok, data = client:recv(3000)
        log.info("udp", sent, ok, data)
        sys.wait(5000)
      until not sent
    end
    client:close()
    sys.wait(5000)
  end
end)

sys.init(0, 0)
sys.run()
