-- Gives back what it gets, on TCP and UDP, at the ports named as arguments.
local socket = require("socket")

local readers, listeners, datagrams = {}, {}, {}
for _, port in ipairs(arg) do
  local listener = assert(socket.bind("127.0.0.1", tonumber(port), 32))
  listener:settimeout(0)
  listeners[listener] = true
  readers[#readers + 1] = listener
  local datagram = assert(socket.udp())
  assert(datagram:setsockname("127.0.0.1", tonumber(port)))
  datagram:settimeout(0)
  datagrams[datagram] = true
  readers[#readers + 1] = datagram
end

local function forget(connection)
  connection:close()
  for index, reader in ipairs(readers) do
    if reader == connection then
      table.remove(readers, index)
      return
    end
  end
end

local function echo(connection)
  local data, why, partial = connection:receive(65536)
  data = data or partial
  if data and data ~= "" then
    connection:settimeout(60)
    connection:send(data)
    connection:settimeout(0)
  end
  if why == "closed" then forget(connection) end
end

while true do
  for _, ready in ipairs((socket.select(readers, nil))) do
    if listeners[ready] then
      local connection = ready:accept()
      if connection then
        connection:settimeout(0)
        readers[#readers + 1] = connection
      end
    elseif datagrams[ready] then
      local data, host, port = ready:receivefrom()
      if data then ready:sendto(data, host, port) end
    else
      echo(ready)
    end
  end
end
