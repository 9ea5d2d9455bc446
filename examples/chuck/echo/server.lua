-- Title: chuck: an echo server and its clients
-- 标题: chuck：回射服务器和客户端
-- Watch: Each client sends three lines; Stop is SIGINT, which the server catches to end itself.
-- 看点: 每个客户端发三行；“停止”就是 SIGINT，服务器捕获它并自行结束。
-- Proxy: no
-- Run: server.lua, client.lua, client.lua

local chuck = require("chuck")
local helper = chuck.socket_helper

local engine = chuck.engine()
local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
helper.addr_reuse(fd, 1)
assert(helper.listen(fd, "0.0.0.0", 8010) == 0, "port 8010 is taken")
print("Echo server on port 8010")

local acceptor = chuck.acceptor(fd)
acceptor:Add2Engine(engine, function(client)
  local connection = chuck.connection(client, 4096)
  connection:Add2Engine(engine, function(self, packet, errno)
    if packet then
      self:Send(packet)
    else
      print("a client has left", errno)
      self:Close()
    end
  end)
end)

local signaler = chuck.signal.signaler(chuck.signal.SIGINT)
signaler:Register(engine, function()
  print("SIGINT: closing")
  engine:Stop()
end)
engine:Run()
