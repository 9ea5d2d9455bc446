-- select_clients.lua PORT: a hundred clients of select_server.lua; each bounces one packet.
local socket = require("socket")

local clients = {}
for index = 1, 100 do
  clients[index] = assert(socket.connect("127.0.0.1", tonumber(arg[1])))
  clients[index]:setoption("tcp-nodelay", true)
  clients[index]:send("\0\35" .. ("x"):rep(35))
end
while true do
  for _, ready in ipairs(socket.select(clients)) do
    local head = ready:receive(2)
    if not head then return end
    ready:send(head .. ready:receive((string.unpack(">I2", head))))
  end
end
