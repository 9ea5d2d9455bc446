-- An MQTT 3.1.1 client for a task: every call waits for its acknowledgement.

local log = require("log")
local socket = require("socket")
require("utils")

local mqtt = {}
_G.mqtt = mqtt

local command_ms = 60000 -- how long an acknowledgement may take

local connect, connack, publish, puback, pubrec, pubrel, pubcomp = 1, 2, 3, 4, 5, 6, 7
local subscribe, suback, unsubscribe, unsuback = 8, 9, 10, 11
local pingreq, pingresp, disconnect = 12, 13, 14

-- Packets out. -----------------------------------------------------------------------------------

--- A packet: kind and flags in one byte, the length in 7 bits each, the content.
local function make_packet(kind, flags, content)
  local length, digits = #content, {}
  repeat
    local digit = length % 128
    length = length // 128
    digits[#digits + 1] = string.char(length > 0 and digit + 128 or digit)
  until length == 0
  return string.char(kind * 16 + flags) .. table.concat(digits) .. content
end

local function text_field(text)
  return (">s2"):pack(text)
end

local function make_connect(self)
  local will = self.will
  local flags = self.cleanSession * 2
  local fields = { text_field(self.clientId) }
  if will then
    flags = flags + 4 + (will.qos or 0) * 8 + (will.retain or 0) * 32
    fields[#fields + 1] = text_field(will.topic) .. text_field(will.payload)
  end
  if self.username ~= "" then
    flags = flags + 128
    fields[#fields + 1] = text_field(self.username)
  end
  if self.password ~= "" then
    flags = flags + 64
    fields[#fields + 1] = text_field(self.password)
  end
  local name, level = "MQTT", 4
  if self.version == "3.1" then
    name, level = "MQIsdp", 3
  end
  local head = (">s2BBI2"):pack(name, level, flags, self.keepAlive)
  return make_packet(connect, 0, head .. table.concat(fields))
end

local function make_publish(topic, payload, qos, retain, id)
  local head = text_field(topic) .. (qos > 0 and (">I2"):pack(id) or "")
  return make_packet(publish, qos * 2 + retain, head .. payload)
end

local function make_acknowledgement(kind, id)
  return make_packet(kind, kind == pubrel and 2 or 0, (">I2"):pack(id))
end

-- Packets in. ------------------------------------------------------------------------------------

--- The length field at 2. @return the length and where the content begins, or nil: more is needed
local function read_length(bytes)
  local length, factor = 0, 1
  for position = 2, 5 do
    local digit = bytes:byte(position)
    if not digit then return nil end
    length = length + digit % 128 * factor
    factor = factor * 128
    if digit < 128 then return length, position + 1 end
  end
  return math.huge, 6 -- no packet can be so long; nothing that follows is understood
end

--- The first packet of what has come. @return the packet and what follows it, or nil
local function read_packet(bytes)
  if #bytes < 2 then return nil end
  log.debug("mqtt.unpack", #bytes, bytes:sub(1, 50):toHex())
  local length, from = read_length(bytes)
  if not length or #bytes < from + length - 1 then return nil end
  local first = bytes:byte()
  local packet = {
    id = first // 16,
    dup = first // 8 % 2,
    qos = first // 2 % 4,
    retain = first % 2,
  }
  local content, rest = bytes:sub(from, from + length - 1), bytes:sub(from + length)
  if packet.id == connack and #content >= 2 then
    packet.ackFlag, packet.rc = content:byte(1, 2)
  elseif packet.id == publish and #content >= 2 then
    local topic_length = (">I2"):unpack(content)
    packet.topic = content:sub(3, 2 + topic_length)
    content = content:sub(3 + topic_length)
    if packet.qos > 0 and #content >= 2 then
      packet.packetId = (">I2"):unpack(content)
      content = content:sub(3)
    end
    packet.payload = content
  else
    packet.packetId = #content >= 2 and (">I2"):unpack(content) or 0
    packet.grantedQos = packet.id == suback and content:sub(3) or nil
  end
  return packet, rest
end

-- The client. ------------------------------------------------------------------------------------

local client = {}
client.__index = client

--- A client.
-- @param will { qos, retain, topic, payload }, sent by the broker when the client is lost
-- @param version "3.1.1" if nil, or "3.1"
function mqtt.client(id, keep_alive, username, password, clean_session, will, version)
  return setmetatable({
    clientId = id,
    keepAlive = keep_alive or 300,
    username = username or "",
    password = password or "",
    cleanSession = clean_session or 1,
    will = will,
    version = version or "3.1.1",
    commandTimeout = command_ms,
    cache = {}, -- packets that nobody has asked for yet
    inbuf = "", -- bytes that are no whole packet yet
    connected = false,
    lastOTime = 0, -- when something was sent last
    last_id = 1,
  }, client)
end

local function next_id(self)
  self.last_id = self.last_id == 65535 and 1 or self.last_id + 1
  return self.last_id
end

--- Sends a packet. @return whether it was sent
function client:write(bytes)
  log.debug("mqtt.client:write", bytes:sub(1, 50):toHex())
  local ok = self.io:send(bytes)
  if ok then self.lastOTime = os.time() end
  return ok
end

--- How long until a ping is due, in ms; math.huge if never.
local function until_ping(self)
  if self.keepAlive == 0 then return math.huge end
  return (self.keepAlive - (os.time() - self.lastOTime)) * 1000
end

--- Sends a ping if nothing else was sent for too long. @return false if that failed
function client:checkKeepAlive()
  if until_ping(self) > 0 then return true end
  if self:write(make_packet(pingreq, 0, "")) then return true end
  log.info("mqtt.client:", "pingreq send fail")
  return false
end

--- The next packet. @return as socket.recv does, with a packet instead of bytes
function client:read(ms, message, ignores_message)
  if not self:checkKeepAlive() then
    log.warn("mqtt.read checkKeepAlive fail")
    return false
  end
  while true do
    local packet, rest = read_packet(self.inbuf)
    if packet then
      self.inbuf = rest
      if packet.id ~= pingresp then return true, packet end
    else
      local patience = math.max(math.min(ms, until_ping(self)), 5)
      local ok, data, parameters = self.io:recv(patience, message, ignores_message)
      if ok then
        self.inbuf = self.inbuf .. data
      elseif data ~= "timeout" then
        return ok, data, parameters
      elseif not self:checkKeepAlive() then
        return false
      elseif ms <= patience then
        return false, "timeout"
      else
        ms = ms - patience
      end
    end
  end
end

--- Acknowledges what wants it. @return false if that could not be sent
local function acknowledge(self, packet)
  local kind
  if packet.id == publish and packet.qos > 0 then
    kind = packet.qos == 1 and puback or pubrec
  elseif packet.id == pubrec then
    kind = pubrel
  elseif packet.id == pubrel then
    kind = pubcomp
  end
  if not kind or self:write(make_acknowledgement(kind, packet.packetId)) then return true end
  if packet.id == publish then
    log.info("mqtt.client:waitfor", "send publish ack failed", packet.qos)
  else
    local name = packet.id == pubrec and "PUBREC" or "PUBCOMP"
    log.info("mqtt.client:waitfor", "send ack fail", name)
  end
  return false
end

--- Waits for a packet of one kind; others are acknowledged and kept.
function client:waitfor(kind, ms, message, ignores_message)
  for index, packet in ipairs(self.cache) do
    if packet.id == kind then return true, table.remove(self.cache, index) end
  end
  while true do
    local ok, packet, parameters = self:read(ms, message, ignores_message)
    if not ok then
      return false, packet, parameters
    elseif not acknowledge(self, packet) then
      return false
    elseif packet.id == kind then
      return true, packet
    elseif packet.id ~= pubrec and packet.id ~= pubrel then
      table.insert(self.cache, packet)
    end
  end
end

--- Connects to a broker. @param transport "tcp" or "tcp_ssl"; seconds as in socket's connect
-- @return true; or false, and the broker's code if it refused
function client:connect(host, port, transport, cert, seconds)
  if self.connected then
    log.info("mqtt.client:connect", "has connected")
    return false
  end
  if self.io then
    self.io:close()
    self.io = nil
  end
  if transport and transport ~= "tcp" and transport ~= "tcp_ssl" then
    log.info("mqtt.client:connect", "invalid transport", transport)
    return false
  end
  self.io = socket.tcp(transport == "tcp_ssl" or type(cert) == "table", cert)
  if not self.io or not self.io:connect(host, port, seconds) then
    log.info("mqtt.client:connect", "connect host fail")
    return false
  end
  if not self:write(make_connect(self)) then
    log.info("mqtt.client:connect", "send fail")
    return false
  end
  local ok, packet = self:waitfor(connack, self.commandTimeout, nil, true)
  if not ok or packet.rc ~= 0 then
    log.info("mqtt.client:connect", "connack error", ok and packet.rc or -1)
    return false, ok and packet.rc or nil
  end
  self.connected = true
  return true
end

local function is_connected(self, name)
  if not self.connected then log.info("mqtt.client:" .. name, "not connected") end
  return self.connected
end

--- Sends a request with an id and waits for its answer. @return the answer, or nil
local function ask(self, name, packet, kind)
  if not self:write(packet) then
    log.info("mqtt.client:" .. name, "send failed")
    return nil
  end
  local ok, answer = self:waitfor(kind, self.commandTimeout, nil, true)
  if not ok then
    log.info("mqtt.client:" .. name, "wait ack failed")
    return nil
  end
  return answer
end

--- Subscribes. @param topic one topic, or a table of topic = qos
function client:subscribe(topic, qos)
  if not is_connected(self, "subscribe") then return false end
  local topics = type(topic) == "string" and { [topic] = qos or 0 } or topic
  local content = { (">I2"):pack(next_id(self)) }
  for name, quality in pairs(topics) do
    content[#content + 1] = text_field(name) .. string.char(quality)
  end
  local packet = make_packet(subscribe, 2, table.concat(content))
  local answer = ask(self, "subscribe", packet, suback)
  if not answer then return false end
  local granted = answer.grantedQos or ""
  if granted == "" or granted:find("\x80", 1, true) then
    log.info("mqtt.client:subscribe", "suback grant qos error", granted)
    return false
  end
  return true
end

--- Ends subscriptions. @param topic one topic, or a list
function client:unsubscribe(topic)
  if not is_connected(self, "unsubscribe") then return false end
  local content = { (">I2"):pack(next_id(self)) }
  for _, name in pairs(type(topic) == "string" and { topic } or topic) do
    content[#content + 1] = text_field(name)
  end
  local packet = make_packet(unsubscribe, 2, table.concat(content))
  return ask(self, "unsubscribe", packet, unsuback) ~= nil
end

--- Publishes; with qos 1 or 2, waits until the broker has it.
function client:publish(topic, payload, qos, retain)
  if not is_connected(self, "publish") then return false end
  qos, retain = qos or 0, retain or 0
  local id = qos > 0 and next_id(self) or 0
  if not self:write(make_publish(topic, payload, qos, retain, id)) then
    log.info("mqtt.client:publish", "socket send failed")
    return false
  end
  if qos == 0 then return true end
  if not self:waitfor(qos == 1 and puback or pubcomp, self.commandTimeout, nil, true) then
    log.warn("mqtt.client:publish", "wait ack timeout")
    return false
  end
  return true
end

--- Waits for a publication, or for a sys message.
-- @return true and { topic, payload, qos, ... }; or false as socket's recv
function client:receive(ms, message)
  if not is_connected(self, "receive") then return false end
  return self:waitfor(publish, ms, message)
end

--- Says good-bye and closes.
function client:disconnect()
  if self.io then
    if self.connected then self:write(make_packet(disconnect, 0, "")) end
    self.io:close()
    self.io = nil
  end
  self.cache = {}
  self.inbuf = ""
  self.connected = false
end

return mqtt
