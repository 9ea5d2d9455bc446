-- packet_clients.lua [PORT]: a hundred clients of packet_server.lua (8010); each bounces a packet.
local chuck = require("chuck")
local helper, packet = chuck.socket_helper, chuck.packet

local port = tonumber(arg[1]) or 8010
local engine = chuck.engine()
local held = {}

local function bounce(fd)
  local connection = chuck.connection(fd, 4096, chuck.decoder.connection.rpacket(4096))
  held[#held + 1] = connection
  connection:Add2Engine(engine, function(self, received)
    if not received then return self:Close() end
    self:Send(packet.wpacket(received))
  end)
  local first = packet.wpacket(512)
  first:WriteTab({ i = 1, j = 2, k = 3, l = 4, z = 5 })
  connection:Send(first)
end

-- The server may come up after us.
held.timer = chuck.RegTimer(engine, 50, function()
  local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
  if helper.connect(fd, "127.0.0.1", port) ~= 0 then return helper.close(fd) end
  bounce(fd)
  for _ = 2, 100 do
    fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
    if helper.connect(fd, "127.0.0.1", port) == 0 then bounce(fd) end
  end
  return -1
end)
engine:Run()
