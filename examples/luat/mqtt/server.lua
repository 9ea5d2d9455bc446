-- A broker small enough to read: one client, qos 0 and 1. What you type is published to the topic
-- that the client has subscribed.
-- Dialect: luasocket

local socket = require("socket")

local connect, connack, publish, puback, subscribe, suback = 1, 2, 3, 4, 8, 9
local pingreq, pingresp, disconnect = 12, 13, 14

local server = assert(socket.bind("127.0.0.1", 1883))
print("The broker is on 127.0.0.1:1883. Type on or off to publish it to the module's topic.")

local keyboard = {
  getfd = function()
    return 0
  end,
}
local client, topic

--- One packet. @return its kind, its flags, its content; or nil when the client is gone
local function read_packet()
  local first = client:receive(1)
  if not first then return nil end
  local length, factor = 0, 1
  repeat
    local digit = (client:receive(1) or "\0"):byte()
    length = length + digit % 128 * factor
    factor = factor * 128
  until digit < 128
  return first:byte() // 16, first:byte() % 16, length > 0 and client:receive(length) or ""
end

local function send_packet(kind, content)
  client:send(string.char(kind * 16, #content) .. content)
end

local answers = {
  [connect] = function()
    send_packet(connack, "\0\0")
    print("The module has connected.")
  end,
  [subscribe] = function(_, content)
    topic = (">s2"):unpack(content, 3)
    send_packet(suback, content:sub(1, 2) .. content:sub(-1))
    print("It subscribes " .. topic)
  end,
  [publish] = function(flags, content)
    local name, at = (">s2"):unpack(content)
    if flags // 2 % 4 == 1 then
      send_packet(puback, content:sub(at, at + 1))
      at = at + 2
    end
    print(name .. ": " .. content:sub(at))
  end,
  [pingreq] = function()
    send_packet(pingresp, "")
  end,
}

while true do
  for _, ready in ipairs((socket.select({ client or server, keyboard }))) do
    if ready == server then
      client = server:accept()
    elseif ready == keyboard then
      local line = io.read()
      if not line then
        keyboard = nil -- nobody types any more
      elseif client and topic then
        send_packet(publish, (">s2"):pack(topic) .. line)
      end
    else
      local kind, flags, content = read_packet()
      if answers[kind] then
        answers[kind](flags, content)
      elseif not kind or kind == disconnect then
        print("The module is gone.")
        client:close()
        client, topic = nil, nil
      end
    end
  end
end
