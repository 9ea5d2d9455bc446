-- Sockets for tasks: connect, send and recv wait; asyncSelect and its companions queue. How the
-- bytes travel is a carrier's business: the core's sockets (4G) or AT commands (2G).

local generation = require("generation")
local link = require("link")
local log = require("log")
local ril = require("ril")
local sys = require("sys")

local socket = {}
_G.socket = socket

local carrier = require(generation.is_2g and "carrier_at" or "carrier_core")

socket.isReady = link.isReady

local woken_by_message = 0xAA -- what a task in recv is resumed with when its message comes
local most_unread = 256 -- pieces that wait to be read; then the carrier is asked to hold

local open = {} -- every client that has an id, by client
local dns_parser, dns_token = nil, 0

local client = {}
client.__index = client

--- Tells everybody whether any socket is connected. The 2G module says nil for no.
local function publish_active()
  for each in pairs(open) do
    if each.connected then
      sys.publish("SOCKET_ACTIVE", true)
      return
    end
  end
  if generation.is_2g then
    sys.publish("SOCKET_ACTIVE", nil)
  else
    sys.publish("SOCKET_ACTIVE", false)
  end
end

local function set_connected(self, value)
  if self.connected ~= value then
    self.connected = value
    publish_active()
  end
end

--- Waits until the carrier answers, for `ms` or for ever. @return success, reason
local function await(self, what, ms)
  self.wait = what
  local ok, reason
  if ms then
    ok, reason = sys.wait(ms)
  else
    ok, reason = coroutine.yield()
  end
  self.wait = ""
  if ok == nil then return false, "TIMEOUT" end
  return ok, reason
end

local function resume(self, ...)
  self.wait = ""
  coroutine.resume(self.task, ...)
end

-- What a carrier tells. ------------------------------------------------------------------------

local events = {}

--- What was asked for (SOCKET_CONNECT, SOCKET_SEND, SOCKET_CLOSE) has worked, or not.
function events.answered(self, what, ok)
  log.info("socket:on_response:", self.id, what, ok and 0 or 1)
  if self.wait == what then resume(self, ok, "RESPONSE") end
end

--- The connection is gone for good. @param reason what recv returns beside false
function events.lost(self, why, reason)
  self.error = why
  set_connected(self, false)
  if self.wait ~= "" and self.wait ~= "SOCKET_CLOSE" then resume(self, false, reason) end
end

--- Bytes have come.
function events.received(self, bytes)
  if self.on_receive then
    self.on_receive(function()
      return bytes
    end, self.id, #bytes)
    return
  end
  local was_waiting = self.wait == "+RECEIVE"
  if generation.is_2g or not was_waiting then sys.publish("SOCKET_RECV", self.id) end
  if was_waiting then
    resume(self, true, bytes)
  else
    table.insert(self.input, bytes)
  end
end

--- Whether the carrier should hold what comes.
function events.is_full(self)
  return #self.input > most_unread
end

carrier.open(events)

local function lose_all(why)
  local all = {}
  for each in pairs(open) do
    all[#all + 1] = each
  end
  for _, each in ipairs(all) do
    if not each.error then events.lost(each, why, not generation.is_2g and why or nil) end
  end
end

sys.subscribe("IP_ERROR_IND", function()
  lose_all("IP_ERROR_IND")
end)
sys.subscribe("IP_SHUT_IND", function()
  lose_all("CLOSED")
end)

-- What a script calls. -------------------------------------------------------------------------

local function new_client(protocol, cert)
  local task = coroutine.running()
  if not task then
    log.warn("socket.socket: socket must be called in coroutine")
    return nil
  end
  local self = setmetatable({
    protocol = protocol,
    ssl = protocol:match("SSL"),
    cert = cert,
    task = task,
    input = {},
    output = {},
    wait = "",
    connected = false,
  }, client)
  if not carrier.allocate(self) then
    log.warn("socket.socket: too many sockets")
    return nil
  end
  return self
end

--- A TCP client; only in a task. @param ssl true: encrypted; cert: its certificates' files
function socket.tcp(ssl, cert)
  return new_client("TCP" .. (ssl == true and "SSL" or ""), ssl == true and cert or nil)
end

--- A UDP client; only in a task.
function socket.udp()
  return new_client("UDP")
end

local function check_task(self, name)
  assert(self.task == coroutine.running(), "socket:" .. name .. ": coroutine mismatch")
end

local function has_error(self, name)
  if self.error then
    log.warn("socket.client:" .. name, "error", self.error)
    return true
  end
  return false
end

--- Asks the script's own name parser. @return an address, or nil
local function ask_parser(host)
  if not dns_parser or host:match("^[%d%.]+$") then return nil end
  dns_token = dns_token + 1
  dns_parser(host, dns_token)
  local ok, address = sys.waitUntil("USER_DNS_PARSE_RESULT_" .. dns_token, 40000)
  return ok and address and address:match("^[%d%.]+")
end

--- Connects. @param seconds how long it may take, 120 if nil
-- @return true, and on the 4G module the socket's id; or false
function client:connect(host, port, seconds)
  check_task(self, "connect")
  if not link.isReady() then
    log.info("socket.connect: ip not ready")
    return false
  end
  if cc and cc.anyCallExist and generation.is_2g and cc.anyCallExist() then
    log.info("socket:connect: call exist, cannot connect")
    return false
  end
  self.address, self.port = host, port
  open[self] = true
  if not carrier.connect(self, host, port) then
    local core_error = "socket:connect: core sock conn error"
    log.info(core_error, self.protocol, host, port, self.cert)
    open[self] = nil
    return false
  end
  local tag = "socket:connect-coreid,prot,addr,port,cert,timeout"
  log.info(tag, self.id, self.protocol, host, port, self.cert, seconds or 120)
  local ok, reason = await(self, "SOCKET_CONNECT", (seconds or 120) * 1000)
  if not ok and self.name_failed then
    self.name_failed = nil
    local address = ask_parser(host)
    if address then return self:connect(address, port, seconds) end
  end
  if not ok then
    log.info("socket:connect: connect fail", reason)
    if not self.error then carrier.give_up(self, reason == "TIMEOUT") end
    sys.publish("LIB_SOCKET_CONNECT_FAIL_IND", self.ssl, self.protocol, host, port)
    return false
  end
  log.info("socket:connect: connect ok")
  set_connected(self, true)
  if generation.is_2g then return true end
  return true, self.id
end

--- Sends all bytes in pieces, each confirmed before the next. @return success, reason
local function send_all(self, data, seconds)
  for from = 1, #data, carrier.piece do
    local ok = carrier.send(self, data:sub(from, from + carrier.piece - 1))
    local reason
    if ok then
      ok, reason = await(self, "SOCKET_SEND", seconds and seconds * 1000)
    end
    if self.in_async then sys.publish("SOCKET_ASYNC_SEND", ok) end
    if not ok then
      sys.publish("LIB_SOCKET_SEND_FAIL_IND", self.ssl, self.protocol, self.address, self.port)
      return false, reason
    end
  end
  return true
end

--- Sends bytes and waits until they are confirmed. @return whether they were
function client:send(data, seconds)
  check_task(self, "send")
  if has_error(self, "send") then
    return false
  elseif not self.connected then
    log.warn("socket.client:send", "closed")
    return false
  end
  data = data or ""
  log.debug("socket.send", "total " .. #data .. " bytes", "first 30 bytes", data:sub(1, 30))
  local ok, reason = send_all(self, data, generation.is_2g and nil or seconds or 120)
  if not ok then log.info("socket:send", "send fail", reason) end
  return ok
end

--- Subscribes the message that ends recv early; its parameters are collected.
local function subscribe_message(self, message)
  self.message = message
  self.on_message = function(data)
    if self.wait == "+RECEIVE" and not self.ignores_message then
      if data then table.insert(self.output, data) end
      resume(self, woken_by_message)
    end
  end
  sys.subscribe(message, self.on_message)
end

--- Waits for bytes, for `ms` or (nil, 0) for ever.
-- @param message a sys message that ends the waiting, too
-- @param ignores_message true: it does not, this time
-- @return true and the bytes; false and "timeout"; false, message and its parameters; false and
--   the reason
function client:recv(ms, message, ignores_message)
  check_task(self, "recv")
  if has_error(self, "recv") then return false end
  self.ignores_message = ignores_message
  if message and not self.message then subscribe_message(self, message) end
  if message and #self.output > 0 then sys.publish(message, false) end
  if #self.input > 0 then
    if self.protocol == "UDP" then
      return true, table.remove(self.input) -- the newest first, as the modules do
    end
    if not generation.is_2g then log.warn("-------------------使用缓冲区---------------") end
    return true, self:asyncRecv()
  end
  local ok, value = await(self, "+RECEIVE", ms and ms > 0 and ms)
  if ok == woken_by_message then
    local parameters = table.concat(self.output)
    self.output = {}
    return false, message, parameters
  elseif not ok and value == "TIMEOUT" then
    return false, "timeout"
  end
  return ok, value
end

--- Sends what is queued, then waits until more is (or the connection ends).
-- @param keep_alive after how many seconds without anything `ping` is sent, or called
-- @return whether to call it again
function client:asyncSelect(keep_alive, ping)
  check_task(self, "asyncSelect")
  if has_error(self, "asyncSelect") then return false end
  while #self.output > 0 do
    local data = table.concat(self.output)
    self.output = {}
    self.in_async = not generation.is_2g
    local ok = send_all(self, data, self.send_seconds)
    self.in_async = nil
    if not ok then return false end
  end
  sys.publish("SOCKET_SEND", self.id)
  if keep_alive and keep_alive ~= 0 then
    if type(ping) == "function" then
      sys.timerStart(ping, keep_alive * 1000)
    else
      sys.timerStart(self.asyncSend, keep_alive * 1000, self, ping or "\0")
    end
  end
  return (await(self, "SOCKET_WAIT"))
end

--- Queues bytes for asyncSelect; from any task. @return false after an error
function client:asyncSend(data, seconds)
  if has_error(self, "asyncSend") then return false end
  self.send_seconds = seconds
  table.insert(self.output, data or "")
  if self.wait == "SOCKET_WAIT" then resume(self, true) end
  return true
end

--- How many pieces wait for asyncSelect.
function client:getAsyncSend()
  return self.error and 0 or #self.output
end

--- What has come: all of it (TCP) or one datagram; "" if nothing has.
function client:asyncRecv()
  if self.protocol == "UDP" then return table.remove(self.input) or "" end
  local data = table.concat(self.input)
  self.input = {}
  carrier.take_held(self)
  return data
end

--- Gives what comes to `on_receive`(read, id, length) instead of recv.
function client:setRcvProc(on_receive)
  check_task(self, "setRcvProc")
  self.on_receive = on_receive
end

--- Closes; the object cannot be used again. @param slow 2G: wait until all is sent
function client:close(slow)
  check_task(self, "close")
  if self.message then
    sys.unsubscribe(self.message, self.on_message)
    self.message = nil
  end
  sys.timerStopAll(self.asyncSend)
  log.info("socket:sock_close", self.id)
  if carrier.close(self, slow) then await(self, "SOCKET_CLOSE") end
  set_connected(self, false)
  carrier.release(self)
  self.error = self.error or "CLOSED"
  open[self] = nil
end

--- How often and how long TCP tries again.
function socket.setTcpResendPara(count, longest)
  count, longest = count or 4, longest or 16
  ril.request("AT+TCPUSERPARAM=6," .. count .. ",7200," .. longest)
  if generation.is_2g then ril.setDataTimeout((count * longest + 60) * 1000) end
end

--- How often and how long names are asked for.
function socket.setDnsParsePara(count, factor)
  ril.request("AT*DNSTMOUT=" .. (count or 4) .. "," .. (factor or 4))
end

--- A function(name, token) of the script that publishes USER_DNS_PARSE_RESULT_<token>.
function socket.setDnsParser(parser)
  dns_parser = parser
end

--- 2G: what confirms sending, 0 the peer, 1 the module.
function socket.setSendMode(mode)
  if link.setSendMode then link.setSendMode(mode) end
end

--- Logs every field of every socket.
function socket.printStatus()
  for each in pairs(open) do
    for name, value in pairs(each) do
      log.info("socket.printStatus", "client", each.id, name, value)
    end
  end
end

if generation.is_2g then socket.setTcpResendPara(4, 16) end

return socket
