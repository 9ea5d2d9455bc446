-- A broker for MQTT 3.1.1 as small as a test needs it: QoS 0 and 1, exact topics, one client after
-- another. Port as argument.
local socket = require("socket")

local CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 8, 10, 12, 14

local function receive_packet(client)
  local first = client:receive(1)
  if not first then return nil end
  local size, factor = 0, 1
  repeat
    local byte = client:receive(1)
    if not byte then return nil end
    size = size + (byte:byte() & 127) * factor
    factor = factor * 128
  until byte:byte() < 128
  local body = ""
  if size > 0 then body = client:receive(size) end
  return first:byte() >> 4, first:byte() & 15, body
end

local function serve(client)
  local topics = {}
  while true do
    local kind, flags, body = receive_packet(client)
    if not kind or kind == DISCONNECT then
      return
    elseif kind == CONNECT then
      client:send("\x20\x02\0\0")
    elseif kind == PINGREQ then
      client:send("\xd0\0")
    elseif kind == SUBSCRIBE then
      local id, codes, at = body:sub(1, 2), "", 3
      while at <= #body do
        local topic, quality, next_at = string.unpack(">s2B", body, at)
        topics[topic], codes, at = true, codes .. string.char(quality), next_at
      end
      client:send("\x90" .. string.char(2 + #codes) .. id .. codes)
    elseif kind == UNSUBSCRIBE then
      client:send("\xb0\x02" .. body:sub(1, 2))
    elseif kind == PUBLISH then
      local topic, at = string.unpack(">s2", body)
      if (flags >> 1) & 3 == 1 then
        client:send("\x40\x02" .. body:sub(at, at + 1))
        at = at + 2
      end
      if topics[topic] then
        local packet = string.pack(">s2", topic) .. body:sub(at)
        client:send("\x30" .. string.char(#packet) .. packet)
      end
    end
  end
end

local listener = assert(socket.bind("127.0.0.1", tonumber(arg[1]), 8))
while true do
  local client = listener:accept()
  serve(client)
  client:close()
end
