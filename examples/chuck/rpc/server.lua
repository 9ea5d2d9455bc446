-- Title: chuck: calls that wait for their answer (RPC)
-- 标题: chuck：等待结果的远程调用（RPC）
-- Watch: The client's coroutines call as if the functions were here; errors come back, too.
-- 看点: 客户端的协程像调用本地函数一样调用；错误也会传回来。
-- Proxy: no
-- Run: server.lua, client.lua

local Distri = require("distri.distri")
local RPC = require("distri.rpc")
local Socket = require("distri.socket")
local chuck = require("chuck")

local config = RPC.Config(function(message)
  local packet = chuck.packet.wpacket()
  packet:WriteTab(message)
  return packet
end, function(packet)
  return packet:ReadTab()
end)

local server = RPC.Server(config)
server:RegService("add", function(a, b)
  return a + b
end)
server:RegService("divide", function(a, b)
  if b == 0 then error("division by zero") end
  return a // b, a % b
end)

local listener = Socket.stream.Listen("127.0.0.1", 8012, function(socket)
  socket:Ok(4096, Socket.stream.decoder.rpacket(4096), function(self, packet, errno)
    if packet then
      server:ProcessRPC(self, packet)
    else
      self:Close(errno)
    end
  end)
end)

assert(listener, "port 8012 is taken")
print("RPC server on 127.0.0.1:8012")
Distri.Signal(chuck.signal.SIGINT, Distri.Stop)
Distri.Run()
