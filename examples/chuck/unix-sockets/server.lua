-- Title: chuck: unix sockets
-- 标题: chuck：Unix 域套接字
-- Watch: Upstream promised them and never had them work; here the address is a path.
-- 看点: 原版承诺过却一直不能用；这里的地址是一个路径。
-- Proxy: no
-- Run: server.lua, client.lua

local chuck = require("chuck")
local socket, packet, buffer = chuck.socket, chuck.packet, chuck.buffer

local loop = chuck.event_loop.New()
local address = socket.addr(socket.AF_LOCAL, "/tmp/chuck-example.sock")

local acceptor = socket.stream.listen(loop, address, function(fd)
  local connection = socket.stream.socket(fd, 4096, packet.Decoder(4096))
  connection:Start(loop, function(data, why)
    if not data then
      print("the client has left: " .. why)
      connection:Close()
      return loop:Stop()
    end
    local question = packet.Reader(data):ReadTable()
    local answer = buffer.New()
    packet.Writer(answer):WriteTable({ sum = question.a + question.b })
    connection:Send(answer)
  end)
end)

assert(acceptor, "the path is taken")
print("Listening on /tmp/chuck-example.sock")
loop:WatchSignal(chuck.signal.SIGINT, function()
  loop:Stop()
end)
loop:Run()
acceptor:Close()
os.remove("/tmp/chuck-example.sock")
