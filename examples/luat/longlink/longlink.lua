-- One connection that is kept up: what is to be sent waits in a queue, what comes is answered.
module(..., package.seeall)

require("socket")

-- The server to talk to. The lab can put its own address here.
local testip, testport = "127.0.0.1", "50798"

local outbox = {}

--- Sends what waits. @return false if the connection broke
local function send_waiting(client)
  while #outbox > 0 do
    if not client:send(table.remove(outbox, 1)) then return false end
  end
  return true
end

--- What the protocol answers to what the server says, or nil.
local function answer_to(data)
  if data:sub(1, 4) == "back" then
    return data
  elseif data == "bin" then
    return string.fromHex("112233")
  elseif data == "time" then
    return tostring(os.time())
  end
end

--- Receives until there is something to send. @return false if the connection broke
local function receive(client)
  while true do
    local ok, data = client:recv(2000)
    if not ok then return data == "timeout" end
    log.info("longlink.received", data)
    local answer = answer_to(data)
    if answer then outbox[#outbox + 1] = answer end
    if #outbox > 0 then return true end
  end
end

--- No address for five minutes: start the radio anew.
local function wait_for_network()
  if not sys.waitUntil("IP_READY_IND", 300000) and not socket.isReady() then
    net.switchFly(true)
    sys.wait(20000)
    net.switchFly(false)
  end
end

sys.taskInit(function()
  local failures = 0
  while true do
    if socket.isReady() then
      local client = socket.tcp()
      if client:connect(testip, testport) then
        log.info("longlink", "connect success")
        failures = 0
        while receive(client) and send_waiting(client) do
        end
        log.error("longlink", "the connection is gone")
      else
        log.info("longlink", "connect fail")
        failures = failures + 1
      end
      client:close()
      if failures >= 5 then
        link.shut() -- give the address back and get a new one
        failures = 0
      end
      sys.wait(5000)
    else
      failures = 0
      wait_for_network()
    end
  end
end)

sys.taskInit(function()
  while true do
    if socket.isReady() then outbox[#outbox + 1] = "heart beat" end
    sys.wait(10000)
  end
end)
