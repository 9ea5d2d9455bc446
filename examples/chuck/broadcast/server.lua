-- Title: chuck: framed packets, broadcast to all clients
-- 标题: chuck：自带长度的包，广播给所有客户端
-- Watch: Every packet of one client reaches all; the server counts them each second.
-- 看点: 一个客户端的每个包都发给所有客户端；服务器每秒统计一次。
-- Proxy: no
-- Run: server.lua, clients.lua

local chuck = require("chuck")
local helper, packet = chuck.socket_helper, chuck.packet

local engine = chuck.engine()
local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
assert(helper.listen(fd, "127.0.0.1", 8011) == 0, "port 8011 is taken")

local clients = {}
local count = 0

local function on_packet(connection, received)
  if not received then
    clients[connection] = nil
    return connection:Close()
  end
  count = count + 1
  -- Send takes its packet away; each client gets one that shares the bytes.
  for client in pairs(clients) do
    client:Send(packet.wpacket(received))
  end
end

local acceptor = chuck.acceptor(fd)
acceptor:Add2Engine(engine, function(accepted)
  local decoder = chuck.decoder.connection.rpacket(4096)
  local connection = chuck.connection(accepted, 4096, decoder)
  clients[connection] = true
  connection:Add2Engine(engine, on_packet)
end)

local timer = chuck.RegTimer(engine, 1000, function()
  print(count .. " packets in the last second")
  count = 0
end)

local signaler = chuck.signal.signaler(chuck.signal.SIGINT)
signaler:Register(engine, function()
  timer:UnRegister()
  engine:Stop()
end)
engine:Run()
