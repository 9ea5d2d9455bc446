-- Title: A bad day: SIM lost, no signal, server resets
-- 标题: 糟糕的一天：掉卡、没信号、服务器断开
-- Watch: Start the bad day on the module's panel. Every number arrives in the end.
-- 看点: 在模块面板上点“糟糕的一天”，或亲手捣乱。最终每一个编号都会到达服务器。
-- Proxy: no
-- Run: main.lua, server.lua

PROJECT = "BAD-DAY"
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
require("errDump")
errDump.setNetworkLog(true) -- keeps what happened to the network, over restarts, too

local testip, testport = "127.0.0.1", "50802"

local waiting = {} -- numbers that the server has not confirmed
local next_number = 1

-- A measurement every 2 seconds, whatever the network does. The oldest go first.
sys.timerLoopStart(function()
  waiting[#waiting + 1] = next_number
  next_number = next_number + 1
end, 2000)

--- Sends the oldest number until the server confirms it. @return false if the connection broke
local function deliver(client)
  if not client:send(waiting[1] .. "\n") then return false end
  local ok, answer = client:recv(10000)
  if not ok then
    return false -- no answer in time is no connection either
  end
  if tonumber(answer:match("%d+")) == waiting[1] then table.remove(waiting, 1) end
  return true
end

--- Delivers as long as the connection lasts.
local function serve(client)
  while true do
    if #waiting == 0 then
      sys.wait(500)
    elseif not deliver(client) then
      return
    end
  end
end

--- Waits for an address. After a minute without one, the radio starts anew.
local function wait_for_network()
  if sys.waitUntil("IP_READY_IND", 60000) or socket.isReady() then return end
  log.warn("day", "no network for a minute: fly mode")
  net.switchFly(true)
  sys.wait(5000)
  net.switchFly(false)
end

sys.taskInit(function()
  local pause, failures = 1000, 0
  while true do
    if not socket.isReady() then
      wait_for_network()
    else
      local client = socket.tcp()
      if client and client:connect(testip, testport, 15) then
        log.info("day", "connected; waiting: " .. #waiting)
        pause, failures = 1000, 0
        serve(client)
        log.warn("day", "connection lost; waiting: " .. #waiting)
      else
        failures = failures + 1
      end
      if client then client:close() end
      if failures >= 5 then
        log.warn("day", "five failures: give the address back")
        link.shut()
        failures = 0
      end
      sys.wait(pause)
      pause = math.min(pause * 2, 30000) -- knock less and less often
    end
  end
end)

for _, message in ipairs({ "IP_READY_IND", "IP_ERROR_IND", "PDP_DEACT_IND", "SIM_IND" }) do
  sys.subscribe(message, function(value)
    log.info("message", message, value)
  end)
end

sys.init(0, 0)
sys.run()
