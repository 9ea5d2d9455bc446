-- Title: Short connection: connect, report, close, again
-- 标题: 短连接：连上、上报、断开，周而复始
-- Watch: Every 20 s a connection for one answer; the lamp shows when it is there.
-- 看点: 每 20 秒建立一次连接，收到一个回答就断开；看指示灯何时快闪。
-- Proxy: no
-- Run: main.lua, server.lua

PROJECT = "SHORT-CONNECTION"
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

local testip, testport = "127.0.0.1", "50799"

--- One report: connect, send, wait for the answer, close. @return whether it was answered
local function report(text)
  local client = socket.tcp()
  local ok, answer = false, nil
  if client:connect(testip, testport) and client:send(text) then
    ok, answer = client:recv(5000)
  end
  client:close()
  log.info("report", ok, answer)
  return ok
end

sys.taskInit(function()
  local count = 0
  while true do
    if not socket.isReady() then sys.waitUntil("IP_READY_IND") end
    count = count + 1
    local text = "report " .. count .. "\r\n"
    local tries = 0
    while tries < 3 and not report(text) do
      tries = tries + 1
      sys.wait(2000)
    end
    sys.wait(20000)
  end
end)

sys.init(0, 0)
sys.run()
