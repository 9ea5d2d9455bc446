-- Sets the clock by a time server (SNTP over UDP, port 123), one of twelve at a time.

local log = require("log")
local misc = require("misc")
local socket = require("socket")
local sys = require("sys")

local ntp = {}
_G.ntp = ntp

local answer_ms = 8000 -- how long a server may take
local since_1900 = 0x83AA7E80 -- seconds from 1900 to 1970

local servers = {
  "cn.pool.ntp.org",
  "edu.ntp.org.cn",
  "cn.ntp.org.cn",
  "s2c.time.edu.cn",
  "time1.aliyun.com",
  "tw.pool.ntp.org",
  "0.cn.pool.ntp.org",
  "0.tw.pool.ntp.org",
  "1.cn.pool.ntp.org",
  "1.tw.pool.ntp.org",
  "3.cn.pool.ntp.org",
  "3.tw.pool.ntp.org",
}

-- The request: version 4, from a client; "1N14" is its reference's name.
local request = string.fromHex("E30006EC0000000000000000314E3134") .. ("\0"):rep(32)
local is_done = false

function ntp.getServers()
  return servers
end

--- Sets the servers' names, a list.
function ntp.setServers(names)
  servers = names
end

--- Whether the clock has been set.
function ntp.isEnd()
  return is_done
end

--- Asks one server. @return the local time as a table, or nil
local function ask(server)
  local client = socket.udp()
  if not client then return nil end
  local time
  if client:connect(server, "123") and client:send(request) then
    local ok, reply = client:recv(answer_ms)
    if ok and #reply == 48 then time = os.date("*t", (">I4"):unpack(reply, 41) - since_1900 + 1) end
  end
  client:close()
  return time
end

--- Asks the servers in no fixed order until one answers. @return the time, or nil
local function ask_all(before)
  local unused = table.move(servers, 1, #servers, 1, {})
  while #unused > 0 do
    while not socket.isReady() do
      sys.waitUntil("IP_READY_IND")
    end
    local time = ask(table.remove(unused, rtos.tick() % #unused + 1))
    if time then
      if type(before) == "function" then before() end
      return time
    end
    sys.wait(1000)
  end
  return nil
end

--- As timeSync, inside a task of the caller's.
function ntp.ntpTime(hours, done, before)
  is_done = false
  while true do
    local time = ask_all(before)
    if time then
      misc.setClock(time, done)
      is_done = true
      sys.publish("NTP_SUCCEED")
      local date = time.year .. "/" .. time.month .. "/" .. time.day
      local clock = time.hour .. ":" .. time.min .. ":" .. time.sec
      log.info("ntp.timeSync is date:", date .. "," .. clock)
      if type(hours) ~= "number" then return end
      sys.wait(hours * 3600 * 1000)
    else
      log.warn("ntp.timeSync is error!")
      sys.wait(1000)
    end
  end
end

--- Sets the clock as soon as there is a network, and again every so many hours.
-- @param hours nil: once
-- @param done function(clock, success), after each time
-- @param before function, just before the clock is set
function ntp.timeSync(hours, done, before)
  sys.taskInit(ntp.ntpTime, hours, done, before)
end

return ntp
